/* Namespaces: handles of one store, closed in any order, with every function. */
#include <pthread.h>
#include <stdlib.h>

#include "abi.h"

static bytestore_store *namespace_of(bytestore_store *store, bytestore_slice prefix) {
    bytestore_store *view = NULL;
    CHECK_EQUAL(bytestore_namespace(store, prefix.ptr, prefix.len, &view), OK);
    CHECK(view != NULL && view != store);
    return view;
}

static void every_function_works_within(void) {
    static uint8_t large[5000]; /* handed out by reference */
    bytestore_store *store = store_at("memory:?clock=manual"), *view = namespace_of(store, S("n/"));
    const bytestore_slice keys[] = {S("a"), S("bc"), S("")}, values[] = {S("1"), {large, sizeof large}, S("")};
    const uint32_t lens[] = {1, 2, 0};
    set_one(store, S("out"), S("1"));
    for (int packed = 0; packed < 2; packed++) {
        const void *items = packed ? (const void *)"abc" : keys;
        const uint32_t *key_lens = packed ? lens : NULL;
        CHECK_EQUAL(bytestore_mset(view, 3, items, key_lens, values, NULL), OK);
        CHECK(has_value(store, S("n/a"), S("1")) && has_value(store, S("n/bc"), values[1]) && len_of(view) == 3);
        bytestore_buffer answers;
        CHECK_EQUAL(bytestore_mget(view, 3, items, key_lens, &answers), OK);
        for (size_t i = 0; i < 3; i++) {
            CHECK(same_bytes(answers.slices[i], values[i]) && answers.slices[i].ptr != NULL);
        }
        CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
        static uint8_t bytes[sizeof large + 1];
        size_t removed = 0, answer_lens[3];
        bytestore_area area = {bytes, sizeof bytes, answer_lens, 0};
        CHECK_EQUAL(bytestore_mget_into(view, 3, items, key_lens, &area), OK);
        CHECK(area.len == sizeof large + 1 && answer_lens[1] == sizeof large && answer_lens[2] == 0);
        CHECK_EQUAL(bytestore_mdelete(view, 2, items, key_lens, &removed), OK);
        CHECK(removed == 2 && len_of(view) == 1 && len_of(store) == 2);
    }
    CHECK_EQUAL(bytestore_mset_ttl(view, 3, keys, NULL, values, NULL, 5), OK);
    bytestore_cursor *cursor = NULL;
    bytestore_buffer page;
    uint64_t position = 0;
    size_t count = 0;
    CHECK_EQUAL(bytestore_keys(view, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 2, &page), OK);
    CHECK(page.count == 2 && same_bytes(page.slices[0], S("")) && same_bytes(page.slices[1], S("a")));
    CHECK(page.data_len == 1);
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK_EQUAL(bytestore_cursor_position(cursor, &position), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_keys_from(view, (const uint8_t *)"b", 1, position, &cursor), OK);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &page), OK);
    CHECK(page.count == 1 && same_bytes(page.slices[0], S("bc")));
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_count(view, (const uint8_t *)"b", 1, &count), OK);
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(bytestore_delete_prefix(view, (const uint8_t *)"b", 1, &count), OK);
    CHECK(count == 1 && len_of(view) == 2 && counters_of(view).entries == 3);
    advance(view, 5);
    CHECK(len_of(view) == 0 && len_of(store) == 1);
    CHECK_EQUAL(bytestore_close(view), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* Every order in which a store and two namespaces of it, one of them in the other, can be closed. */
static void handles_are_closed_in_any_order(void) {
    static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t o = 0; o < COUNT_OF(orders); o++) {
        bytestore_store *handles[3];
        handles[0] = new_store();
        handles[1] = namespace_of(handles[0], S("a/"));
        handles[2] = namespace_of(handles[1], S("b/"));
        set_one(handles[2], S("1"), S("v"));
        for (size_t i = 0; i < 3; i++) {
            CHECK_EQUAL(bytestore_close(handles[orders[o][i]]), OK);
            for (size_t k = 0; k < 3; k++) {
                size_t len = RUBBISH_SIZE;
                const bytestore_status status = bytestore_len(handles[orders[o][k]], &len);
                CHECK(k <= i ? status == CLOSED && len == 0 : status == OK && len == 1);
            }
        }
        CHECK_EQUAL(bytestore_close(handles[orders[o][0]]), CLOSED);
    }
}

static void a_prefix_counts_as_part_of_the_key(void) {
    bytestore_store *store = store_at("memory:?max_item_bytes=8"), *view = namespace_of(store, S("12345"));
    const bytestore_slice fits = S("678"), too_long = S("6789");
    CHECK_EQUAL(bytestore_mset(view, 1, &fits, NULL, &(bytestore_slice){NULL, 0}, NULL), OK);
    CHECK_EQUAL(bytestore_mset(view, 1, &too_long, NULL, &(bytestore_slice){NULL, 0}, NULL), OVER_LIMIT);
    CHECK_EQUAL(counters_of(view).key_bytes, 8);
    CHECK_EQUAL(bytestore_close(view), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void the_prefix_is_copied(void) {
    uint8_t prefix[] = {'a', 0, 0xFF};
    bytestore_store *store = new_store(), *view = namespace_of(store, (bytestore_slice){prefix, sizeof prefix});
    memset(prefix, '#', sizeof prefix);
    set_one(view, S("1"), S("v"));
    CHECK(has_value(store,
                    S("a\0\xff"
                      "1"),
                    S("v")));
    CHECK_EQUAL(bytestore_close(view), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void *use_namespaces(void *argument) {
    for (size_t round = 0; round < rounds(2000, 50); round++) {
        bytestore_store *view = NULL;
        const bytestore_status status = bytestore_namespace(argument, (const uint8_t *)"n/", 2, &view);
        CHECK(status == OK || status == CLOSED);
        CHECK((status == OK) == (view != NULL));
        if (status == OK) {
            const bytestore_slice key = S("key");
            set_one(view, key, S("v"));
            CHECK_EQUAL(bytestore_mdelete(view, 1, &key, NULL, NULL), OK);
        }
        CHECK_EQUAL(bytestore_close(view), OK);
    }
    return NULL;
}

static void many_threads_open_and_close_them(void) {
    pthread_t threads[3];
    bytestore_store *store = new_store();
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        CHECK_EQUAL(pthread_create(&threads[i], NULL, use_namespaces, store), 0);
    }
    CHECK_EQUAL(bytestore_close(store), OK); /* at any moment */
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
}

static const test tests[] = {
    {"every function works within a namespace", every_function_works_within},
    {"handles of one store are closed in any order", handles_are_closed_in_any_order},
    {"a prefix counts as part of the key", a_prefix_counts_as_part_of_the_key},
    {"the prefix is copied", the_prefix_is_copied},
    {"many threads open and close namespaces", many_threads_open_and_close_them},
};
const test_group namespace_tests = {tests, COUNT_OF(tests)};
