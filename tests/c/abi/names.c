/* Stores by name: one for all who open it, until the last of them has closed. */
#include <pthread.h>

#include "abi.h"

static void opening_again_joins(void) {
    bytestore_store *first = store_at("memory:opening-again"), *second = store_at("memory:opening-again?");
    bytestore_store *other = store_at("memory:opening-again.");
    CHECK(first != second);
    set_one(first, S("key"), S("1"));
    CHECK(has_value(second, S("key"), S("1")) && len_of(other) == 0);
    CHECK_EQUAL(counters_of(first).hits, 1);
    CHECK_EQUAL(bytestore_close(first), OK);
    CHECK_EQUAL(bytestore_close(first), CLOSED);
    CHECK(has_value(second, S("key"), S("1")));
    first = store_at("memory:opening-again");
    CHECK_EQUAL(bytestore_close(second), OK);
    CHECK_EQUAL(len_of(first), 1);
    CHECK_EQUAL(bytestore_close(first), OK);
    first = store_at("memory:opening-again?max_entries=1"); /* the name is free */
    CHECK(len_of(first) == 0 && counters_of(first).max_entries == 1);
    CHECK_EQUAL(bytestore_close(first), OK);
    CHECK_EQUAL(bytestore_close(other), OK);
}

/* Only handles keep the name: neither a scan nor an answer does. A namespace is a handle. */
static void who_keeps_a_name(void) {
    bytestore_store *store = store_at("memory:who-keeps"), *view = NULL;
    bytestore_cursor *cursor = NULL;
    bytestore_buffer answer, page;
    const bytestore_slice key = S("key");
    set_one(store, key, S("1"));
    CHECK_EQUAL(bytestore_namespace(store, NULL, 0, &view), OK);
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &answer), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
    store = store_at("memory:who-keeps");
    CHECK(has_value(store, key, S("1")));
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(bytestore_close(view), OK);
    store = store_at("memory:who-keeps");
    CHECK_EQUAL(len_of(store), 0);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &page), OK);
    CHECK(page.count == 1 && same_bytes(page.slices[0], key) && same_bytes(answer.slices[0], S("1")));
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK_EQUAL(bytestore_free_buffer(&answer), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void what_is_no_name_is_refused(void) {
    static const struct {
        const char *url, *part;
    } urls[] = {
        {"memory:a b", "a b"},
        {"memory:a/b", "a/b"},
        {"memory://a", "//a"},
        {"memory:a:", "a:"},
        {"memory:\xc3\xa9", "\xc3\xa9"},
        {"memory:/?ttl=1h", "/"},
        {"memory:options?max_entries=3", "max_entries=3"},
        {"memory:options?max_entries=2&ttl=1h", "max_entries=2&ttl=1h"},
        {"memory:options?max_entries=2&nosuch=1", "nosuch=1"},
    };
    bytestore_store *there = store_at("memory:options?max_entries=2");
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        bytestore_store *store = (bytestore_store *)RUBBISH_SIZE;
        bytestore_slice part = {NULL, RUBBISH_SIZE};
        CHECK_EQUAL(bytestore_open(urls[i].url, &store, &part), INVALID);
        CHECK(store == NULL);
        const bytestore_slice expected = {(const uint8_t *)urls[i].part, strlen(urls[i].part)};
        CHECK(part.ptr > (const uint8_t *)urls[i].url && same_bytes(part, expected));
    }
    CHECK_EQUAL(bytestore_close(there), OK);
}

static void *open_and_close(void *unused) {
    for (size_t round = 0; round < rounds(3000, 60); round++) {
        bytestore_store *store = store_at("memory:many-threads?max_entries=10");
        set_one(store, S("key"), S("1"));
        CHECK(has_value(store, S("key"), S("1")) && len_of(store) == 1);
        CHECK_EQUAL(bytestore_close(store), OK);
    }
    return unused;
}

static void many_threads_open_and_close_one(void) {
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        CHECK_EQUAL(pthread_create(&threads[i], NULL, open_and_close, NULL), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    bytestore_store *store = store_at("memory:many-threads");
    CHECK(len_of(store) == 0 && counters_of(store).max_entries == 0); /* all of them have gone */
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* Stores without a name beside each other: each thread always has some, and closes them in another order. */
static void *open_and_close_own(void *seed) {
    bytestore_store *own[8] = {NULL};
    uint64_t random = *(const uint64_t *)seed;
    for (size_t round = 0; round < rounds(20000, 200); round++) {
        bytestore_store **one = &own[next_random(&random) % COUNT_OF(own)];
        CHECK_EQUAL(bytestore_close(*one), OK);
        *one = new_store();
    }
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        CHECK_EQUAL(bytestore_close(own[i]), OK);
    }
    return NULL;
}

static void many_threads_open_and_close_their_own(void) {
    pthread_t threads[4];
    uint64_t seeds[COUNT_OF(threads)];
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        seeds[i] = i;
        CHECK_EQUAL(pthread_create(&threads[i], NULL, open_and_close_own, &seeds[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
}

static const test tests[] = {
    {"opening a name again joins", opening_again_joins},
    {"who keeps a name", who_keeps_a_name},
    {"what is no name is refused, and named", what_is_no_name_is_refused},
    {"many threads open and close one name", many_threads_open_and_close_one},
    {"many threads open and close stores of their own", many_threads_open_and_close_their_own},
};
const test_group name_tests = {tests, COUNT_OF(tests)};
