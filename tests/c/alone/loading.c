/* The library as a guest that a program loads at run time: loading LIBRARY [CYCLES]. Alone, because it must not be
 * linked. */
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#include <bytestore.h>

#include "../check.h"

static const char *library;
static size_t cycles = 100;

/* POSIX has dlsym give functions as data pointers; ISO C cannot convert them. */
#define LOAD(handle, function)                                                                                         \
    do {                                                                                                               \
        void *address_ = dlsym((handle), #function);                                                                   \
        CHECK(address_ != NULL);                                                                                       \
        memcpy(&function##_, &address_, sizeof address_);                                                              \
    } while (0)

static size_t entries_of(const char *directory) {
    size_t count = 0;
    DIR *entries = opendir(directory);
    if (CHECK(entries != NULL)) {
        while (readdir(entries) != NULL) {
            count++;
        }
        closedir(entries);
    }
    return count;
}

/* Code that other threads and fork handlers may still run must stay where it is. */
static void it_stays_loaded(void) {
    bytestore_store *(*bytestore_new_)(void) = NULL;
    bytestore_status (*bytestore_len_)(bytestore_store *, size_t *) = NULL;
    bytestore_status (*bytestore_close_)(bytestore_store *) = NULL;
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!CHECK(handle != NULL)) {
        printf("  %s\n", dlerror());
        return;
    }
    LOAD(handle, bytestore_new);
    LOAD(handle, bytestore_len);
    LOAD(handle, bytestore_close);
    bytestore_store *store = bytestore_new_();
    CHECK_EQUAL(dlclose(handle), 0);
    size_t len = 1;
    CHECK_EQUAL(bytestore_len_(store, &len), BYTESTORE_OK);
    CHECK_EQUAL(len, 0);
    for (int round = 0; round < 100; round++) {
        void *again = dlopen(library, RTLD_NOW | RTLD_LOCAL);
        CHECK(again != NULL);
        CHECK(dlsym(again, "bytestore_new") != NULL);
        CHECK_EQUAL(dlclose(again), 0);
    }
    CHECK_EQUAL(bytestore_close_(store), BYTESTORE_OK);
}

static void it_starts_no_threads_and_opens_no_files(void) {
    bytestore_store *(*bytestore_new_)(void) = NULL;
    bytestore_status (*bytestore_close_)(bytestore_store *) = NULL;
    bytestore_status (*bytestore_mset_)(bytestore_store *, size_t, const void *, const uint32_t *, const void *,
                                        const uint32_t *) = NULL;
    const size_t threads = entries_of("/proc/self/task"), files = entries_of("/proc/self/fd");
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!CHECK(handle != NULL)) {
        return;
    }
    LOAD(handle, bytestore_new);
    LOAD(handle, bytestore_mset);
    LOAD(handle, bytestore_close);
    bytestore_store *store = bytestore_new_();
    CHECK_EQUAL(bytestore_mset_(store, 1, "key", &(uint32_t){3}, "value", &(uint32_t){5}), BYTESTORE_OK);
    CHECK_EQUAL(entries_of("/proc/self/task"), threads);
    CHECK_EQUAL(entries_of("/proc/self/fd"), files);
    CHECK_EQUAL(bytestore_close_(store), BYTESTORE_OK);
    CHECK_EQUAL(dlclose(handle), 0);
}

/* A thread that comes, uses the library and goes. */
static void *load_and_use(void *unused) {
    (void)unused;
    bytestore_store *(*bytestore_new_)(void) = NULL;
    bytestore_status (*bytestore_close_)(bytestore_store *) = NULL;
    bytestore_status (*bytestore_mset_)(bytestore_store *, size_t, const void *, const uint32_t *, const void *,
                                        const uint32_t *) = NULL;
    bytestore_status (*bytestore_mget_)(bytestore_store *, size_t, const void *, const uint32_t *, bytestore_buffer *) =
        NULL;
    bytestore_status (*bytestore_free_buffer_)(bytestore_buffer *) = NULL;
    bytestore_status (*bytestore_compute_)(bytestore_store *, size_t, const void *, const uint32_t *, uint64_t,
                                           bytestore_computation **) = NULL;
    bytestore_status (*bytestore_computation_next_)(bytestore_computation *, bytestore_buffer *) = NULL;
    bytestore_status (*bytestore_computation_close_)(bytestore_computation *) = NULL;
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!CHECK(handle != NULL)) {
        return NULL;
    }
    LOAD(handle, bytestore_new);
    LOAD(handle, bytestore_mset);
    LOAD(handle, bytestore_mget);
    LOAD(handle, bytestore_free_buffer);
    LOAD(handle, bytestore_compute);
    LOAD(handle, bytestore_computation_next);
    LOAD(handle, bytestore_computation_close);
    LOAD(handle, bytestore_close);
    bytestore_buffer answers = {0};
    bytestore_computation *computation = NULL;
    bytestore_store *store = bytestore_new_();
    CHECK_EQUAL(bytestore_mset_(store, 1, "key", &(uint32_t){3}, "value", &(uint32_t){5}), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_mget_(store, 1, "key", &(uint32_t){3}, &answers), BYTESTORE_OK);
    CHECK_EQUAL(answers.data_len, 5);
    CHECK_EQUAL(bytestore_free_buffer_(&answers), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_compute_(store, 1, "none", &(uint32_t){4}, 0, &computation), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_computation_next_(computation, &answers), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_free_buffer_(&answers), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_computation_close_(computation), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_close_(store), BYTESTORE_OK);
    CHECK_EQUAL(dlclose(handle), 0);
    return NULL;
}

/* Memory that the process has, in KiB. */
static size_t resident(void) {
    size_t all = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%zu %zu", &all, &pages) == 2);
    fclose(file);
    return pages * 4;
}

static void threads_come_and_go(void) {
    enum { MORE = 256 };
    size_t before = 0;
    for (size_t cycle = 0; cycle < cycles; cycle++) {
        pthread_t thread;
        before = cycle == cycles / 10 ? resident() : before;
        CHECK_EQUAL(pthread_create(&thread, NULL, load_and_use, NULL), 0);
        CHECK_EQUAL(pthread_join(thread, NULL), 0);
    }
    const size_t after = resident();
    CHECK(after <= before + MORE);
    printf("loading: %zu threads loaded the library, used it and let it go: %zu KiB after %zu, %zu KiB at the end\n",
           cycles, before, cycles / 10, after);
}

int main(int argc, char **argv) {
    const test tests[] = {
        {"it starts no threads and opens no files", it_starts_no_threads_and_opens_no_files},
        {"it stays loaded", it_stays_loaded},
        {"threads come and go", threads_come_and_go},
    };
    if (argc < 2 || argc > 3 || (argc == 3 && (cycles = strtoul(argv[2], NULL, 10)) == 0)) {
        fputs("usage: loading LIBRARY [CYCLES]\n", stderr);
        return EXIT_FAILURE;
    }
    library = argv[1];
    return run_tests("loading", tests, COUNT_OF(tests));
}
