/* Time to live: entries end for every function at once, and what was given out before stays. */
#include <unistd.h>

#include "abi.h"

enum { KEYS = 300 }; /* more than a page of a scan here, and a batch that takes all shards */
static char key_blob[KEYS * 7];
static bytestore_slice keys[KEYS], values[KEYS];

static void fill(bytestore_store *store, uint64_t ttl_ms) {
    static uint8_t bytes[KEYS * 20];
    numbered_keys(KEYS, key_blob, keys);
    for (size_t i = 0; i < KEYS; i++) {
        values[i] = (bytestore_slice){bytes, i * 20}; /* the later ones are handed out by reference */
    }
    CHECK_EQUAL(bytestore_mset_ttl(store, KEYS, keys, NULL, values, NULL, ttl_ms), OK);
}

static size_t count_keys(bytestore_store *store) {
    bytestore_cursor *cursor = NULL;
    bytestore_buffer page;
    size_t count = 0;
    bool more;
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    do {
        CHECK_EQUAL(bytestore_cursor_next(cursor, 70, &page), OK);
        count += page.count;
        more = page.count > 0;
        CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    } while (more);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    return count;
}

static void entries_end_for_every_function_at_once(void) {
    bytestore_store *store = store_at("memory:?clock=manual");
    fill(store, 100);
    advance(store, 99);
    CHECK_EQUAL(len_of(store), KEYS);
    CHECK_EQUAL(count_keys(store), KEYS);
    CHECK(has_value(store, keys[KEYS - 1], values[KEYS - 1]));
    advance(store, 1);
    size_t lens[KEYS], removed = RUBBISH_SIZE;
    bytestore_area area = {NULL, 0, lens, RUBBISH_SIZE};
    bytestore_buffer answers;
    CHECK_EQUAL(len_of(store), 0);
    CHECK_EQUAL(count_keys(store), 0);
    CHECK_EQUAL(bytestore_mget(store, KEYS, keys, NULL, &answers), OK);
    CHECK_EQUAL(bytestore_mget_into(store, KEYS, keys, NULL, &area), OK);
    for (size_t i = 0; i < KEYS; i++) {
        CHECK(answers.slices[i].ptr == NULL && lens[i] == BYTESTORE_MISSING);
    }
    CHECK_EQUAL(area.len, 0);
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    CHECK_EQUAL(bytestore_mdelete(store, KEYS, keys, NULL, &removed), OK);
    CHECK_EQUAL(removed, 0);
    CHECK_EQUAL(counters_of(store).deletes, 0);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void setting_again_gives_a_new_end_or_none(void) {
    bytestore_store *store = store_at("memory:?clock=manual&ttl=10ms");
    set_one(store, S("default"), S("1"));
    set_for(store, S("longer"), S("1"), 20);
    set_for(store, S("for ever"), S("1"), BYTESTORE_NO_TTL);
    set_for(store, S("was longer"), S("1"), 20);
    set_one(store, S("was longer"), S("2"));
    set_one(store, S("now for ever"), S("1"));
    set_for(store, S("now for ever"), S("2"), BYTESTORE_NO_TTL);
    advance(store, 9);
    CHECK_EQUAL(len_of(store), 5);
    advance(store, 1);
    CHECK(is_missing(store, S("default")) && is_missing(store, S("was longer")));
    CHECK(has_value(store, S("longer"), S("1")) && len_of(store) == 3);
    advance(store, 10);
    CHECK(is_missing(store, S("longer")));
    advance(store, UINT64_MAX);
    CHECK(has_value(store, S("for ever"), S("1")) && has_value(store, S("now for ever"), S("2")));
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* Neither a long time nor a late clock may come round to an early end, or to none. */
static void the_longest_times_are_no_exception(void) {
    bytestore_store *store = store_at("memory:?clock=manual");
    set_for(store, S("long"), S("1"), UINT64_MAX - 1);
    advance(store, UINT64_MAX / 2);
    set_for(store, S("longer"), S("1"), UINT64_MAX - 1);
    CHECK_EQUAL(len_of(store), 2);
    advance(store, UINT64_MAX); /* the clock stops at its end */
    advance(store, UINT64_MAX);
    CHECK_EQUAL(len_of(store), 0);
    set_for(store, S("for ever"), S("1"), BYTESTORE_NO_TTL);
    CHECK(has_value(store, S("for ever"), S("1")));
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void both_shapes_of_input_live_as_long(void) {
    bytestore_store *store = store_at("memory:?clock=manual");
    const bytestore_slice items[] = {S("a"), S("bc")};
    const uint32_t lens[] = {1, 2};
    for (int shape = 0; shape < 4; shape++) {
        const bool k = shape & 1, v = shape & 2;
        CHECK_EQUAL(bytestore_mset_ttl(store, 2, k ? (const void *)"abc" : items, k ? lens : NULL,
                                       v ? (const void *)"abc" : items, v ? lens : NULL, 5),
                    OK);
        advance(store, 4);
        CHECK(has_value(store, S("a"), S("a")) && has_value(store, S("bc"), S("bc")));
        advance(store, 1);
        CHECK_EQUAL(len_of(store), 0);
    }
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* Valgrind and sanitizers watch: memory of what has ended is taken back, but not what others hold. */
static void answers_and_scans_outlive_the_end(void) {
    bytestore_store *store = store_at("memory:?clock=manual");
    bytestore_cursor *cursor = NULL;
    bytestore_buffer answers, page;
    fill(store, 10);
    CHECK_EQUAL(bytestore_mget(store, KEYS, keys, NULL, &answers), OK);
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 10, &page), OK);
    advance(store, 10);
    for (size_t i = 0; i < 2 * KEYS; i++) { /* writes take the memory back */
        set_one(store, keys[i % KEYS], S("again"));
    }
    CHECK(answers.count == KEYS && page.count == 10);
    for (size_t i = 0; i < answers.count; i++) {
        CHECK(same_bytes(answers.slices[i], values[i]));
        CHECK(i >= page.count || same_bytes(page.slices[i], keys[i]));
    }
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &page), OK); /* those it began with have ended */
    CHECK_EQUAL(page.count, 0);
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK(same_bytes(answers.slices[KEYS - 1], values[KEYS - 1]));
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
}

