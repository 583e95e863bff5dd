/* Nothing is left of what was closed and freed, not even in tables that leak checkers find reachable. Alone, because
 * sanitizers and valgrind have another malloc. */
#include <malloc.h>
#include <stdlib.h>

#include "../abi/abi.h"

enum { KEYS = 200 };
static char key_blob[KEYS * 7];
static bytestore_slice keys[KEYS], values[KEYS];
static uint8_t large[10000];

/* Everything there is, with small and large values, errors included; and all of it given back. */
static void use_everything(void) {
    bytestore_store *store = new_store();
    numbered_keys(KEYS, key_blob, keys);
    for (size_t i = 0; i < KEYS; i++) {
        values[i] = (bytestore_slice){large, i * 50};
    }
    CHECK_EQUAL(bytestore_mset(store, KEYS, keys, NULL, values, NULL), OK);
    CHECK_EQUAL(bytestore_mset(store, KEYS / 2, keys, NULL, values + KEYS / 2, NULL), OK);
    bytestore_buffer answers, page;
    bytestore_cursor *cursor = NULL, *unused = NULL;
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_keys(store, keys[0].ptr, 7, &unused), OK);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 10, &page), OK);
    CHECK_EQUAL(bytestore_mget(store, KEYS, keys, NULL, &answers), OK);
    CHECK_EQUAL(bytestore_mdelete(store, KEYS / 3, keys, NULL, NULL), OK);
    CHECK_EQUAL(bytestore_mget(store, SIZE_MAX, keys, NULL, &(bytestore_buffer){0}), INVALID);
    CHECK_EQUAL(bytestore_open("memory:?no", &(bytestore_store *){NULL}, NULL), INVALID);
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_cursor_close(unused), OK);
}

/* As above, for entries that end or are evicted, with answers that outlive them. */
static void use_a_bounded_store(void) {
    bytestore_store *store =
        store_at("memory:?max_entries=150&max_bytes=512KiB&max_item_bytes=9000&ttl=1s&clock=manual");
    bytestore_buffer answers;
    numbered_keys(KEYS, key_blob, keys);
    for (size_t i = 0; i < KEYS; i++) {
        const bytestore_slice value = {large, i * 40};
        set_for(store, keys[i], value, 1 + i % 7);
        set_one(store, keys[KEYS - 1 - i], value);
        CHECK_EQUAL(bytestore_advance_clock(store, i % 3), OK);
    }
    const bytestore_counters counters = counters_of(store);
    CHECK(counters.evictions_by_entries + counters.evictions_by_bytes > 0 && counters.expirations > 0);
    CHECK_EQUAL(bytestore_mset_ttl(store, KEYS, keys, NULL, keys, NULL, 1), OVER_LIMIT);
    CHECK_EQUAL(bytestore_mset_ttl(store, 1, keys, NULL, keys, NULL, 0), INVALID);
    CHECK_EQUAL(bytestore_open("memory:?ttl=1h&ttl=1h", &(bytestore_store *){NULL}, NULL), INVALID);
    CHECK_EQUAL(bytestore_mget(store, KEYS, keys, NULL, &answers), OK);
    CHECK_EQUAL(bytestore_advance_clock(store, 1000), OK);
    set_one(store, keys[0], keys[0]);
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
}

static void all_memory_is_given_back(void) {
    use_everything(); /* what is made once, stays */
    use_a_bounded_store();
    const size_t before = mallinfo2().uordblks;
    CHECK(before > 0);
    for (int round = 0; round < 100; round++) {
        use_everything();
        use_a_bounded_store();
    }
    CHECK_EQUAL(mallinfo2().uordblks, before);
}

/* The measure must see one value that was not given back. */
static void the_measure_can_fail(void) {
    bytestore_store *store = new_store();
    bytestore_buffer answer;
    set_one(store, S("key"), (bytestore_slice){large, sizeof large});
    const bytestore_slice key = S("key");
    const size_t before = mallinfo2().uordblks;
    CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &answer), OK);
    CHECK(mallinfo2().uordblks > before);
    CHECK_EQUAL(bytestore_free_buffer(&answer), OK);
    CHECK_EQUAL(mallinfo2().uordblks, before);
    CHECK_EQUAL(bytestore_close(store), OK);
}

int main(void) {
    const test tests[] = {
        {"the measure can fail", the_measure_can_fail},
        {"all memory is given back", all_memory_is_given_back},
    };
    return run_tests("leaks", tests, COUNT_OF(tests));
}
