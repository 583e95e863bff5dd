/* Runs each hot path a fixed number of times, and has callgrind dump what each one took. Uses the public header only;
 * knows no budget. `hot_paths SEED`: another seed is another hash of every key. */
#include <bytestore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

enum { KEY_LEN = 20, VALUE_LEN = 100, BATCH = 64 };

/* How keys meet in an index is a store's luck: the average of several is not. */
enum { MOST_STORES = 8 };

typedef struct {
    size_t entries, count;
    bytestore_store *stores[MOST_STORES];
    char *present, *absent; /* keys side by side, in another order than they are set in */
} population;

/* What is counted: one call with `n` keys, and what its answers need. */
typedef void (*path)(bytestore_store *store, const char *keys, size_t n);

static const char *values;
static const uint32_t *key_lens, *value_lens;
static uint64_t entropy, drawn;

/* The finaliser of splitmix64: a number that looks random, and another one for every other number. */
static uint64_t mixed(uint64_t number) {
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

/* In place of the C library's: the same seeds in every run make the same counts. */
int getentropy(void *bytes, size_t len) {
    const uint64_t number = mixed(entropy += 0x9e3779b97f4a7c15);
    memcpy(bytes, &number, len < sizeof number ? len : sizeof number);
    drawn++;
    return 0;
}

static void must(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "hot_paths: %s\n", what);
        exit(1);
    }
}

/* --- The paths --- */

static void get_present(bytestore_store *store, const char *keys, size_t n) {
    bytestore_buffer answers;
    must(bytestore_mget(store, n, keys, key_lens, &answers) == BYTESTORE_OK, "mget");
    must(answers.data_len == n * VALUE_LEN, "mget finds every key");
    bytestore_free_buffer(&answers);
}

static void get_absent(bytestore_store *store, const char *keys, size_t n) {
    bytestore_buffer answers;
    must(bytestore_mget(store, n, keys, key_lens, &answers) == BYTESTORE_OK, "mget");
    must(answers.count == n && answers.data_len == 0, "mget finds no key");
    bytestore_free_buffer(&answers);
}

static void set(bytestore_store *store, const char *keys, size_t n) {
    must(bytestore_mset(store, n, keys, key_lens, values, value_lens) == BYTESTORE_OK, "mset");
}

static void delete(bytestore_store *store, const char *keys, size_t n) {
    size_t removed;
    must(bytestore_mdelete(store, n, keys, key_lens, &removed) == BYTESTORE_OK && removed == n, "mdelete");
}

/* Pages of the usual length, to the end. */
static void scan(bytestore_store *store, const char *keys, size_t n) {
    (void)keys;
    bytestore_cursor *cursor;
    bytestore_buffer page;
    size_t found = 0;
    must(bytestore_keys(store, NULL, 0, &cursor) == BYTESTORE_OK, "keys");
    do {
        must(bytestore_cursor_next(cursor, 0, &page) == BYTESTORE_OK, "cursor_next");
        found += page.count;
    } while (page.count > 0 && bytestore_free_buffer(&page) == BYTESTORE_OK);
    must(found == n, "a scan gives every key");
    bytestore_cursor_close(cursor);
}

/* --- The stores --- */

static void *allocate(size_t size) {
    void *memory = malloc(size);
    must(memory != NULL, "out of memory");
    return memory;
}

/* Keys with the numbers from `first` on, each number's successor `stride` further, modulo `count`. They look random:
 * how well a hash spreads keys that are alike may be the luck of its seed. */
static char *keys_from(size_t first, size_t count, size_t stride) {
    char *keys = allocate(count * KEY_LEN);
    for (size_t i = 0; i < count; i++) {
        uint64_t words[3];
        for (size_t word = 0; word < 3; word++) {
            words[word] = mixed((first + i * stride % count) * 3 + word);
        }
        memcpy(keys + i * KEY_LEN, words, KEY_LEN);
    }
    return keys;
}

static population populate(size_t entries, size_t count) {
    population made = {.entries = entries, .count = count};
    char *in_order = keys_from(0, entries, 1);
    for (size_t i = 0; i < count; i++) {
        made.stores[i] = bytestore_new();
        for (size_t at = 0; at < entries; at += BATCH) {
            set(made.stores[i], in_order + at * KEY_LEN, entries - at < BATCH ? entries - at : BATCH);
        }
    }
    free(in_order);
    made.present = keys_from(0, entries, 7919); /* a prime: every key once */
    made.absent = keys_from(entries, entries, 7919);
    return made;
}

static void close_all(const population *all) {
    for (size_t i = 0; i < all->count; i++) {
        must(bytestore_close(all->stores[i]) == BYTESTORE_OK, "close");
    }
    free(all->present);
    free(all->absent);
}

/* Runs a path with the first `total` keys, so many at a time, on every store. The dump says which and how many keys. */
static void count(const char *name, path run, const population *all, const char *keys, size_t total, size_t batch) {
    char label[100];
    snprintf(label, sizeof label, "%s %zu", name, total / batch * batch * all->count);
    CALLGRIND_ZERO_STATS;
    CALLGRIND_START_INSTRUMENTATION;
    for (size_t i = 0; i < all->count; i++) {
        for (size_t at = 0; at + batch <= total; at += batch) {
            run(all->stores[i], keys + at * KEY_LEN, batch);
        }
    }
    CALLGRIND_STOP_INSTRUMENTATION;
    CALLGRIND_DUMP_STATS_AT(label);
}

int main(int arguments, char **argument) {
    must(arguments == 2, "usage: hot_paths SEED");
    entropy = strtoull(argument[1], NULL, 10);

    uint32_t key_len[BATCH], value_len[BATCH];
    char value[BATCH * VALUE_LEN];
    for (size_t i = 0; i < BATCH; i++) {
        key_len[i] = KEY_LEN;
        value_len[i] = VALUE_LEN;
    }
    memset(value, 'v', sizeof value);
    key_lens = key_len, value_lens = value_len, values = value;

    enum { SMALL = 10000, LARGE = 200000 };
    const population small = populate(SMALL, MOST_STORES);
    must(drawn >= MOST_STORES, "the library has its seeds from elsewhere: counts would differ from run to run");
    count("mget-hit-64", get_present, &small, small.present, SMALL, BATCH);
    count("mget-hit-1", get_present, &small, small.present, SMALL, 1);
    count("mget-miss-64", get_absent, &small, small.absent, SMALL, BATCH);
    count("mset-overwrite-64", set, &small, small.present, SMALL, BATCH);
    count("mset-overwrite-1", set, &small, small.present, SMALL, 1);
    count("scan", scan, &small, NULL, SMALL, SMALL);
    /* To nothing and from nothing: near a threshold it would be luck whether the store moves its entries. */
    count("mdelete-64", delete, &small, small.present, SMALL, BATCH);
    count("mset-insert-64", set, &small, small.absent, SMALL, BATCH);
    close_all(&small);

    const population large = populate(LARGE, 2);
    count("mget-hit-64-large", get_present, &large, large.present, LARGE / 4, BATCH);
    count("mget-miss-64-large", get_absent, &large, large.absent, LARGE / 4, BATCH);
    close_all(&large);
}
