/* Going on from a position: numbers that outlive their cursors, and what others do to the store meanwhile. */
#include <stdalign.h>

#include "abi.h"

/* The names of a page's keys side by side, and where the next page begins. */
static uint64_t page_from(bytestore_store *store, bytestore_slice prefix, uint64_t position, size_t most,
                          const char *expected) {
    bytestore_cursor *cursor = NULL;
    bytestore_buffer page;
    uint64_t next = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_keys_from(store, prefix.ptr, prefix.len, position, &cursor), OK);
    CHECK_EQUAL(bytestore_cursor_next(cursor, most, &page), OK);
    CHECK_EQUAL(bytestore_cursor_position(cursor, &next), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    if (!CHECK(page.data_len == strlen(expected) &&
               (page.data_len == 0 || memcmp(page.data, expected, page.data_len) == 0))) {
        printf("  %.*s in place of %s\n", (int)page.data_len, page.data_len == 0 ? "" : (const char *)page.data,
               expected);
    }
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    return next;
}

static void set_all(bytestore_store *store, const char *keys) {
    for (; *keys != '\0'; keys++) {
        set_one(store, (bytestore_slice){(const uint8_t *)keys, 1}, S("1"));
    }
}

static void delete_all(bytestore_store *store, const char *keys) {
    for (; *keys != '\0'; keys++) {
        const bytestore_slice key = {(const uint8_t *)keys, 1};
        CHECK_EQUAL(bytestore_mdelete(store, 1, &key, NULL, NULL), OK);
    }
}

static void pages_follow_each_other(void) {
    bytestore_store *store = new_store();
    set_all(store, "abcdefg");
    const uint64_t second = page_from(store, S(""), 0, 3, "abc"), third = page_from(store, S(""), second, 3, "def");
    const uint64_t last = page_from(store, S(""), third, 3, "g");
    CHECK(second < third && third < last);
    CHECK_EQUAL(page_from(store, S(""), last, 3, ""), last);
    page_from(store, S(""), second, 2, "de"); /* any of them, as often as one likes */
    page_from(store, S(""), UINT64_MAX, 3, "");
    set_all(store, "ah"); /* a is there: it keeps its place */
    page_from(store, S(""), last, 3, "h");
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void positions_bear_deletion(void) {
    bytestore_store *store = new_store();
    set_all(store, "abcdefg");
    const uint64_t next = page_from(store, S(""), 0, 3, "abc");
    delete_all(store, "cde");
    page_from(store, S(""), next, 9, "fg");
    set_all(store, "d"); /* to the end */
    page_from(store, S(""), next, 9, "fgd");
    delete_all(store, "abcdefg");
    page_from(store, S(""), next, 9, "");
    set_all(store, "x");
    page_from(store, S(""), next, 9, "x");
    page_from(store, S(""), 0, 9, "x");
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_prefix_goes_on_in_a_large_store(void) {
    enum { MANY = 6000, MOST = 70 };
    static char blob[MANY * 7];
    static bytestore_slice keys[MANY];
    bytestore_store *store = new_store();
    numbered_keys(MANY, blob, keys);
    for (size_t i = 0; i < MANY; i++) { /* odd ones first, then even ones */
        const size_t number = i < MANY / 2 ? 2 * i + 1 : 2 * (i - MANY / 2);
        set_one(store, keys[number], S("1"));
    }
    static const char *const prefixes[] = {"k0012", "k00", "k", ""};
    for (size_t p = 0; p < COUNT_OF(prefixes); p++) {
        const bytestore_slice prefix = {(const uint8_t *)prefixes[p], strlen(prefixes[p])};
        size_t wanted = 0, seen = 0, count;
        uint64_t position = 0;
        CHECK_EQUAL(bytestore_count(store, prefix.ptr, prefix.len, &wanted), OK);
        unsigned last = 0, turns = 0;
        do {
            bytestore_cursor *cursor = NULL;
            bytestore_buffer page;
            CHECK_EQUAL(bytestore_keys_from(store, prefix.ptr, prefix.len, position, &cursor), OK);
            CHECK_EQUAL(bytestore_cursor_next(cursor, MOST, &page), OK);
            CHECK_EQUAL(bytestore_cursor_position(cursor, &position), OK);
            for (size_t i = 0; i < page.count; i++) {
                unsigned number = 0;
                char text[8] = {0};
                memcpy(text, page.slices[i].ptr, 7);
                CHECK(sscanf(text, "k%6u", &number) == 1 && memcmp(text, prefixes[p], prefix.len) == 0);
                turns += seen + i > 0 && number < last; /* from the odd ones to the even ones */
                last = number;
            }
            count = page.count;
            seen += count;
            CHECK_EQUAL(bytestore_free_buffer(&page), OK);
            CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
        } while (count > 0);
        CHECK(seen == wanted && turns == 1);
    }
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* A cursor's own position: before its first page, between pages, at its end, when its store has gone. */
static void a_cursor_says_where_it_is(void) {
    bytestore_store *store = new_store();
    set_all(store, "abc");
    bytestore_cursor *cursor = NULL;
    bytestore_buffer page;
    uint64_t first = RUBBISH_SIZE, second = RUBBISH_SIZE, third = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_cursor_position(cursor, &first), OK);
    page_from(store, S(""), first, 9, "abc");
    CHECK_EQUAL(bytestore_cursor_next(cursor, 2, &page), OK);
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK_EQUAL(bytestore_cursor_position(cursor, &second), OK);
    page_from(store, S(""), second, 9, "c");
    CHECK_EQUAL(bytestore_cursor_next(cursor, 2, &page), OK);
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 2, &page), OK);
    CHECK_EQUAL(page.count, 0);
    set_all(store, "d");
    CHECK_EQUAL(bytestore_cursor_position(cursor, &third), OK);
    page_from(store, S(""), third, 9, "d");
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(bytestore_cursor_position(cursor, &first), OK);
    CHECK_EQUAL(first, third);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
}

static void cursor_position_refuses_what_is_wrong(void) {
    bytestore_store *store = new_store();
    bytestore_cursor *cursor = NULL;
    alignas(16) uint64_t places[2] = {RUBBISH_SIZE, RUBBISH_SIZE};
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_cursor_position(cursor, NULL), INVALID);
    CHECK_EQUAL(bytestore_cursor_position(cursor, (uint64_t *)((uintptr_t)places + 1)), INVALID);
    CHECK(places[0] == RUBBISH_SIZE && places[1] == RUBBISH_SIZE);
    CHECK_EQUAL(bytestore_cursor_position((bytestore_cursor *)store, &places[0]), CLOSED);
    CHECK(places[0] == 0 && places[1] == RUBBISH_SIZE);
    places[0] = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_cursor_position(NULL, &places[0]), CLOSED);
    CHECK_EQUAL(places[0], 0);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    places[0] = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_cursor_position(cursor, &places[0]), CLOSED);
    CHECK_EQUAL(places[0], 0);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static const test tests[] = {
    {"pages follow each other", pages_follow_each_other},
    {"positions bear deletion", positions_bear_deletion},
    {"a prefix goes on in a large store", a_prefix_goes_on_in_a_large_store},
    {"a cursor says where it is", a_cursor_says_where_it_is},
    {"cursor_position refuses what is wrong", cursor_position_refuses_what_is_wrong},
};
const test_group page_tests = {tests, COUNT_OF(tests)};
