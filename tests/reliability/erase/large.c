/* Ways of entries that have memory of their own, as they are long: the same ways, compaction, and a batch that fails.
 */
#include "way.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define LARGE SECRET(9000)
/* Long enough for a mapping of its own. */
#define HUGE SECRET(3 << 20)

static void deleted(shape key, shape value) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    set(store, key, value, 0, 1, 1);
    look_for_them();
    delete(store, key, 0, 1, 1);
    look_again();
    close_store(store);
}

static void value_is_deleted(void) { deleted(SECRET(40), LARGE); }
static void key_is_deleted(void) { deleted(SECRET(6000), PLAIN(10)); }
static void huge_is_deleted(void) { deleted(SECRET(40), HUGE); }

static void overwritten(shape before, shape after) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    set(store, PLAIN(20), before, 0, 1, 1);
    look_for_them();
    set(store, PLAIN(20), after, 0, 1, 1);
    look_again();
    close_store(store);
}

static void overwritten_by_as_long(void) { overwritten(LARGE, PLAIN(9000)); }
static void overwritten_by_small(void) { overwritten(LARGE, PLAIN(100)); }

/* Which ones go is the policy's to say: those that it keeps are deleted. */
static void evicted(void) {
    bytestore_store *store = open_store("max_bytes=2MB");
    set(store, SECRET(40), LARGE, 0, 1, 50);
    look_for_them();
    set(store, PLAIN(24), PLAIN(5000), 0, 1, 3000);
    MUST(hits(store, SECRET(40), 0, 1, 50) < 40);
    delete(store, SECRET(40), 0, 1, 50);
    look_again();
    close_store(store);
}

static void ended(void) {
    bytestore_store *store = open_store("clock=manual");
    set_others(store);
    set_for(store, SECRET(40), LARGE, 0, 1, 50, 10);
    MUST_DO(bytestore_advance_clock(store, 10));
    look_for_them();
    set(store, PLAIN(20), PLAIN(50), 0, 1, 1);
    look_again();
    close_store(store);
}

/* Where its value lies; NULL: it has none. */
static const uint8_t *place_of(bytestore_store *store, size_t number) {
    bytestore_buffer answer;
    const bytestore_slice key = on_desk(true, PLAIN(20), number);
    MUST_DO(bytestore_mget(store, 1, &key, NULL, &answer));
    const uint8_t *place = answer.slices[0].ptr;
    MUST_DO(bytestore_free_buffer(&answer));
    wipe_desk();
    return place;
}

/* Of entries of all lengths every second one is deleted, until those that are left move together. */
static void compacted(void) {
    enum { ALL = 3000, EACH = 20 };
    bytestore_store *store = open_store("max_bytes=1GiB");
    static const uint8_t *places[ALL];
    for (size_t number = 0; number < ALL; number++) {
        set(store, PLAIN(20), (shape){number % EACH == 0, 4200 + number * 7919 % 9000}, number, 1, 1);
    }
    for (size_t number = 0; number < ALL; number += EACH) {
        places[number] = place_of(store, number);
    }
    for (size_t number = 0; number < ALL; number++) {
        if (number % EACH != 0 && number % 3 != 0) {
            delete(store, PLAIN(20), number, 1, 1);
        }
    }
    for (size_t round = 0; round < 300; round++) {
        set(store, PLAIN(24), PLAIN(5000), round % 3, 1, 1);
    }
    size_t moved = 0;
    for (size_t number = 0; number < ALL; number += EACH) {
        moved += place_of(store, number) != places[number];
    }
    MUST(moved > 10);
    look_for_them();
    delete(store, PLAIN(20), 0, EACH, ALL / EACH);
    look_again();
    close_store(store);
}

/* Its large entries were made, and no memory is left for one of them. */
static void refused(void) {
    bytestore_store *store = open_store(NULL);
    enum { ITEMS = 40 };
    bytestore_slice keys[ITEMS], values[ITEMS];
    set_others(store);
    const bytestore_slice value = on_desk(false, SECRET(1 << 20), 0);
    for (size_t i = 0; i < ITEMS; i++) {
        keys[i] = on_desk(true, SECRET(5000), i);
        values[i] = value;
    }
    look_for_them();
    char text[64];
    FILE *size = fopen("/proc/self/statm", "r");
    struct rlimit limit;
    MUST(size != NULL && fgets(text, sizeof text, size) != NULL && getrlimit(RLIMIT_AS, &limit) == 0);
    const rlim_t pages = strtoul(text, NULL, 10);
    const struct rlimit little = {pages * 4096 + (20 << 20), limit.rlim_max};
    MUST(fclose(size) == 0 && setrlimit(RLIMIT_AS, &little) == 0);
    const bytestore_status status = bytestore_mset(store, ITEMS, keys, NULL, values, NULL);
    MUST(setrlimit(RLIMIT_AS, &limit) == 0);
    MUST(status == BYTESTORE_ERR_OUT_OF_MEMORY);
    wipe_desk();
    look_again();
    close_store(store);
}

static const way ways[] = {
    {"delete of a large value", value_is_deleted, false},
    {"delete of a long key", key_is_deleted, false},
    {"delete of a value with a mapping of its own", huge_is_deleted, false},
    {"a large value overwritten, as long", overwritten_by_as_long, false},
    {"a large value overwritten, by a small one", overwritten_by_small, false},
    {"a large value evicted", evicted, false},
    {"a large value ended, and something else is written", ended, false},
    {"large values moved together", compacted, false},
    {"a batch that there is no memory for", refused, false},
};

const way_group large_ways = {ways, sizeof ways / sizeof *ways};
