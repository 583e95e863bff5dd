/* Counters: what they count, and that a call which is refused counts for nothing. */
#include "abi.h"

static void every_call_counts(void) {
    bytestore_store *store = new_store();
    const bytestore_slice keys[] = {S("a"), S("bc"), S("none")}, values[] = {S("1"), S("234"), S("")};
    CHECK_EQUAL(bytestore_mset(store, 2, keys, NULL, values, NULL), OK);
    CHECK_EQUAL(bytestore_mset_ttl(store, 1, keys, NULL, values + 1, NULL, BYTESTORE_NO_TTL), OK);
    bytestore_counters counters = counters_of(store);
    CHECK_EQUAL(counters.sets, 3); /* pairs, overwriting ones too */
    CHECK_EQUAL(counters.entries, 2);
    CHECK_EQUAL(counters.key_bytes, 3);
    CHECK_EQUAL(counters.value_bytes, 6);
    CHECK(counters.overhead_bytes >= 2 * 40 && counters.overhead_bytes <= 2 * 72);
    CHECK_EQUAL(counters.hits + counters.misses + counters.deletes, 0);

    bytestore_buffer answers;
    CHECK_EQUAL(bytestore_mget(store, 3, keys, NULL, &answers), OK);
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    counters = counters_of(store);
    CHECK(counters.hits == 2 && counters.misses == 1);
    uint8_t bytes[16];
    size_t lens[3];
    bytestore_area area = {bytes, sizeof bytes, lens, 0};
    CHECK_EQUAL(bytestore_mget_into(store, 3, keys, NULL, &area), OK);
    counters = counters_of(store);
    CHECK(counters.hits == 4 && counters.misses == 2);

    CHECK_EQUAL(bytestore_mdelete(store, 3, keys, NULL, NULL), OK);
    counters = counters_of(store);
    CHECK_EQUAL(counters.deletes, 2); /* entries, not keys asked for */
    CHECK_EQUAL(counters.entries + counters.key_bytes + counters.value_bytes + counters.overhead_bytes, 0);
    CHECK(counters.sets == 3 && counters.hits == 4 && counters.misses == 2);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_refused_call_counts_for_nothing(void) {
    bytestore_store *store = store_at("memory:?max_item_bytes=3&clock=manual");
    set_one(store, S("a"), S("1"));
    const bytestore_counters before = counters_of(store);
    const bytestore_slice keys[] = {S("a"), S("b")}, values[] = {S("2"), S("too long")}, bad = {NULL, 1};
    bytestore_buffer answers;
    CHECK_EQUAL(bytestore_mset(store, 2, keys, NULL, values, NULL), OVER_LIMIT);
    CHECK_EQUAL(bytestore_mset_ttl(store, 2, keys, NULL, values, NULL, 1), OVER_LIMIT);
    CHECK_EQUAL(bytestore_mset_ttl(store, 1, keys, NULL, values, NULL, 0), INVALID);
    CHECK_EQUAL(bytestore_mset(store, 1, &bad, NULL, values, NULL), INVALID);
    CHECK_EQUAL(bytestore_mget(store, 1, &bad, NULL, &answers), INVALID);
    CHECK_EQUAL(bytestore_mdelete(store, 1, &bad, NULL, NULL), INVALID);
    const bytestore_counters after = counters_of(store);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void every_store_has_its_own(void) {
    bytestore_store *first = store_at("memory:?max_bytes=1MiB"), *second = store_at("memory:?max_entries=5");
    set_one(first, S("a"), S("1"));
    CHECK(counters_of(first).sets == 1 && counters_of(second).sets == 0);
    CHECK(counters_of(first).max_bytes == 1 << 20 && counters_of(first).max_entries == 0);
    CHECK(counters_of(second).max_bytes == 0 && counters_of(second).max_entries == 5);
    CHECK_EQUAL(bytestore_close(first), OK);
    CHECK_EQUAL(bytestore_close(second), OK);
}

static const test tests[] = {
    {"every call counts", every_call_counts},
    {"a refused call counts for nothing", a_refused_call_counts_for_nothing},
    {"every store has its own counters", every_store_has_its_own},
};
const test_group counter_tests = {tests, COUNT_OF(tests)};
