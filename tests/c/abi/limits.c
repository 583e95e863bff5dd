/* Limits: what is more than a store may hold is refused as a whole, and a store that is full stays within them. */
#include "abi.h"

enum { SHARED = 5000 }; /* a length that is handed out by reference */

static void a_batch_over_a_limit_changes_nothing(void) {
    static const uint8_t large[SHARED];
    static const char *const urls[] = {"memory:?max_entries=2", "memory:?max_bytes=4KiB", "memory:?max_item_bytes=64"};
    const bytestore_slice keys[] = {S("a"), S("b"), S("c")}, values[] = {S("2"), {large, SHARED}, S("")};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        bytestore_store *store = store_at(urls[i]);
        set_one(store, S("a"), S("1"));
        CHECK_EQUAL(bytestore_mset(store, 3, keys, NULL, values, NULL), OVER_LIMIT);
        CHECK_EQUAL(bytestore_mset_ttl(store, 3, keys, NULL, values, NULL, 1), OVER_LIMIT);
        CHECK_EQUAL(bytestore_mset_ttl(store, 3, keys, NULL, values, NULL, BYTESTORE_NO_TTL), OVER_LIMIT);
        CHECK(len_of(store) == 1 && has_value(store, S("a"), S("1")) && is_missing(store, S("c")));
        set_one(store, S("a"), S("2")); /* what fits goes on */
        CHECK(has_value(store, S("a"), S("2")));
        CHECK_EQUAL(bytestore_close(store), OK);
    }
}

/* The input is at fault as a whole: no item of it would be named. */
static void check_items_knows_no_limits(void) {
    bytestore_store *store = store_at("memory:?max_item_bytes=1");
    const bytestore_slice key = S("long");
    size_t index = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_mset(store, 1, &key, NULL, &key, NULL), OVER_LIMIT);
    CHECK_EQUAL(bytestore_check_items(1, &key, NULL, &index), OK);
    CHECK_EQUAL(index, 0);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_full_store_stays_within_its_limits(void) {
    enum { MOST = 50, BYTES = 32 << 10 };
    static uint8_t value[SHARED];
    bytestore_store *stores[] = {store_at("memory:?max_entries=50"), store_at("memory:?max_bytes=32KiB")};
    uint64_t random = 3;
    for (size_t round = 0; round < rounds(20000, 500); round++) {
        const uint64_t number = next_random(&random) % 1000;
        const bytestore_slice key = {(const uint8_t *)&number, sizeof number},
                              data = {value, next_random(&random) % (round % 10 == 0 ? SHARED : 200)};
        for (size_t i = 0; i < COUNT_OF(stores); i++) {
            set_one(stores[i], key, data);
            CHECK(has_value(stores[i], key, data)); /* others go, not what just came */
            const bytestore_counters now = counters_of(stores[i]);
            CHECK(now.max_entries == 0 || now.entries <= MOST);
            CHECK(now.max_bytes == 0 || now.key_bytes + now.value_bytes + now.overhead_bytes <= BYTES);
            CHECK_EQUAL(len_of(stores[i]), now.entries);
            CHECK_EQUAL(now.key_bytes, 8 * now.entries);
        }
    }
    const bytestore_counters by_entries = counters_of(stores[0]), by_bytes = counters_of(stores[1]);
    CHECK(by_entries.evictions_by_entries > 0 && by_entries.evictions_by_bytes == 0 && by_entries.entries == MOST);
    CHECK(by_bytes.evictions_by_bytes > 0 && by_bytes.evictions_by_entries == 0);
    CHECK_EQUAL(bytestore_close(stores[0]), OK);
    CHECK_EQUAL(bytestore_close(stores[1]), OK);
}

/* Valgrind and sanitizers watch: the memory of what was evicted is the buffer's until it is freed. */
static void answers_outlive_the_eviction(void) {
    static uint8_t value[SHARED], other[SHARED];
    bytestore_store *store = store_at("memory:?max_entries=1");
    memset(value, 7, sizeof value);
    const bytestore_slice key = S("key"), data = {value, SHARED};
    set_one(store, key, data);
    bytestore_buffer answer;
    CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &answer), OK);
    for (uint64_t i = 0; i < 100; i++) {
        set_one(store, (bytestore_slice){(const uint8_t *)&i, sizeof i}, (bytestore_slice){other, SHARED});
    }
    CHECK(is_missing(store, key) && counters_of(store).evictions_by_entries == 100);
    CHECK(answer.count == 1 && same_bytes(answer.slices[0], data));
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK(same_bytes(answer.slices[0], data));
    CHECK_EQUAL(bytestore_free_buffer(&answer), OK);
}

