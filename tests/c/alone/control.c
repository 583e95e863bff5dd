/* Planted mistakes that sanitizers and valgrind must report: control MISTAKE. Proves that they are watching. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bytestore.h>

/* The optimiser must not see through a mistake. */
static void *hidden(void *pointer) {
    void *volatile copy = pointer;
    return copy;
}

static void (*volatile release)(void *) = free;

/* The program reads an answer that it has freed. */
static int read_freed(bytestore_store *store) {
    bytestore_buffer answer = {0};
    if (bytestore_mget(store, 1, "key", &(uint32_t){3}, &answer) != BYTESTORE_OK) {
        return 0;
    }
    const uint8_t *freed = hidden((void *)(uintptr_t)answer.slices[0].ptr);
    bytestore_free_buffer(&answer);
    return freed[1];
}

/* The library reads a key that the program has freed. */
static int pass_freed(bytestore_store *store) {
    char *key = strdup("key");
    release(key);
    bytestore_buffer answer = {0};
    bytestore_mget(store, 1, key, &(uint32_t){3}, &answer);
    return bytestore_free_buffer(&answer);
}

/* The library reads beyond the end of a key. */
static int pass_short(bytestore_store *store) {
    char *key = hidden(strdup("key"));
    bytestore_mset(store, 1, key, &(uint32_t){40}, "", &(uint32_t){0});
    free(key);
    return 0;
}

/* The library writes beyond the end of counters whose size is not what the program says. */
static int counters_short(bytestore_store *store) {
    bytestore_counters *counters = hidden(malloc(sizeof *counters / 2));
    counters->size = sizeof *counters;
    const bytestore_status status = bytestore_read_counters(store, counters);
    free(counters);
    return status;
}

/* The library reads beyond the end of a value that is given a time to live. */
static int pass_short_ttl(bytestore_store *store) {
    char *value = hidden(strdup("value"));
    bytestore_mset_ttl(store, 1, "key", &(uint32_t){3}, value, &(uint32_t){40}, 1);
    free(value);
    return 0;
}

static int leak(bytestore_store *store) {
    char *lost = hidden(malloc(100));
    memset(lost, store != NULL, 100);
    lost = hidden(NULL);
    return lost != NULL;
}

/* Undefined, though no memory is touched. */
static int overflow(bytestore_store *store) {
    volatile int largest = 0x7FFFFFFF;
    return largest + (store != NULL) == 0;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        int (*make)(bytestore_store *store);
    } mistakes[] = {{"read-freed", read_freed},
                    {"pass-freed", pass_freed},
                    {"pass-short", pass_short},
                    {"pass-short-ttl", pass_short_ttl},
                    {"counters-short", counters_short},
                    {"leak", leak},
                    {"overflow", overflow}};
    bytestore_store *store = bytestore_new();
    const char value[] = "a value that is longer than a few bytes";
    bytestore_mset(store, 1, "key", &(uint32_t){3}, value, &(uint32_t){sizeof value});
    for (size_t i = 0; argc == 2 && i < sizeof mistakes / sizeof mistakes[0]; i++) {
        if (strcmp(argv[1], mistakes[i].name) == 0) {
            const int code = mistakes[i].make(store) == 1;
            bytestore_close(store);
            puts("nobody noticed"); /* a leak is noticed after this */
            return code;
        }
    }
    return EXIT_FAILURE;
}
