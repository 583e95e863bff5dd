/* Handles: closed, forged, of another kind. Each is a status, never a crash. */
#include "abi.h"

/* Every function that takes a handle refuses this one. */
static void check_refused(void *handle) {
    bytestore_store *store = handle;
    const bytestore_slice key = S("key");
    bytestore_buffer buffer = rubbish_buffer();
    bytestore_cursor *cursor = (bytestore_cursor *)RUBBISH_SIZE;
    size_t number = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_mset(store, 1, &key, NULL, &key, NULL), CLOSED);
    CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &buffer), CLOSED);
    CHECK_EQUAL(bytestore_mdelete(store, 1, &key, NULL, &number), CLOSED);
    CHECK_EQUAL(bytestore_len(store, &number), CLOSED);
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), CLOSED);
    CHECK(is_zero(&buffer) && number == 0 && cursor == NULL);
    bytestore_counters counters = {.size = sizeof counters, .hits = RUBBISH_SIZE, .max_entries = RUBBISH_SIZE};
    CHECK_EQUAL(bytestore_mset_ttl(store, 1, &key, NULL, &key, NULL, 1), CLOSED);
    CHECK_EQUAL(bytestore_mset_ttl(store, 1, &key, NULL, &key, NULL, BYTESTORE_NO_TTL), CLOSED);
    bytestore_store *view = (bytestore_store *)RUBBISH_SIZE;
    bytestore_computation *computation = (bytestore_computation *)RUBBISH_SIZE;
    size_t count = RUBBISH_SIZE, removed = RUBBISH_SIZE;
    cursor = (bytestore_cursor *)RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_count(store, key.ptr, key.len, &count), CLOSED);
    CHECK_EQUAL(bytestore_delete_prefix(store, key.ptr, key.len, &removed), CLOSED);
    CHECK_EQUAL(bytestore_keys_from(store, key.ptr, key.len, 1, &cursor), CLOSED);
    CHECK_EQUAL(bytestore_namespace(store, key.ptr, key.len, &view), CLOSED);
    CHECK_EQUAL(bytestore_compute(store, 1, &key, NULL, 0, &computation), CLOSED);
    CHECK(count == 0 && removed == 0 && cursor == NULL && view == NULL && computation == NULL);
    uint64_t done = RUBBISH_SIZE, total = RUBBISH_SIZE;
    buffer = rubbish_buffer();
    CHECK_EQUAL(bytestore_save(store, "/nosuch/file", 0), CLOSED);
    CHECK_EQUAL(bytestore_save_buffer(store, 0, &buffer), CLOSED);
    CHECK_EQUAL(bytestore_load(store, "/nosuch/file"), CLOSED);
    CHECK_EQUAL(bytestore_load_buffer(store, key.ptr, key.len), CLOSED);
    CHECK_EQUAL(bytestore_progress(store, &done, &total), CLOSED);
    CHECK(is_zero(&buffer) && done == 0 && total == 0);
    CHECK_EQUAL(bytestore_advance_clock(store, 1), CLOSED);
    CHECK_EQUAL(bytestore_read_counters(store, &counters), CLOSED);
    CHECK(counters.size == sizeof counters && counters.hits == 0 && counters.max_entries == 0);
}

/* Nor is it a computation. */
static void check_computing_refused(void *handle) {
    const bytestore_slice value = S("value");
    bytestore_buffer missing = rubbish_buffer(), values = rubbish_buffer();
    CHECK_EQUAL(bytestore_computation_next(handle, &missing), CLOSED);
    CHECK_EQUAL(bytestore_computation_set(handle, 1, &value, NULL), CLOSED);
    CHECK_EQUAL(bytestore_computation_fail(handle, INVALID), CLOSED);
    CHECK_EQUAL(bytestore_computation_values(handle, &values), CLOSED);
    CHECK(is_zero(&missing) && is_zero(&values));
}

static void check_refused_everywhere(void *handle) {
    bytestore_buffer buffer = rubbish_buffer(), owned = {.owner = handle};
    uint64_t position = RUBBISH_SIZE;
    check_refused(handle);
    check_computing_refused(handle);
    CHECK_EQUAL(bytestore_computation_close(handle), CLOSED);
    CHECK_EQUAL(bytestore_cursor_position(handle, &position), CLOSED);
    CHECK_EQUAL(position, 0);
    CHECK_EQUAL(bytestore_close(handle), CLOSED);
    CHECK_EQUAL(bytestore_cursor_next(handle, 0, &buffer), CLOSED);
    CHECK(is_zero(&buffer));
    CHECK_EQUAL(bytestore_cursor_close(handle), CLOSED);
    CHECK_EQUAL(bytestore_free_buffer(&owned), CLOSED);
    CHECK(is_zero(&owned));
}

