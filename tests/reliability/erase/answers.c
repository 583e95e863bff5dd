/* Ways of what calls make beside the entries: answers, views, pages of keys, keys of namespaces, computations. */
#include "way.h"

#include <pthread.h>
#include <string.h>

#define SECRET_KEY SECRET(40)
#define SECRET_VALUE SECRET(100)

/* Copied side by side, and more than was expected: most values are short. */
static void answers_are_freed(void) {
    bytestore_store *store = open_store(NULL);
    bytestore_buffer answers;
    uint32_t lens[60];
    set(store, PLAIN(20), PLAIN(10), 0, 1, 5000);
    set(store, PLAIN(24), SECRET(4000), 0, 1, 60);
    const uint8_t *keys = on_desk(true, PLAIN(24), 0).ptr;
    lens[0] = 24;
    for (size_t i = 1; i < 60; i++) {
        lens[i] = (uint32_t)on_desk(true, PLAIN(24), i).len;
    }
    MUST_DO(bytestore_mget(store, 60, keys, lens, &answers));
    wipe_desk();
    delete(store, PLAIN(24), 0, 1, 60);
    look_for_them();
    MUST(answers.data != NULL && answers.data_len == 60 * 4000);
    MUST_DO(bytestore_free_buffer(&answers));
    look_again();
    close_store(store);
}

static bytestore_buffer answer_of(bytestore_store *store, shape key) {
    bytestore_buffer answer;
    const bytestore_slice slice = on_desk(true, key, 0);
    MUST_DO(bytestore_mget(store, 1, &slice, NULL, &answer));
    wipe_desk();
    return answer;
}

static void small_view_is_freed(void) {
    bytestore_store *store = open_store(NULL);
    set(store, PLAIN(20), SECRET_VALUE, 0, 1, 1);
    bytestore_buffer answer = answer_of(store, PLAIN(20));
    close_store(store);
    look_for_them();
    MUST_DO(bytestore_free_buffer(&answer));
    look_again();
}

static void large_view_is_freed(void) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    set(store, SECRET_KEY, SECRET(9000), 0, 1, 1);
    bytestore_buffer answer = answer_of(store, SECRET_KEY);
    delete(store, SECRET_KEY, 0, 1, 1);
    look_for_them();
    MUST_DO(bytestore_free_buffer(&answer));
    look_again();
    close_store(store);
}

static void view_outlives_its_store(void) {
    bytestore_store *store = open_store(NULL);
    set(store, SECRET_KEY, SECRET(9000), 0, 1, 1);
    bytestore_buffer answer = answer_of(store, SECRET_KEY);
    close_store(store);
    look_for_them();
    MUST_DO(bytestore_free_buffer(&answer));
    look_again();
}

/* The caller wipes what is his. */
static void written_to_the_caller(void) {
    bytestore_store *store = open_store(NULL);
    static uint8_t mine[10000];
    size_t len;
    bytestore_area area = {mine, sizeof mine, &len, 0};
    set_others(store);
    set(store, SECRET_KEY, SECRET(9000), 0, 1, 1);
    const bytestore_slice key = on_desk(true, SECRET_KEY, 0);
    MUST_DO(bytestore_mget_into(store, 1, &key, NULL, &area));
    wipe_desk();
    delete(store, SECRET_KEY, 0, 1, 1);
    look_for_them();
    memset(mine, 0, sizeof mine);
    look_again();
    close_store(store);
}

static size_t keys_of(bytestore_cursor *cursor, size_t most) {
    bytestore_buffer page;
    size_t count = 0;
    do {
        MUST_DO(bytestore_cursor_next(cursor, most, &page));
        count += page.count;
    } while (page.count > 0 && bytestore_free_buffer(&page) == BYTESTORE_OK);
    return count;
}

/* Pages become longer as they are filled; the prefix is the cursor's. */
static void keys_are_read(void) {
    bytestore_store *store = open_store(NULL);
    bytestore_cursor *cursor;
    set_others(store);
    set(store, SECRET_KEY, PLAIN(10), 0, 1, 3000);
    const bytestore_slice prefix = on_desk(true, SECRET(32), 0);
    MUST_DO(bytestore_keys(store, prefix.ptr, 24, &cursor));
    wipe_desk();
    MUST(keys_of(cursor, 0) == 3000);
    delete(store, SECRET_KEY, 0, 1, 3000);
    look_for_them();
    MUST_DO(bytestore_cursor_close(cursor));
    look_again();
    close_store(store);
}

static void page_outlives_its_store(void) {
    bytestore_store *store = open_store(NULL);
    bytestore_cursor *cursor;
    bytestore_buffer page;
    set(store, SECRET_KEY, PLAIN(10), 0, 1, 300);
    MUST_DO(bytestore_keys(store, NULL, 0, &cursor));
    MUST_DO(bytestore_cursor_next(cursor, 200, &page));
    MUST_DO(bytestore_cursor_close(cursor));
    close_store(store);
    look_for_them();
    MUST_DO(bytestore_free_buffer(&page));
    look_again();
}

