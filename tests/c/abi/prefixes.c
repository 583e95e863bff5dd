/* Questions about a prefix: what they refuse, and that counting and deleting are of one moment. */
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "abi.h"

static const struct {
    const char *name;
    const uint8_t *prefix;
    size_t len;
    bool good;
} prefixes[] = {
    {"no prefix", NULL, 0, true},
    {"an empty prefix", (const uint8_t *)"", 0, true},
    {"a prefix", (const uint8_t *)"a", 1, true},
    {"a prefix at NULL", NULL, 1, false},
    {"a prefix longer than memory", (const uint8_t *)"a", SIZE_MAX, false},
    {"a prefix over the end of memory", LAST_ADDRESS, 2, false},
};

/* Calls that open something, and how it is closed. */
typedef bytestore_status opening(bytestore_store *store, const uint8_t *prefix, size_t len, void **opened);

static bytestore_status open_keys(bytestore_store *store, const uint8_t *prefix, size_t len, void **opened) {
    return bytestore_keys(store, prefix, len, (bytestore_cursor **)opened);
}
static bytestore_status open_keys_from(bytestore_store *store, const uint8_t *prefix, size_t len, void **opened) {
    return bytestore_keys_from(store, prefix, len, 5, (bytestore_cursor **)opened);
}
static bytestore_status open_namespace(bytestore_store *store, const uint8_t *prefix, size_t len, void **opened) {
    return bytestore_namespace(store, prefix, len, (bytestore_store **)opened);
}
static bytestore_status close_cursor(void *cursor) { return bytestore_cursor_close(cursor); }
static bytestore_status close_store(void *store) { return bytestore_close(store); }

static void check_opening(const char *name, opening *call, bytestore_status (*close)(void *)) {
    bytestore_store *handles[HANDLE_KINDS];
    make_handles(handles);
    for (size_t h = 0; h < HANDLE_KINDS; h++) {
        for (size_t p = 0; p < COUNT_OF(prefixes); p++) {
            for (int out_kind = 0; out_kind < 3; out_kind++) {
                alignas(16) void *places[2];
                memset(places, RUBBISH_BYTE, sizeof places);
                void **outs[] = {places, NULL, (void **)((uintptr_t)places + 1)};
                const bytestore_status status = call(handles[h], prefixes[p].prefix, prefixes[p].len, outs[out_kind]);
                one_of(status, allowed(prefixes[p].good, h == 0, out_kind == 0), name, prefixes[p].name,
                       handle_names[h]);
                CHECK(out_kind == 0 ? (places[0] != NULL) == (status == OK) : (size_t)places[0] == RUBBISH_SIZE);
                CHECK((size_t)places[1] == RUBBISH_SIZE);
                if (out_kind == 0) {
                    CHECK_EQUAL(close(places[0]), OK);
                }
            }
        }
    }
    close_handles(handles);
}

static void keys_refuses_what_is_wrong(void) { check_opening("keys", open_keys, close_cursor); }
static void keys_from_refuses_what_is_wrong(void) { check_opening("keys_from", open_keys_from, close_cursor); }
static void namespace_refuses_what_is_wrong(void) { check_opening("namespace", open_namespace, close_store); }

/* bytestore_count needs its number, bytestore_delete_prefix does not. */
static void check_number(const char *name, bool needs_out,
                         bytestore_status (*call)(bytestore_store *, const uint8_t *, size_t, size_t *)) {
    bytestore_store *handles[HANDLE_KINDS];
    make_handles(handles);
    for (size_t h = 0; h < HANDLE_KINDS; h++) {
        for (size_t p = 0; p < COUNT_OF(prefixes); p++) {
            for (int out_kind = 0; out_kind < 3; out_kind++) {
                alignas(16) size_t number[2] = {RUBBISH_SIZE, RUBBISH_SIZE};
                size_t *outs[] = {number, NULL, (size_t *)((uintptr_t)number + 1)};
                set_one(handles[0], S("a"), S("1"));
                const bytestore_status status = call(handles[h], prefixes[p].prefix, prefixes[p].len, outs[out_kind]);
                one_of(status, allowed(prefixes[p].good, h == 0, out_kind == 0 || (out_kind == 1 && !needs_out)), name,
                       prefixes[p].name, handle_names[h]);
                CHECK(number[0] == (out_kind != 0 ? RUBBISH_SIZE : status == OK) && number[1] == RUBBISH_SIZE);
                CHECK(len_of(handles[0]) == (needs_out || status != OK));
            }
        }
    }
    close_handles(handles);
}

