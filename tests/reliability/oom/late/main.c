/* The library is loaded late, as interpreters do it, and first called by a thread for which nobody has any memory, not
 * even the dynamic linker, which would make thread-local storage then: late LIBRARY. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <bytestore.h>

#include "../../../c/check.h"

/* glibc's own. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* Whose requests fail; 0: nobody's. */
static atomic_ulong poor_thread;
static atomic_ulong refused;

/* Where the dynamic linker's code is, and whether only its requests fail. */
static uintptr_t linker_start, linker_end;
static bool only_linker;

static int find_linker(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    if (strstr(object->dlpi_name, "/ld-linux") == NULL) {
        return 0;
    }
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0) {
            linker_start = object->dlpi_addr + part->p_vaddr;
            linker_end = linker_start + part->p_memsz;
        }
    }
    return 1;
}

static bool is_refused(const void *caller) {
    const bool is_linker = (uintptr_t)caller >= linker_start && (uintptr_t)caller < linker_end;
    const bool poor = atomic_load(&poor_thread) == (unsigned long)pthread_self() && (is_linker || !only_linker);
    if (poor) {
        atomic_fetch_add(&refused, 1);
        errno = ENOMEM;
    }
    return poor;
}

/* Before those of the C library, for the whole process. */
#define IS_REFUSED() is_refused(__builtin_return_address(0))

void *malloc(size_t size) { return IS_REFUSED() ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return IS_REFUSED() ? NULL : __libc_calloc(count, size); }

void *realloc(void *block, size_t size) { return IS_REFUSED() ? NULL : __libc_realloc(block, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = IS_REFUSED() ? NULL : __libc_memalign(alignment, size);
    return *block == NULL ? ENOMEM : 0;
}

static void *library;

/* A function of the library that was loaded. */
#define FOUND(function) ((__typeof__(&(function)))(uintptr_t)dlsym(library, #function))

static bytestore_store *store;

static void check_status(const char *call, bytestore_status status) {
    if (!CHECK(status == BYTESTORE_OK || status == BYTESTORE_ERR_OUT_OF_MEMORY)) {
        printf("  %s: %d\n", call, (int)status);
    }
}

static bytestore_computation *computation;

/* Each call in a thread of its own. */
static void *compute(void *unused) {
    const bytestore_slice key = {(const uint8_t *)"key", 3};
    __typeof__(&bytestore_compute) call = FOUND(bytestore_compute);
    atomic_store(&poor_thread, (unsigned long)pthread_self());
    const bytestore_status status = call(store, 1, &key, NULL, 0, &computation);
    atomic_store(&poor_thread, 0);
    check_status("compute", status);
    CHECK_EQUAL(FOUND(bytestore_computation_close)(computation), BYTESTORE_OK);
    return unused;
}

static void *next(void *unused) {
    const bytestore_slice key = {(const uint8_t *)"key", 3};
    bytestore_buffer missing;
    CHECK_EQUAL(FOUND(bytestore_compute)(store, 1, &key, NULL, 0, &computation), BYTESTORE_OK);
    __typeof__(&bytestore_computation_next) call = FOUND(bytestore_computation_next);
    atomic_store(&poor_thread, (unsigned long)pthread_self());
    const bytestore_status status = call(computation, &missing);
    atomic_store(&poor_thread, 0);
    check_status("computation_next", status);
    CHECK_EQUAL(FOUND(bytestore_free_buffer)(&missing), BYTESTORE_OK);
    CHECK_EQUAL(FOUND(bytestore_computation_close)(computation), BYTESTORE_OK);
    return unused;
}

static void *set_and_get(void *unused) {
    static const uint8_t bytes[6000] = {0};
    const bytestore_slice key = {(const uint8_t *)"another", 7}, value = {bytes, sizeof bytes};
    bytestore_buffer answer;
    bytestore_cursor *cursor = NULL;
    bytestore_store *view = NULL, *other = NULL, *same = NULL;
    size_t removed = 0;
    __typeof__(&bytestore_mset) set = FOUND(bytestore_mset);
    __typeof__(&bytestore_mget) get = FOUND(bytestore_mget);
    __typeof__(&bytestore_mdelete) delete = FOUND(bytestore_mdelete);
    __typeof__(&bytestore_keys) keys = FOUND(bytestore_keys);
    __typeof__(&bytestore_namespace) namespace = FOUND(bytestore_namespace);
    __typeof__(&bytestore_open) open = FOUND(bytestore_open);
    atomic_store(&poor_thread, (unsigned long)pthread_self());
    const bytestore_status statuses[] = {
        set(store, 1, &key, NULL, &value, NULL),   get(store, 1, &key, NULL, &answer),
        delete(store, 1, &key, NULL, &removed),    keys(store, key.ptr, key.len, &cursor),
        namespace(store, key.ptr, key.len, &view), open("memory:?max_entries=5", &other, NULL),
        open("memory:late", &same, NULL),
    };
    atomic_store(&poor_thread, 0);
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        check_status("another call", statuses[i]);
    }
    if (!only_linker) {
        CHECK(cursor == NULL && view == NULL && other == NULL && same == NULL);
    }
    CHECK_EQUAL(FOUND(bytestore_free_buffer)(&answer), BYTESTORE_OK);
    CHECK_EQUAL(FOUND(bytestore_cursor_close)(cursor), BYTESTORE_OK);
    CHECK_EQUAL(FOUND(bytestore_close)(view), BYTESTORE_OK);
    CHECK(FOUND(bytestore_close)(other) == BYTESTORE_OK && FOUND(bytestore_close)(same) == BYTESTORE_OK);
    return unused;
}

/* First without any memory, then all but the linker have some: it must not be asked, as it ends the process. */
static void in_a_new_thread(void *(*body)(void *)) {
    for (int turn = 0; turn < 2; turn++) {
        pthread_t thread;
        const unsigned long before = atomic_load(&refused);
        only_linker = turn == 1;
        CHECK_EQUAL(pthread_create(&thread, NULL, body, NULL), 0);
        CHECK_EQUAL(pthread_join(thread, NULL), 0);
        CHECK((atomic_load(&refused) > before) == !only_linker);
    }
}

static void computing_in_a_new_thread(void) { in_a_new_thread(compute); }

static void claiming_in_a_new_thread(void) { in_a_new_thread(next); }

static void all_else_in_a_new_thread(void) { in_a_new_thread(set_and_get); }

int main(int argc, char **argv) {
    CHECK(dl_iterate_phdr(find_linker, NULL) == 1);
    library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (library == NULL || (store = FOUND(bytestore_new)()) == NULL) {
        return EXIT_FAILURE;
    }
    const test tests[] = {
        {"all else in a thread without memory", all_else_in_a_new_thread},
        {"computing in a thread without memory", computing_in_a_new_thread},
        {"claiming in a thread without memory", claiming_in_a_new_thread},
    };
    const int code = run_tests("late", tests, COUNT_OF(tests));
    return FOUND(bytestore_close)(store) == BYTESTORE_OK ? code : EXIT_FAILURE;
}
