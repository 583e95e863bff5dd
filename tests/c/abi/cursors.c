/* Cursors: pages, their order, their end, and what others do to the store meanwhile. */
#include "abi.h"

enum { KEYS = 3000 };
static char blob[KEYS * 7];
static bytestore_slice keys[KEYS];

static bytestore_store *numbered_store(void) {
    bytestore_store *store = new_store();
    static bytestore_slice values[KEYS];
    numbered_keys(KEYS, blob, keys);
    CHECK_EQUAL(bytestore_mset(store, KEYS, keys, NULL, values, NULL), OK);
    return store;
}

static bytestore_cursor *open_cursor(bytestore_store *store, bytestore_slice prefix) {
    bytestore_cursor *cursor = NULL;
    CHECK_EQUAL(bytestore_keys(store, prefix.ptr, prefix.len, &cursor), OK);
    CHECK(cursor != NULL);
    return cursor;
}

/* Checks one page: at most `most` keys, from number `first` on. How many there are. */
static size_t check_page(bytestore_cursor *cursor, size_t most, size_t first) {
    bytestore_buffer page = rubbish_buffer();
    CHECK_EQUAL(bytestore_cursor_next(cursor, most, &page), OK);
    check_layout(&page);
    CHECK((page.data != NULL) == (page.count > 0)); /* keys always stand side by side */
    CHECK(page.count <= (most == 0 ? 1024 : most));
    for (size_t i = 0; i < page.count && CHECK(first + i < KEYS); i++) {
        CHECK(same_bytes(page.slices[i], keys[first + i]));
    }
    const size_t count = page.count;
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    return count;
}

