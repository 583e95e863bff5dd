/* The library as a guest that a program loads at run time: loading LIBRARY. Alone, because it must not be linked. */
#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>

#include <bytestore.h>

#include "../check.h"

static const char *library;

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

int main(int argc, char **argv) {
    const test tests[] = {
        {"it starts no threads and opens no files", it_starts_no_threads_and_opens_no_files},
        {"it stays loaded", it_stays_loaded},
    };
    if (argc != 2) {
        fputs("usage: loading LIBRARY\n", stderr);
        return EXIT_FAILURE;
    }
    library = argv[1];
    return run_tests("loading", tests, COUNT_OF(tests));
}
