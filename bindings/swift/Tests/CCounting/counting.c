/* Stands between the program and the C library's allocator, and between the binding and the library. */
#define _GNU_SOURCE
#include "counting.h"

#include <bytestore.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

/* A static TLS block: reading it allocates nothing. */
static __thread counting_counts counts __attribute__((tls_model("initial-exec")));
static __thread int inside __attribute__((tls_model("initial-exec")));

counting_counts counting_now(void) { return counts; }

static void count_allocation(void) { ++*(inside ? &counts.library_allocations : &counts.allocations); }

/* --- The allocator: glibc's own names for what it does. Under a sanitizer, which has its own, nothing is counted. ---
 */

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size) {
    count_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    count_allocation();
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count_allocation();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count_allocation();
    *memory = __libc_memalign(alignment, size);
    return *memory == NULL ? ENOMEM : 0;
}

#endif

/* --- The library --- */

/* Calls the library's own function of this name. */
#define CROSS(function, ...)                                                                                           \
    static __typeof__(function) *library = NULL;                                                                       \
    if (library == NULL) {                                                                                             \
        library = (__typeof__(function) *)dlsym(RTLD_NEXT, #function);                                                 \
    }                                                                                                                  \
    ++counts.crossings;                                                                                                \
    ++inside;                                                                                                          \
    const bytestore_status status = library(__VA_ARGS__);                                                              \
    --inside;                                                                                                          \
    return status

bytestore_status bytestore_mset(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                const void *values, const uint32_t *value_lens) {
    CROSS(bytestore_mset, store, n, keys, key_lens, values, value_lens);
}

bytestore_status bytestore_mset_ttl(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                    const void *values, const uint32_t *value_lens, uint64_t ttl_ms) {
    CROSS(bytestore_mset_ttl, store, n, keys, key_lens, values, value_lens, ttl_ms);
}

bytestore_status bytestore_mget(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                bytestore_buffer *out) {
    CROSS(bytestore_mget, store, n, keys, key_lens, out);
}

bytestore_status bytestore_mdelete(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                   size_t *removed) {
    CROSS(bytestore_mdelete, store, n, keys, key_lens, removed);
}

bytestore_status bytestore_len(bytestore_store *store, size_t *len) { CROSS(bytestore_len, store, len); }

bytestore_status bytestore_count(bytestore_store *store, const uint8_t *prefix, size_t prefix_len, size_t *count) {
    CROSS(bytestore_count, store, prefix, prefix_len, count);
}

bytestore_status bytestore_delete_prefix(bytestore_store *store, const uint8_t *prefix, size_t prefix_len,
                                         size_t *removed) {
    CROSS(bytestore_delete_prefix, store, prefix, prefix_len, removed);
}

bytestore_status bytestore_namespace(bytestore_store *store, const uint8_t *prefix, size_t prefix_len,
                                     bytestore_store **view) {
    CROSS(bytestore_namespace, store, prefix, prefix_len, view);
}

bytestore_status bytestore_keys_from(bytestore_store *store, const uint8_t *prefix, size_t prefix_len,
                                     uint64_t position, bytestore_cursor **cursor) {
    CROSS(bytestore_keys_from, store, prefix, prefix_len, position, cursor);
}

bytestore_status bytestore_cursor_position(bytestore_cursor *cursor, uint64_t *position) {
    CROSS(bytestore_cursor_position, cursor, position);
}

bytestore_status bytestore_cursor_close(bytestore_cursor *cursor) { CROSS(bytestore_cursor_close, cursor); }

bytestore_status bytestore_read_counters(bytestore_store *store, bytestore_counters *counters) {
    CROSS(bytestore_read_counters, store, counters);
}

bytestore_status bytestore_advance_clock(bytestore_store *store, uint64_t milliseconds) {
    CROSS(bytestore_advance_clock, store, milliseconds);
}

bytestore_status bytestore_cursor_next(bytestore_cursor *cursor, size_t max_keys, bytestore_buffer *out) {
    CROSS(bytestore_cursor_next, cursor, max_keys, out);
}

bytestore_status bytestore_free_buffer(bytestore_buffer *buffer) { CROSS(bytestore_free_buffer, buffer); }
