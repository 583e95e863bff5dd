/* Out-parameters: required or optional, zeroed first whatever happens, never touched when they are misaligned. */
#include <stdalign.h>

#include "abi.h"

static void open_refuses_what_is_wrong(void) {
    static const struct {
        const char *url;
        bytestore_status status;
        const char *part;
        size_t at; /* where in the URL the part begins */
    } urls[] = {
        {"memory:", OK, NULL, 0},
        {"memory:?", OK, NULL, 0},
        {NULL, INVALID, NULL, 0},
        {"", INVALID, "", 0},
        {"nosuch:", INVALID, "nosuch", 0},
        {"Memory:", INVALID, "Memory", 0},
        {"memory:?no=1", INVALID, "no=1", 8},
        {"memory:\xff", INVALID, "memory:\xff", 0},
        {"memory:?max_bytes=512MiB&max_entries=1000&max_item_bytes=1MiB&ttl=1h&clock=manual&erase=true", OK, NULL, 0},
        {"memory:?max_bytes=18446744073709551614", OK, NULL, 0},
        {"memory:?max_bytes=18446744073709551615", INVALID, "max_bytes=18446744073709551615", 8},
        {"memory:?ttl=1h&max_bytes=1kib", INVALID, "max_bytes=1kib", 15},
        {"memory:?ttl=1h&ttl=1h", INVALID, "ttl=1h", 15},
        {"memory:?ttl=1&clock=manual", INVALID, "ttl=1", 8},
        {"memory:?max_entries=0", INVALID, "max_entries=0", 8},
        {"memory:?clock=system", INVALID, "clock=system", 8},
        {"memory:?ttl=1h&clock=manual&clock=manual", INVALID, "clock=manual", 28},
        {"memory:?erase=true&erase=true", INVALID, "erase=true", 19},
        {"memory:?erase=false", INVALID, "erase=false", 8},
        {"memory:?ttl=1h&max_\xff", INVALID, "memory:?ttl=1h&max_\xff", 0},
        {"memory:A-Z_0.9?ttl=1h", OK, NULL, 0},
        {"memory:no name?ttl=1h", INVALID, "no name", 7},
        {"memory:name?no=1", INVALID, "no=1", 12},
        {"memory:name?over=redis://host", INVALID, "name", 7},
        {"memory:?ttl=1h&clock=manual&over=redis://host", INVALID, "clock=manual", 15},
        {"memory:?ttl=1h&erase=true&over=redis://host", INVALID, "erase=true", 15},
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        bytestore_store *store = (bytestore_store *)RUBBISH_SIZE;
        bytestore_slice part = {(const uint8_t *)&part, RUBBISH_SIZE};
        CHECK_EQUAL(bytestore_open(urls[i].url, &store, &part), urls[i].status);
        CHECK((store != NULL) == (urls[i].status == OK));
        if (urls[i].part == NULL) {
            CHECK(part.ptr == NULL && part.len == 0);
        } else {
            CHECK(part.ptr == (const uint8_t *)urls[i].url + urls[i].at);
            CHECK_EQUAL(part.len, strlen(urls[i].part));
        }
        CHECK_EQUAL(bytestore_close(store), OK);

        store = NULL;
        CHECK_EQUAL(bytestore_open(urls[i].url, &store, NULL), urls[i].status);
        CHECK_EQUAL(bytestore_close(store), OK);

        part = (bytestore_slice){NULL, RUBBISH_SIZE};
        CHECK_EQUAL(bytestore_open(urls[i].url, NULL, &part), INVALID);
        CHECK(part.ptr == NULL && part.len == 0);
    }
}

