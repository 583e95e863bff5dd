/* Every way that an entry's bytes go, with the option and without: with it nothing is left of them in this process. */
#include "way.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"

enum { DESK = 4 << 20, BATCH = 64 };
/* Where inputs are made; all zero between two calls. */
static uint8_t desk[DESK];
static size_t desk_used;
static uint32_t lens[2][BATCH];

static bool erasing, works;
static size_t found, left;

void must(bool holds, const char *what, int line) {
    if (!holds) {
        works = false;
        printf("  line %d: %s\n", line, what);
    }
}

bytestore_store *open_named(const char *name, const char *more) {
    char url[200];
    bytestore_store *store = NULL;
    snprintf(url, sizeof url, "memory:%s?%s&%s", name, erasing ? "erase=true" : "", more == NULL ? "" : more);
    MUST_DO(bytestore_open(url, &store, NULL));
    return store;
}

bytestore_store *open_store(const char *more) { return open_named("", more); }

void close_store(bytestore_store *store) { MUST_DO(bytestore_close(store)); }

void wipe_desk(void) {
    explicit_bzero(desk, desk_used);
    desk_used = 0;
}

bytestore_slice on_desk(bool is_key, shape form, size_t number) {
    uint8_t *place = desk + desk_used;
    if (form.len > DESK - desk_used) {
        fprintf(stderr, "no room for that on the desk\n");
        exit(EXIT_FAILURE);
    }
    desk_used += form.len;
    if (form.secret) {
        spell(is_key ? KEY : VALUE, place, form.len);
    } else {
        memset(place, is_key ? 'k' : 'v', form.len);
    }
    if (form.len >= sizeof number && (is_key || !form.secret)) {
        memcpy(place + form.len - sizeof number, &number, sizeof number);
    }
    return (bytestore_slice){place, form.len};
}

/* Calls `batch` with some keys at a time, and values if there are any, side by side. */
static void in_batches(bytestore_store *store, shape key, const shape *value, size_t first, size_t step, size_t count,
                       uint64_t ttl_ms,
                       void (*batch)(bytestore_store *, size_t, const uint8_t *, const uint8_t *, uint64_t)) {
    const size_t len = key.len + (value == NULL ? 0 : value->len);
    const size_t most = DESK / (len + 1) < BATCH ? DESK / (len + 1) : BATCH;
    while (count > 0) {
        const size_t now = count < most ? count : most;
        const uint8_t *keys = desk, *values = desk + now * key.len;
        for (size_t i = 0; i < now; i++) {
            lens[0][i] = (uint32_t)on_desk(true, key, first + i * step).len;
        }
        for (size_t i = 0; value != NULL && i < now; i++) {
            lens[1][i] = (uint32_t)on_desk(false, *value, first + i * step).len;
        }
        batch(store, now, keys, values, ttl_ms);
        wipe_desk();
        first += now * step;
        count -= now;
    }
}

static void set_batch(bytestore_store *store, size_t n, const uint8_t *keys, const uint8_t *values, uint64_t ttl_ms) {
    MUST_DO(bytestore_mset_ttl(store, n, keys, lens[0], values, lens[1], ttl_ms));
}

static void delete_batch(bytestore_store *store, size_t n, const uint8_t *keys, const uint8_t *values,
                         uint64_t unused) {
    (void)values, (void)unused;
    MUST_DO(bytestore_mdelete(store, n, keys, lens[0], NULL));
}

static size_t hits_so_far;

static void get_batch(bytestore_store *store, size_t n, const uint8_t *keys, const uint8_t *values, uint64_t unused) {
    bytestore_buffer answers;
    (void)values, (void)unused;
    MUST_DO(bytestore_mget(store, n, keys, lens[0], &answers));
    for (size_t i = 0; i < answers.count; i++) {
        hits_so_far += answers.slices[i].ptr != NULL;
    }
    MUST_DO(bytestore_free_buffer(&answers));
}

void set_for(bytestore_store *store, shape key, shape value, size_t first, size_t step, size_t count, uint64_t ttl_ms) {
    in_batches(store, key, &value, first, step, count, ttl_ms, set_batch);
}

void set(bytestore_store *store, shape key, shape value, size_t first, size_t step, size_t count) {
    set_for(store, key, value, first, step, count, BYTESTORE_NO_TTL);
}

void delete(bytestore_store *store, shape key, size_t first, size_t step, size_t count) {
    in_batches(store, key, NULL, first, step, count, 0, delete_batch);
}

size_t hits(bytestore_store *store, shape key, size_t first, size_t step, size_t count) {
    hits_so_far = 0;
    in_batches(store, key, NULL, first, step, count, 0, get_batch);
    return hits_so_far;
}

void set_others(bytestore_store *store) { set(store, PLAIN(20), PLAIN(50), 1 << 30, 1, OTHERS); }

void look_for_them(void) { found += places_left(); }
void look_again(void) { left += places_left(); }

/* --- The count --- */

static size_t passed, failed, left_without;

/* Whether the way works, and how many places it leaves. */
static bool runs(const way *one, bool with_the_option, size_t *places) {
    erasing = with_the_option;
    works = true;
    found = left = 0;
    new_secrets();
    one->run();
    *places = left;
    return works && found > 0;
}

static void try_ways(const way_group *group) {
    for (size_t i = 0; i < group->count; i++) {
        const way *one = &group->ways[i];
        size_t without, with;
        const bool works_without = runs(one, false, &without), works_with = runs(one, true, &with);
        const bool all_work = works_without && works_with,
                   good = all_work && with == 0 && (without > 0) == !one->leaves_nothing;
        passed += good;
        failed += !good;
        left_without += without;
        printf("%-8s%s: %zu places without the option, %zu with it%s\n", good ? "ok" : "FAILED", one->name, without,
               with, all_work ? "" : "; it does not work");
    }
}

int main(int count, char **arguments) {
    if (count != 2 || (mixed_operations = strtoul(arguments[1], NULL, 10)) == 0) {
        fprintf(stderr, "usage: %s OPERATIONS\n", arguments[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* What is freed stays where it can be found. */
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, INT32_MAX);
    try_ways(&small_ways);
    try_ways(&large_ways);
    try_ways(&answer_ways);
    try_ways(&snapshot_ways);
    try_ways(&mixed_ways);
    printf("figure: %zu ways that keys and values go, %zu operations at random among them, %.1f GiB of the process's "
           "memory searched: nothing is left after %zu of them; without the option they leave %zu places\n",
           passed + failed, mixed_done, (double)bytes_searched() / (1 << 30), passed, left_without);
    printf("ways: %zu passed, %zu failed\n", passed, failed);
    return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