static void count_refuses_what_is_wrong(void) { check_number("count", true, bytestore_count); }
static void delete_prefix_refuses_what_is_wrong(void) { check_number("delete_prefix", false, bytestore_delete_prefix); }

enum { MANY = 6000 }; /* more than a store walks through */

static size_t count_of(bytestore_store *store, bytestore_slice prefix) {
    size_t count = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_count(store, prefix.ptr, prefix.len, &count), OK);
    return count;
}

static size_t deleted(bytestore_store *store, bytestore_slice prefix) {
    size_t removed = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_delete_prefix(store, prefix.ptr, prefix.len, &removed), OK);
    return removed;
}

static void large_and_small_stores_answer_alike(void) {
    static char blob[MANY * 7];
    static bytestore_slice keys[MANY];
    static uint8_t large[5000];
    bytestore_store *store = store_at("memory:?clock=manual");
    numbered_keys(MANY, blob, keys);
    for (size_t i = 0; i < MANY; i++) {
        set_for(store, keys[i], (bytestore_slice){large, i % 100 == 0 ? sizeof large : 3}, 1 + i % 2);
        CHECK(i % 1000 != 0 || count_of(store, S("k")) == i + 1);
    }
    CHECK_EQUAL(count_of(store, S("k0051")), 100);
    CHECK_EQUAL(deleted(store, S("k00511")), 10);
    CHECK_EQUAL(deleted(store, S("k00511")), 0);
    CHECK_EQUAL(count_of(store, S("k0051")), 90);
    advance(store, 1); /* those with even numbers end */
    CHECK_EQUAL(count_of(store, S("k0051")), 45);
    CHECK_EQUAL(count_of(store, S("")), MANY / 2 - 5);
    CHECK_EQUAL(deleted(store, S("k005")), 495);
    CHECK_EQUAL(deleted(store, S("")), MANY / 2 - 500);
    CHECK(len_of(store) == 0 && counters_of(store).deletes == MANY / 2 + 5);
    CHECK_EQUAL(bytestore_close(store), OK);
}

enum { BATCH = 40 };

typedef struct {
    bytestore_store *store;
    atomic_bool done;
} shared;

static void *set_and_delete(void *argument) {
    shared *work = argument;
    char blob[BATCH * 7];
    bytestore_slice keys[BATCH];
    numbered_keys(BATCH, blob, keys);
    for (size_t round = 0; round < rounds(1000, 20); round++) {
        CHECK_EQUAL(bytestore_mset(work->store, BATCH, keys, NULL, keys, NULL), OK);
        CHECK_EQUAL(deleted(work->store, S("k0000")), BATCH);
    }
    atomic_store(&work->done, true);
    return NULL;
}

static void nobody_sees_half_of_it(void) {
    shared work = {.store = new_store()};
    pthread_t writer;
    char blob[BATCH * 7];
    bytestore_slice keys[BATCH];
    numbered_keys(BATCH, blob, keys);
    CHECK_EQUAL(pthread_create(&writer, NULL, set_and_delete, &work), 0);
    while (!atomic_load(&work.done)) {
        const size_t count = count_of(work.store, S("k"));
        CHECK(count == 0 || count == BATCH);
        bytestore_buffer answers;
        CHECK_EQUAL(bytestore_mget(work.store, BATCH, keys, NULL, &answers), OK);
        for (size_t i = 0; i < BATCH; i++) {
            CHECK((answers.slices[i].ptr == NULL) == (answers.slices[0].ptr == NULL));
        }
        CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    }
    CHECK_EQUAL(pthread_join(writer, NULL), 0);
    CHECK_EQUAL(bytestore_close(work.store), OK);
}

static const test tests[] = {
    {"keys refuses what is wrong", keys_refuses_what_is_wrong},
    {"keys_from refuses what is wrong", keys_from_refuses_what_is_wrong},
    {"namespace refuses what is wrong", namespace_refuses_what_is_wrong},
    {"count refuses what is wrong", count_refuses_what_is_wrong},
    {"delete_prefix refuses what is wrong", delete_prefix_refuses_what_is_wrong},
    {"large and small stores answer alike", large_and_small_stores_answer_alike},
    {"nobody sees half of what is deleted", nobody_sees_half_of_it},
};
const test_group prefix_tests = {tests, COUNT_OF(tests)};
