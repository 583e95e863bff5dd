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

static size_t next_of(bytestore_computation *computation) {
    bytestore_buffer missing;
    CHECK_EQUAL(bytestore_computation_next(computation, &missing), OK);
    const size_t count = missing.count;
    CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
    return count;
}

/* As above, for names, namespaces, prefixes and what is computed, given up and failed. */
static void use_a_named_store(void) {
    bytestore_store *store = store_at("memory:leaks"), *again = store_at("memory:leaks"), *view = NULL, *inner = NULL;
    bytestore_cursor *cursor = NULL;
    bytestore_computation *computations[4] = {NULL};
    bytestore_buffer answers;
    size_t count;
    uint64_t position;
    numbered_keys(KEYS, key_blob, keys);
    for (size_t i = 0; i < KEYS; i++) {
        values[i] = (bytestore_slice){large, i * 50};
    }
    CHECK_EQUAL(bytestore_open("memory:leaks?max_entries=1", &(bytestore_store *){NULL}, NULL), INVALID);
    CHECK_EQUAL(bytestore_namespace(store, large, 5000, &view), OK);
    CHECK_EQUAL(bytestore_namespace(view, large, 50, &inner), OK);
    CHECK_EQUAL(bytestore_mset(inner, KEYS / 2, keys, NULL, values, NULL), OK);
    for (size_t i = 0; i < COUNT_OF(computations); i++) {
        CHECK_EQUAL(bytestore_compute(inner, KEYS - i, keys, NULL, 0, &computations[i]), OK);
    }
    CHECK_EQUAL(next_of(computations[0]), KEYS / 2);
    CHECK_EQUAL(bytestore_computation_fail(computations[0], 77), OK);
    CHECK_EQUAL(next_of(computations[1]), KEYS / 2 - 1);
    CHECK_EQUAL(bytestore_computation_close(computations[1]), OK); /* gives up */
    CHECK_EQUAL(next_of(computations[2]), KEYS / 2 - 2);
    CHECK_EQUAL(bytestore_computation_next(computations[3], &answers), INVALID); /* this thread has them */
    CHECK_EQUAL(bytestore_computation_set(computations[2], 1, values, NULL), INVALID);
    CHECK_EQUAL(next_of(computations[2]), KEYS / 2 - 2);
    CHECK_EQUAL(bytestore_computation_set(computations[2], KEYS / 2 - 2, values + KEYS / 2, NULL), OK);
    CHECK_EQUAL(next_of(computations[3]), 0);
    CHECK_EQUAL(bytestore_computation_values(computations[2], &answers), OK);
    CHECK_EQUAL(bytestore_keys_from(view, large, 50, 1, &cursor), OK);
    CHECK_EQUAL(bytestore_cursor_position(cursor, &position), OK);
    CHECK_EQUAL(bytestore_count(view, large, 1, &count), OK);
    CHECK_EQUAL(bytestore_delete_prefix(store, large, 1, &count), OK);
    CHECK_EQUAL(count, KEYS - 2);
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(bytestore_close(view), OK);
    CHECK_EQUAL(bytestore_close(inner), OK);
    CHECK_EQUAL(bytestore_close(again), OK);
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_computation_close(computations[0]), OK);
    CHECK_EQUAL(bytestore_computation_close(computations[2]), OK);
    CHECK_EQUAL(bytestore_computation_close(computations[3]), OK);
}

static void use_all(void) {
    use_everything();
    use_a_bounded_store();
    use_a_named_store();
}

static void all_memory_is_given_back(void) {
    use_all(); /* what is made once, stays */
    const size_t before = mallinfo2().uordblks;
    CHECK(before > 0);
    for (int round = 0; round < 100; round++) {
        use_all();
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
