// The library's functions as cgo takes them best. Included by native.go; knows nothing of what they do.

#pragma once

#include <errno.h>
#include <stdlib.h>

#include <bytestore.h>

// These wrappers give out-parameters back by value, so that Go need not allocate a place for
// them, and take bytes as bytes, so that cgo need not search the memory around them for pointers.

typedef struct {
    bytestore_status status;
    bytestore_store *store;
    bytestore_slice bad_part;
    int reason; // of BYTESTORE_ERR_IO_FAILURE: errno
} opened;
typedef struct {
    bytestore_status status;
    int reason; // as in opened
} filed;
typedef struct {
    bytestore_status status;
    bytestore_cursor *cursor;
} scan;
typedef struct {
    bytestore_status status;
    uint64_t position;
} place;
typedef struct {
    bytestore_status status;
    size_t n;
} count;
typedef struct {
    bytestore_status status;
    bytestore_buffer buffer;
} answer;
typedef struct {
    bytestore_status status;
    bytestore_counters counters;
} counted;
typedef struct {
    bytestore_status status;
    uint64_t done, total;
} come;
typedef struct {
    bytestore_status status;
    uint64_t bits;
} can;

// Read before the thread does anything else; otherwise 0.
static inline int reason(bytestore_status status) { return status == BYTESTORE_ERR_IO_FAILURE ? errno : 0; }

static inline opened open_store(const char *url) {
    opened o;
    o.status = bytestore_open(url, &o.store, &o.bad_part);
    o.reason = reason(o.status);
    return o;
}

static inline opened open_namespace(bytestore_store *store, const uint8_t *prefix, size_t len) {
    opened o = {0};
    o.status = bytestore_namespace(store, prefix, len, &o.store);
    return o;
}

static inline scan open_cursor(bytestore_store *store, const uint8_t *prefix, size_t len, uint64_t position) {
    scan s;
    s.status = bytestore_keys_from(store, prefix, len, position, &s.cursor);
    return s;
}

static inline place cursor_position(bytestore_cursor *cursor) {
    place p;
    p.status = bytestore_cursor_position(cursor, &p.position);
    return p;
}

static inline count store_len(bytestore_store *store) {
    count c;
    c.status = bytestore_len(store, &c.n);
    return c;
}

static inline bytestore_status mset(bytestore_store *store, size_t n, const uint8_t *keys, const uint32_t *key_lens,
                                    const uint8_t *values, const uint32_t *value_lens) {
    return bytestore_mset(store, n, keys, key_lens, values, value_lens);
}

static inline bytestore_status mset_ttl(bytestore_store *store, size_t n, const uint8_t *keys, const uint32_t *key_lens,
                                        const uint8_t *values, const uint32_t *value_lens, uint64_t ttl_ms) {
    return bytestore_mset_ttl(store, n, keys, key_lens, values, value_lens, ttl_ms);
}

// The bytes that all values have together; lens gets the length of each.
static inline count mget_into(bytestore_store *store, size_t n, const uint8_t *keys, const uint32_t *key_lens,
                              uint8_t *bytes, size_t capacity, size_t *lens) {
    bytestore_area area = {bytes, capacity, lens, 0};
    count c;
    c.status = bytestore_mget_into(store, n, keys, key_lens, &area);
    c.n = area.len;
    return c;
}

// Frees the old buffer in the same crossing.
static inline answer mget_view(bytestore_buffer old, bytestore_store *store, size_t n, const uint8_t *keys,
                               const uint32_t *lens) {
    answer a;
    bytestore_free_buffer(&old);
    a.status = bytestore_mget(store, n, keys, lens, &a.buffer);
    return a;
}

static inline count mdelete(bytestore_store *store, size_t n, const uint8_t *keys, const uint32_t *lens) {
    count c;
    c.status = bytestore_mdelete(store, n, keys, lens, &c.n);
    return c;
}

static inline bytestore_status set_one(bytestore_store *store, const uint8_t *key, uint32_t key_len,
                                       const uint8_t *value, uint32_t value_len) {
    return bytestore_mset(store, 1, key, &key_len, value, &value_len);
}

static inline bytestore_status set_one_ttl(bytestore_store *store, const uint8_t *key, uint32_t key_len,
                                           const uint8_t *value, uint32_t value_len, uint64_t ttl_ms) {
    return bytestore_mset_ttl(store, 1, key, &key_len, value, &value_len, ttl_ms);
}

// The value's length, or BYTESTORE_MISSING.
static inline count get_one(bytestore_store *store, const uint8_t *key, uint32_t len, uint8_t *bytes, size_t capacity) {
    count c = {0, 0};
    bytestore_area area = {bytes, capacity, &c.n, 0};
    c.status = bytestore_mget_into(store, 1, key, &len, &area);
    return c;
}

static inline count delete_one(bytestore_store *store, const uint8_t *key, uint32_t len) {
    return mdelete(store, 1, key, &len);
}

static inline count count_prefix(bytestore_store *store, const uint8_t *prefix, size_t len) {
    count c;
    c.status = bytestore_count(store, prefix, len, &c.n);
    return c;
}

static inline count delete_prefix(bytestore_store *store, const uint8_t *prefix, size_t len) {
    count c;
    c.status = bytestore_delete_prefix(store, prefix, len, &c.n);
    return c;
}

static inline answer next_page(bytestore_buffer old, bytestore_cursor *cursor, size_t max_keys) {
    answer a;
    bytestore_free_buffer(&old);
    a.status = bytestore_cursor_next(cursor, max_keys, &a.buffer);
    return a;
}

static inline counted read_counters(bytestore_store *store) {
    counted c = {0};
    c.counters.size = sizeof c.counters;
    c.status = bytestore_read_counters(store, &c.counters);
    return c;
}

static inline filed save_file(bytestore_store *store, const char *path, int32_t level) {
    filed f;
    f.status = bytestore_save(store, path, level);
    f.reason = reason(f.status);
    return f;
}

static inline filed load_file(bytestore_store *store, const char *path) {
    filed f;
    f.status = bytestore_load(store, path);
    f.reason = reason(f.status);
    return f;
}

static inline answer save_buffer(bytestore_store *store, int32_t level) {
    answer a;
    a.status = bytestore_save_buffer(store, level, &a.buffer);
    return a;
}

static inline come read_progress(bytestore_store *store) {
    come c;
    c.status = bytestore_progress(store, &c.done, &c.total);
    return c;
}

static inline can read_capabilities(bytestore_store *store) {
    can c;
    c.status = bytestore_capabilities(store, &c.bits);
    return c;
}

static inline answer remote_message(bytestore_store *store) {
    answer a;
    a.status = bytestore_remote_message(store, &a.buffer);
    return a;
}

static inline void free_buffer(bytestore_buffer buffer) { bytestore_free_buffer(&buffer); }