static void pages_hold_at_most_what_was_asked_for(void) {
    static const size_t sizes[] = {0, 1, 2, 7, 1000, 1024, KEYS - 1, KEYS, KEYS + 1, SIZE_MAX};
    bytestore_store *store = numbered_store();
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        bytestore_cursor *cursor = open_cursor(store, S(""));
        size_t seen = 0, count;
        while ((count = check_page(cursor, sizes[i], seen)) > 0) {
            seen += count;
        }
        CHECK_EQUAL(seen, KEYS);
        CHECK_EQUAL(check_page(cursor, sizes[i], 0), 0); /* ended is ended */
        set_one(store, S("later"), S(""));
        CHECK_EQUAL(check_page(cursor, sizes[i], 0), 0);
        const bytestore_slice later = S("later");
        CHECK_EQUAL(bytestore_mdelete(store, 1, &later, NULL, NULL), OK);
        CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    }
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_page_also_ends_after_a_mebibyte(void) {
    enum { LEN = 300 * 1024, COUNT = 8 };
    static uint8_t key[LEN];
    bytestore_store *store = new_store();
    memset(key, 'x', LEN);
    for (uint8_t i = 0; i < COUNT; i++) {
        key[0] = i;
        set_one(store, (bytestore_slice){key, LEN}, S(""));
    }
    bytestore_cursor *cursor = open_cursor(store, S(""));
    size_t seen = 0, pages = 0;
    bytestore_buffer page;
    while (bytestore_cursor_next(cursor, COUNT, &page) == OK && page.count > 0) {
        CHECK(page.data_len <= (1u << 20) + LEN);
        for (size_t i = 0; i < page.count; i++) {
            CHECK(page.slices[i].len == LEN && page.slices[i].ptr[0] == seen + i);
        }
        seen += page.count;
        pages++;
        CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    }
    CHECK_EQUAL(seen, COUNT);
    CHECK(pages > 1);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_prefix_is_bytes(void) {
    bytestore_store *store = new_store();
    const bytestore_slice all[] = {S(""), S("\0"), S("\0a"), S("\0b"), S("a\0"), S("a"), S("\xff"), S("\xff\xff")};
    static const bytestore_slice values[COUNT_OF(all)];
    CHECK_EQUAL(bytestore_mset(store, COUNT_OF(all), all, NULL, values, NULL), OK);
    for (size_t p = 0; p < COUNT_OF(all); p++) {
        bytestore_cursor *cursor = open_cursor(store, all[p]);
        bytestore_buffer page;
        CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &page), OK);
        size_t place = 0;
        for (size_t k = 0; k < COUNT_OF(all); k++) {
            if (all[k].len >= all[p].len && memcmp(all[k].ptr, all[p].ptr, all[p].len) == 0) {
                CHECK(place < page.count && same_bytes(page.slices[place], all[k]));
                place++;
            }
        }
        CHECK_EQUAL(page.count, place);
        CHECK_EQUAL(bytestore_free_buffer(&page), OK);
        CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    }
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_scan_is_as_of_its_first_page(void) {
    bytestore_store *store = numbered_store();
    bytestore_cursor *cursor = open_cursor(store, S(""));
    set_one(store, S("before the first page"), S("")); /* is seen: at the end */
    size_t seen = check_page(cursor, 10, 0);
    CHECK(seen > 0);
    set_one(store, S("after the first page"), S("")); /* is not */
    set_one(store, keys[KEYS - 1], S("overwritten")); /* keeps its place */
    for (size_t count; seen < KEYS && (count = check_page(cursor, KEYS - seen, seen)) > 0; seen += count) {
    }
    CHECK_EQUAL(seen, KEYS);
    bytestore_buffer last;
    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &last), OK);
    CHECK(last.count == 1 && same_bytes(last.slices[0], S("before the first page")));
    CHECK_EQUAL(bytestore_free_buffer(&last), OK);
    CHECK_EQUAL(check_page(cursor, 0, 0), 0);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_cursor_outlives_its_store_and_a_page_its_cursor(void) {
    bytestore_store *store = numbered_store();
    bytestore_cursor *cursor = open_cursor(store, S("k"));
    size_t seen = check_page(cursor, 10, 0);
    CHECK_EQUAL(bytestore_close(store), OK);
    for (size_t count; (count = check_page(cursor, 100, seen)) > 0; seen += count) {
        if (seen > KEYS / 2) {
            break;
        }
    }
    bytestore_buffer page;
    CHECK_EQUAL(bytestore_cursor_next(cursor, 5, &page), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_cursor_close(cursor), CLOSED);
    CHECK(page.count > 0);
    for (size_t i = 0; i < page.count; i++) {
        CHECK(page.slices[i].len == 7 && page.slices[i].ptr[0] == 'k');
    }
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    bytestore_buffer none = rubbish_buffer();
    CHECK_EQUAL(bytestore_cursor_next(cursor, 5, &none), CLOSED);
    CHECK(is_zero(&none));
}

static void cursors_are_apart(void) {
    bytestore_store *store = numbered_store();
    bytestore_cursor *slow = open_cursor(store, S("")), *fast = open_cursor(store, S(""));
    size_t slow_seen = 0, fast_seen = 0, count;
    while ((count = check_page(fast, 300, fast_seen)) > 0) {
        fast_seen += count;
        slow_seen += check_page(slow, 1, slow_seen);
    }
    CHECK_EQUAL(bytestore_cursor_close(fast), OK);
    while ((count = check_page(slow, 300, slow_seen)) > 0) {
        slow_seen += count;
    }
    CHECK(slow_seen == KEYS && fast_seen == KEYS);
    CHECK_EQUAL(bytestore_cursor_close(slow), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static const test tests[] = {
    {"pages hold at most what was asked for", pages_hold_at_most_what_was_asked_for},
    {"a page also ends after a mebibyte", a_page_also_ends_after_a_mebibyte},
    {"a prefix is bytes", a_prefix_is_bytes},
    {"a scan is as of its first page", a_scan_is_as_of_its_first_page},
    {"a cursor outlives its store, and a page its cursor", a_cursor_outlives_its_store_and_a_page_its_cursor},
    {"cursors are apart", cursors_are_apart},
};
const test_group cursor_tests = {tests, COUNT_OF(tests)};