static void misaligned_outputs_are_refused_and_not_touched(void) {
    /* Large enough for each kind of output one byte further. */
    alignas(16) unsigned char room[sizeof(bytestore_counters) + 16], untouched[sizeof room];
    void *misaligned = room + 1;
    memset(room, RUBBISH_BYTE, sizeof room);
    memset(untouched, RUBBISH_BYTE, sizeof untouched);
    bytestore_store *store = new_store(), *other = (bytestore_store *)room;
    bytestore_cursor *cursor = NULL;
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);

    CHECK_EQUAL(bytestore_open("memory:", misaligned, NULL), INVALID);
    CHECK_EQUAL(bytestore_open("memory:", &other, misaligned), INVALID);
    CHECK(other == NULL);
    CHECK_EQUAL(bytestore_len(store, misaligned), INVALID);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, misaligned), INVALID);
    CHECK_EQUAL(bytestore_free_buffer(misaligned), INVALID);
    CHECK_EQUAL(bytestore_read_counters(store, misaligned), INVALID);
    uint64_t number = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_save_buffer(store, 0, misaligned), INVALID);
    CHECK_EQUAL(bytestore_progress(store, misaligned, NULL), INVALID);
    CHECK_EQUAL(bytestore_progress(store, &number, misaligned), INVALID);
    CHECK_EQUAL(number, 0);
    CHECK(memcmp(room, untouched, sizeof room) == 0);

    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void missing_outputs_are_refused(void) {
    bytestore_store *store = new_store();
    bytestore_cursor *cursor = NULL;
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_len(store, NULL), INVALID);
    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, NULL), INVALID);
    CHECK_EQUAL(bytestore_mget(store, 0, NULL, NULL, NULL), INVALID);
    CHECK_EQUAL(bytestore_read_counters(store, NULL), INVALID);
    CHECK_EQUAL(bytestore_save_buffer(store, 0, NULL), INVALID);
    CHECK_EQUAL(bytestore_progress(store, NULL, NULL), OK); /* nobody wants to know */
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void outputs_are_zero_after_an_error(void) {
    bytestore_store *closed = new_store();
    CHECK_EQUAL(bytestore_close(closed), OK);
    const bytestore_slice key = S("key");
    bytestore_buffer buffer = rubbish_buffer();
    size_t number = RUBBISH_SIZE;
    bytestore_cursor *cursor = (bytestore_cursor *)RUBBISH_SIZE;

    CHECK_EQUAL(bytestore_mget(closed, 1, &key, NULL, &buffer), CLOSED);
    CHECK(is_zero(&buffer));
    CHECK_EQUAL(bytestore_mdelete(closed, 1, &key, NULL, &number), CLOSED);
    CHECK_EQUAL(number, 0);
    number = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_len(closed, &number), CLOSED);
    CHECK_EQUAL(number, 0);
    CHECK_EQUAL(bytestore_keys(closed, NULL, 0, &cursor), CLOSED);
    CHECK(cursor == NULL);
    buffer = rubbish_buffer();
    CHECK_EQUAL(bytestore_cursor_next((bytestore_cursor *)closed, 0, &buffer), CLOSED);
    CHECK(is_zero(&buffer));
}

static void an_empty_batch_leaves_nothing_to_free(void) {
    bytestore_store *store = new_store();
    bytestore_buffer buffer = rubbish_buffer();
    CHECK_EQUAL(bytestore_mget(store, 0, NULL, NULL, &buffer), OK);
    CHECK(is_zero(&buffer));
    size_t removed = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_mdelete(store, 0, NULL, NULL, &removed), OK);
    CHECK_EQUAL(removed, 0);
    CHECK_EQUAL(bytestore_mset(store, 0, NULL, NULL, NULL, NULL), OK);
    CHECK_EQUAL(bytestore_mset_ttl(store, 0, NULL, NULL, NULL, NULL, 1), OK);
    CHECK_EQUAL(len_of(store), 0);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static const test tests[] = {
    {"open refuses what is wrong and names the part", open_refuses_what_is_wrong},
    {"misaligned outputs are refused and not touched", misaligned_outputs_are_refused_and_not_touched},
    {"missing outputs are refused", missing_outputs_are_refused},
    {"outputs are zero after an error", outputs_are_zero_after_an_error},
    {"an empty batch leaves nothing to free", an_empty_batch_leaves_nothing_to_free},
};
const test_group output_tests = {tests, COUNT_OF(tests)};