static void memory_of_what_has_ended_is_taken_back(void) {
    bytestore_store *store = store_at("memory:?clock=manual");
    fill(store, 10);
    CHECK_EQUAL(counters_of(store).expirations, 0);
    advance(store, 10);
    for (size_t i = 0; i < rounds(100000, 5000); i++) { /* others, that never end */
        set_one(store, S("other"), S("1"));
        set_one(store, (bytestore_slice){(const uint8_t *)&i, sizeof i}, S("1"));
    }
    const bytestore_counters counters = counters_of(store);
    CHECK_EQUAL(counters.expirations, KEYS);
    CHECK_EQUAL(counters.deletes, 0);
    CHECK_EQUAL(counters.entries, len_of(store));
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* The system's clock: it must end at some time, and nobody says when. */
static void real_time_passes_too(void) {
    bytestore_store *store = store_at("memory:?ttl=1ms");
    set_one(store, S("default"), S("1"));
    set_for(store, S("given"), S("1"), 1);
    set_for(store, S("for ever"), S("1"), BYTESTORE_NO_TTL);
    while (len_of(store) != 1) { /* a hang is the suite's to notice */
        usleep(1000);
    }
    CHECK(has_value(store, S("for ever"), S("1")));
    CHECK_EQUAL(bytestore_advance_clock(store, 1), INVALID);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static const test tests[] = {
    {"entries end for every function at once", entries_end_for_every_function_at_once},
    {"setting again gives a new end or none", setting_again_gives_a_new_end_or_none},
    {"the longest times are no exception", the_longest_times_are_no_exception},
    {"both shapes of input live as long", both_shapes_of_input_live_as_long},
    {"answers and scans outlive the end", answers_and_scans_outlive_the_end},
    {"memory of what has ended is taken back", memory_of_what_has_ended_is_taken_back},
    {"real time passes too", real_time_passes_too},
};
const test_group ttl_tests = {tests, COUNT_OF(tests)};