/* A scan of a store that loses entries meanwhile: no key twice, and none that was never there. */
static void a_scan_goes_on_beside_evictions(void) {
    enum { MOST = 200 };
    static char blob[2 * MOST * 7];
    static bytestore_slice keys[2 * MOST];
    bytestore_store *store = store_at("memory:?max_entries=200");
    bytestore_cursor *cursor = NULL;
    bytestore_buffer page;
    numbered_keys(COUNT_OF(keys), blob, keys);
    for (size_t i = 0; i < MOST; i++) {
        set_one(store, keys[i], S("1"));
    }
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    size_t next = 0;
    for (size_t i = MOST;; i++) {
        CHECK_EQUAL(bytestore_cursor_next(cursor, 3, &page), OK);
        if (page.count == 0) {
            break;
        }
        for (size_t k = 0; k < page.count; k++) {
            while (next < MOST && !same_bytes(keys[next], page.slices[k])) {
                next++;
            }
            CHECK(next++ < MOST); /* in order, of those at the first step */
        }
        CHECK_EQUAL(bytestore_free_buffer(&page), OK);
        set_one(store, keys[i], S("2"));
    }
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* Most entries go, here and there: those between the holes move, and are what they were. */
static void what_is_left_between_holes_stays(void) {
    enum { ENTRIES = 16000, EVERY = 16, LEN = 1000 };
    static const char *const urls[] = {"memory:?max_bytes=32MiB", "memory:?max_bytes=32MiB&erase=true"};
    static char blob[ENTRIES * 7];
    static uint8_t random[ENTRIES + LEN];
    static bytestore_slice keys[ENTRIES], values[ENTRIES], gone[ENTRIES];
    numbered_keys(ENTRIES, blob, keys);
    uint64_t seed = 5;
    for (size_t i = 0; i < sizeof random; i++) {
        random[i] = (uint8_t)next_random(&seed);
    }
    size_t going = 0;
    for (size_t i = 0; i < ENTRIES; i++) {
        values[i] = (bytestore_slice){random + i, LEN};
        if (i % EVERY != 0) {
            gone[going++] = keys[i];
        }
    }
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        bytestore_store *store = store_at(urls[i]);
        bytestore_cursor *cursor = NULL;
        bytestore_buffer page;
        size_t removed = 0, seen = 0;
        CHECK_EQUAL(bytestore_mset(store, ENTRIES, keys, NULL, values, NULL), OK);
        CHECK_EQUAL(bytestore_mdelete(store, going, gone, NULL, &removed), OK);
        CHECK_EQUAL(removed, going);
        for (size_t k = 0; k < ENTRIES; k += ENTRIES / 10) { /* each batch makes some room */
            CHECK_EQUAL(bytestore_mset(store, 1, keys + k / EVERY * EVERY, NULL, values + k / EVERY * EVERY, NULL), OK);
        }
        for (size_t k = 0; k < ENTRIES; k += EVERY) {
            CHECK(has_value(store, keys[k], values[k]));
        }
        CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
        while (bytestore_cursor_next(cursor, 0, &page) == OK && page.count > 0) {
            for (size_t k = 0; k < page.count; k++, seen++) {
                CHECK(seen < ENTRIES / EVERY && same_bytes(page.slices[k], keys[seen * EVERY])); /* in order */
            }
            CHECK_EQUAL(bytestore_free_buffer(&page), OK);
        }
        CHECK_EQUAL(seen, ENTRIES / EVERY);
        const bytestore_counters now = counters_of(store);
        CHECK(now.entries == seen && now.value_bytes == seen * LEN && now.evictions_by_bytes == 0);
        CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
        CHECK_EQUAL(bytestore_close(store), OK);
    }
}

static const test tests[] = {
    {"a batch over a limit changes nothing", a_batch_over_a_limit_changes_nothing},
    {"check_items knows no limits", check_items_knows_no_limits},
    {"a full store stays within its limits", a_full_store_stays_within_its_limits},
    {"answers outlive the eviction", answers_outlive_the_eviction},
    {"a scan goes on beside evictions", a_scan_goes_on_beside_evictions},
    {"what is left between holes stays", what_is_left_between_holes_stays},
};
const test_group limit_tests = {tests, COUNT_OF(tests)};