static void closing_null_is_fine_and_closing_twice_is_not(void) {
    CHECK_EQUAL(bytestore_close(NULL), OK);
    CHECK_EQUAL(bytestore_cursor_close(NULL), OK);
    bytestore_store *store = new_store();
    bytestore_cursor *cursor = NULL;
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
    check_refused_everywhere(store);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    check_refused_everywhere(cursor);
    check_refused(NULL);
    check_computing_refused(NULL);
    bytestore_computation *computation = NULL;
    CHECK_EQUAL(bytestore_computation_close(NULL), OK);
    store = new_store();
    CHECK_EQUAL(bytestore_compute(store, 0, NULL, NULL, 0, &computation), OK);
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    check_refused_everywhere(computation);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_handle_of_another_kind_is_refused(void) {
    bytestore_store *store = new_store();
    set_one(store, S("key"), S("value"));
    const bytestore_slice key = S("key");
    bytestore_cursor *cursor = NULL;
    bytestore_buffer answer, page = rubbish_buffer();
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &answer), OK);

    bytestore_computation *computation = NULL;
    CHECK_EQUAL(bytestore_compute(store, 1, &key, NULL, 0, &computation), OK);

    check_refused(cursor);
    check_refused(answer.owner);
    check_refused(computation);
    check_computing_refused(store);
    check_computing_refused(cursor);
    check_computing_refused(answer.owner);
    CHECK_EQUAL(bytestore_computation_close((bytestore_computation *)store), CLOSED);
    CHECK_EQUAL(bytestore_close((bytestore_store *)computation), CLOSED);
    CHECK_EQUAL(bytestore_cursor_close((bytestore_cursor *)computation), CLOSED);
    CHECK_EQUAL(bytestore_close((bytestore_store *)cursor), CLOSED);
    CHECK_EQUAL(bytestore_close((bytestore_store *)answer.owner), CLOSED);
    CHECK_EQUAL(bytestore_cursor_close((bytestore_cursor *)store), CLOSED);
    CHECK_EQUAL(bytestore_cursor_close((bytestore_cursor *)answer.owner), CLOSED);
    CHECK_EQUAL(bytestore_cursor_next((bytestore_cursor *)store, 0, &page), CLOSED);
    CHECK(is_zero(&page));

    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &page), OK); /* and all still work */
    CHECK_EQUAL(page.count, 1);
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK(same_bytes(answer.slices[0], S("value")));
    CHECK_EQUAL(bytestore_free_buffer(&answer), OK);
    CHECK_EQUAL(bytestore_computation_values(computation, &answer), OK);
    CHECK(same_bytes(answer.slices[0], S("value")));
    CHECK_EQUAL(bytestore_free_buffer(&answer), OK);
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void forged_handles_are_refused(void) {
    bytestore_store *store = new_store();
    set_one(store, S("key"), S("value"));
    const uintptr_t number = (uintptr_t)store;
    for (unsigned bit = 0; bit < 8 * sizeof number; bit++) {
        check_refused_everywhere((void *)(number ^ (uintptr_t)1 << bit));
    }
    check_refused_everywhere((void *)(number + 1));
    check_refused_everywhere((void *)(number - 1));
    check_refused_everywhere((void *)~number);
    check_refused_everywhere(&store); /* an address */
    for (uintptr_t small = 1; small < 1000; small++) {
        check_refused_everywhere((void *)small);
        check_refused_everywhere((void *)(UINTPTR_MAX - small));
    }
    uint64_t random = 7;
    for (size_t i = 0; i < rounds(100000, 1000); i++) {
        check_refused_everywhere((void *)(uintptr_t)next_random(&random));
        /* Of the right kind, the rest guessed. */
        check_refused_everywhere((void *)((number >> 60 << 60) | (uintptr_t)next_random(&random) >> 4));
    }
    CHECK(has_value(store, S("key"), S("value")));
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* A closed handle means nothing for ever, however often its place is used again. */
static void a_stale_handle_never_comes_back(void) {
    enum { STALE = 64 };
    bytestore_store *stale[STALE];
    for (size_t i = 0; i < STALE; i++) {
        stale[i] = new_store();
    }
    for (size_t i = 0; i < STALE; i++) {
        CHECK_EQUAL(bytestore_close(stale[i]), OK);
    }
    for (size_t round = 0; round < rounds(20000, 200); round++) {
        bytestore_store *store = new_store();
        set_one(store, S("mine"), S("1"));
        bytestore_store *old = stale[round % STALE];
        size_t len = RUBBISH_SIZE;
        CHECK(store != old);
        CHECK_EQUAL(bytestore_len(old, &len), CLOSED);
        CHECK_EQUAL(bytestore_close(old), CLOSED);
        CHECK_EQUAL(len_of(store), 1);
        CHECK_EQUAL(bytestore_close(store), OK);
        stale[round % STALE] = store;
    }
}

static void stores_are_apart(void) {
    enum { STORES = 300 };
    bytestore_store *stores[STORES];
    for (size_t i = 0; i < STORES; i++) {
        stores[i] = new_store();
        set_one(stores[i], S("key"), (bytestore_slice){(uint8_t *)&i, sizeof i});
    }
    for (size_t i = 0; i < STORES; i++) {
        CHECK(has_value(stores[i], S("key"), (bytestore_slice){(uint8_t *)&i, sizeof i}));
        for (size_t other = 0; other < i; other++) {
            CHECK(stores[i] != stores[other]);
        }
    }
    for (size_t i = 0; i < STORES; i += 2) {
        CHECK_EQUAL(bytestore_close(stores[i]), OK);
    }
    for (size_t i = 1; i < STORES; i += 2) {
        CHECK_EQUAL(len_of(stores[i]), 1);
        CHECK_EQUAL(bytestore_close(stores[i]), OK);
    }
}

static const test tests[] = {
    {"closing NULL is fine and closing twice is not", closing_null_is_fine_and_closing_twice_is_not},
    {"a handle of another kind is refused", a_handle_of_another_kind_is_refused},
    {"forged handles are refused", forged_handles_are_refused},
    {"a stale handle never comes back", a_stale_handle_never_comes_back},
    {"stores are apart", stores_are_apart},
};
const test_group handle_tests = {tests, COUNT_OF(tests)};