/* Its prefix and all its joined keys are secret, and the entries too. */
static void namespace_is_closed(void) {
    bytestore_store *store = open_store(NULL), *view;
    bytestore_cursor *cursor;
    size_t count;
    set_others(store);
    const bytestore_slice prefix = on_desk(true, SECRET(64), 0);
    MUST_DO(bytestore_namespace(store, prefix.ptr, prefix.len, &view));
    wipe_desk();
    set(view, PLAIN(20), SECRET_VALUE, 0, 1, 200);
    set(view, SECRET_KEY, PLAIN(10), 0, 1, 1);
    MUST(hits(view, PLAIN(20), 0, 1, 200) == 200);
    MUST_DO(bytestore_count(view, (const uint8_t *)"k", 1, &count));
    MUST_DO(bytestore_keys(view, (const uint8_t *)"k", 1, &cursor));
    MUST(count == 200 && keys_of(cursor, 30) == 200);
    MUST_DO(bytestore_cursor_close(cursor));
    delete(view, PLAIN(20), 0, 1, 100);
    MUST_DO(bytestore_delete_prefix(view, NULL, 0, &count));
    MUST(count == 101);
    look_for_them();
    close_store(view);
    look_again();
    close_store(store);
}

static bytestore_computation *computation_of(bytestore_store *store, size_t keys) {
    bytestore_computation *computation = NULL;
    bytestore_slice slices[64];
    for (size_t i = 0; i < keys; i++) {
        slices[i] = on_desk(true, SECRET_KEY, i);
    }
    MUST_DO(bytestore_compute(store, keys, slices, NULL, 0, &computation));
    wipe_desk();
    return computation;
}

/* Asks for the keys that are missing, and gives the first `given` values. */
static void compute(bytestore_computation *computation, size_t given) {
    bytestore_buffer missing, answers;
    bytestore_slice values[64];
    MUST_DO(bytestore_computation_next(computation, &missing));
    for (size_t i = 0; i < given; i++) {
        values[i] = on_desk(false, SECRET(i % 2 == 0 ? 100 : 5000), i);
    }
    if (given > 0) {
        MUST(missing.count == given);
        MUST_DO(bytestore_computation_set(computation, given, values, NULL));
        MUST_DO(bytestore_computation_values(computation, &answers));
        MUST_DO(bytestore_free_buffer(&answers));
    }
    wipe_desk();
    MUST_DO(bytestore_free_buffer(&missing));
}

static void computation_is_closed(void) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    set(store, SECRET_KEY, SECRET_VALUE, 0, 1, 30);
    bytestore_computation *computation = computation_of(store, 60);
    compute(computation, 30);
    delete(store, SECRET_KEY, 0, 1, 60);
    look_for_them();
    MUST_DO(bytestore_computation_close(computation));
    look_again();
    close_store(store);
}

static void computation_fails(void) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    bytestore_computation *computation = computation_of(store, 20);
    compute(computation, 0);
    look_for_them();
    MUST_DO(bytestore_computation_fail(computation, 77));
    MUST_DO(bytestore_computation_close(computation));
    look_again();
    close_store(store);
}

static void computation_is_given_up(void) {
    bytestore_store *store = open_store(NULL);
    set_others(store);
    bytestore_computation *computation = computation_of(store, 20);
    compute(computation, 0);
    look_for_them();
    MUST_DO(bytestore_computation_close(computation));
    look_again();
    close_store(store);
}

static void *wait_for_values(void *computation) {
    bytestore_buffer missing, answers;
    MUST_DO(bytestore_computation_next(computation, &missing));
    MUST(missing.count == 0);
    MUST_DO(bytestore_computation_values(computation, &answers));
    MUST_DO(bytestore_free_buffer(&answers));
    return NULL;
}

/* Others wait for the values, and have them after those who computed them are gone. */
static void computed_for_others(void) {
    bytestore_store *store = open_store(NULL);
    pthread_t waiter;
    set_others(store);
    bytestore_computation *first = computation_of(store, 20);
    compute(first, 0);
    bytestore_computation *second = computation_of(store, 20);
    MUST(pthread_create(&waiter, NULL, wait_for_values, second) == 0);
    compute(first, 20);
    MUST(pthread_join(waiter, NULL) == 0);
    MUST_DO(bytestore_computation_close(first));
    delete(store, SECRET_KEY, 0, 1, 20);
    look_for_them();
    MUST_DO(bytestore_computation_close(second));
    look_again();
    close_store(store);
}

static const way ways[] = {
    {"answers freed, more than was expected", answers_are_freed, false},
    {"an answer freed after its store was closed", small_view_is_freed, false},
    {"a view freed after its entry was deleted", large_view_is_freed, false},
    {"a view freed after its store was closed", view_outlives_its_store, false},
    {"written to the caller's memory, which he wipes", written_to_the_caller, false},
    {"keys read by a cursor with a prefix", keys_are_read, false},
    {"a page of keys freed after its store was closed", page_outlives_its_store, false},
    {"a namespace and all it did", namespace_is_closed, false},
    {"a computation", computation_is_closed, false},
    {"a computation that fails", computation_fails, false},
    {"a computation that is given up", computation_is_given_up, false},
    {"a computation that others wait for", computed_for_others, false},
};

const way_group answer_ways = {ways, sizeof ways / sizeof *ways};
