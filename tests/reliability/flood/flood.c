/* Floods a store with each set of keys and with random ones of the same lengths, and has callgrind dump what each took:
 * flood BITS [NAME FILE LENGTH]…, where a FILE has more keys of one length. Counts no time. */
#include <bytestore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "keys.h"

enum { BATCH = 64 };

static void must(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "flood: %s\n", what);
        exit(EXIT_FAILURE);
    }
}

/* --- Sets --- */

void add_key(key_set *set, const void *bytes, size_t len) {
    if ((set->count & (set->count - 1)) == 0) { /* a power of two: it is full */
        set->lens = realloc(set->lens, (set->count == 0 ? 1 : 2 * set->count) * sizeof *set->lens);
    }
    set->bytes = realloc(set->bytes, set->total + len + 1);
    must(set->bytes != NULL && set->lens != NULL, "out of memory");
    memcpy(set->bytes + set->total, bytes, len);
    set->lens[set->count++] = (uint32_t)len;
    set->total += len;
}

void free_keys(key_set *set) {
    free(set->bytes);
    free(set->lens);
    *set = (key_set){0};
}

static uint64_t next_random(void) {
    static uint64_t state;
    uint64_t x = (state += 0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static key_set random_like(const key_set *set) {
    key_set like = {malloc(set->total + 8), malloc(set->count * sizeof *set->lens), set->count, set->total};
    must(like.bytes != NULL && like.lens != NULL, "out of memory");
    memcpy(like.lens, set->lens, set->count * sizeof *set->lens);
    for (size_t at = 0; at < set->total; at += 8) {
        const uint64_t random = next_random();
        memcpy(like.bytes + at, &random, sizeof random);
    }
    return like;
}

/* An attack that does not work on what it is for would prove nothing. */
static void must_collide(const key_attack *what, const key_set *set) {
    for (uint64_t seed = 0; what->attacked != NULL && seed < (what->any_seed ? 3 : 1); seed++) {
        const uint64_t secret = seed * 0x9e3779b97f4a7c15, first = what->attacked(set->bytes, set->lens[0], secret);
        size_t at = 0;
        for (size_t i = 0; i < set->count; at += set->lens[i++]) {
            must(what->attacked(set->bytes + at, set->lens[i], secret) == first, what->name);
        }
    }
}

/* --- Counting --- */

/* All keys set, found and deleted, a batch at a time. */
static void use(bytestore_store *store, const key_set *set) {
    static const uint32_t value_lens[BATCH] = {0};
    for (int step = 0; step < 3; step++) {
        size_t at = 0, removed = 0;
        for (size_t i = 0; i < set->count;) {
            const size_t n = set->count - i < BATCH ? set->count - i : BATCH;
            const uint8_t *keys = set->bytes + at;
            const uint32_t *lens = set->lens + i;
            bytestore_buffer answers;
            bytestore_status status = BYTESTORE_OK;
            switch (step) {
            case 0:
                status = bytestore_mset(store, n, keys, lens, NULL, value_lens);
                break;
            case 1:
                status = bytestore_mget(store, n, keys, lens, &answers);
                must(answers.slices[n - 1].ptr != NULL && bytestore_free_buffer(&answers) == BYTESTORE_OK, "mget");
                break;
            default:
                status = bytestore_mdelete(store, n, keys, lens, &removed);
            }
            must(status == BYTESTORE_OK, "a batch");
            for (size_t end = i + n; i < end; i++) {
                at += set->lens[i];
            }
        }
    }
}

static void count(const char *name, const char *kind, const key_set *set) {
    char label[100];
    size_t len = 0;
    bytestore_store *store = bytestore_new();
    must(store != NULL, "a store");
    snprintf(label, sizeof label, "%s %s %zu", name, kind, set->count);
    CALLGRIND_ZERO_STATS;
    CALLGRIND_START_INSTRUMENTATION;
    use(store, set);
    CALLGRIND_STOP_INSTRUMENTATION;
    CALLGRIND_DUMP_STATS_AT(label);
    must(bytestore_len(store, &len) == BYTESTORE_OK && len == 0, "every key was deleted");
    must(bytestore_close(store) == BYTESTORE_OK, "close");
}

static void flood(const char *name, key_set *set) {
    key_set random = random_like(set);
    count(name, "chosen", set);
    count(name, "random", &random);
    free_keys(&random);
    free_keys(set);
}

static void flood_all(const key_attack *attacks, size_t n, unsigned bits) {
    for (size_t i = 0; i < n; i++) {
        key_set set = {0};
        attacks[i].make(&set, bits);
        must_collide(&attacks[i], &set);
        flood(attacks[i].name, &set);
    }
}

static void flood_from(const char *name, const char *path, size_t len) {
    uint8_t key[4096];
    key_set set = {0};
    FILE *file = fopen(path, "rb");
    must(file != NULL && len > 0 && len <= sizeof key, path);
    while (fread(key, len, 1, file) == 1) {
        add_key(&set, key, len);
    }
    fclose(file);
    must(set.count > 1, path);
    flood(name, &set);
}

int main(int arguments, char **argument) {
    must(arguments >= 2 && arguments % 3 == 2, "usage: flood BITS [NAME FILE LENGTH]…");
    const unsigned bits = (unsigned)strtoul(argument[1], NULL, 10);
    must(bits >= 4 && bits <= 20, "BITS is 4 to 20");
    flood_all(colliding_sets, colliding_count, bits);
    flood_all(alike_sets, alike_count, bits);
    for (int i = 2; i < arguments; i += 3) {
        flood_from(argument[i], argument[i + 1], strtoul(argument[i + 2], NULL, 10));
    }
}
