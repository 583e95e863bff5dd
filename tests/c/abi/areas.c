/* Areas: answers written into memory of the caller's, and what happens when there is too little of it. */
#include <stdalign.h>
#include <stdlib.h>

#include "abi.h"

enum { KEYS = 70 }; /* more than a batch that needs no memory for itself */

/* Value i has i * 100 bytes, all of them i; every seventh key is missing. */
static void fill(bytestore_store *store, bytestore_slice *keys, char *blob) {
    static uint8_t value[KEYS * 100];
    numbered_keys(KEYS, blob, keys);
    for (size_t i = 0; i < KEYS; i++) {
        if (i % 7 != 3) {
            memset(value, (int)i, i * 100);
            set_one(store, keys[i], (bytestore_slice){value, i * 100});
        }
    }
}

static size_t bytes_of(size_t keys) {
    size_t bytes = 0;
    for (size_t i = 0; i < keys; i++) {
        bytes += i % 7 == 3 ? 0 : i * 100;
    }
    return bytes;
}

static void check_lens(const size_t *lens, size_t n) {
    for (size_t i = 0; i < n; i++) {
        CHECK_EQUAL(lens[i], i % 7 == 3 ? BYTESTORE_MISSING : i * 100);
    }
}

static void values_are_written_side_by_side(void) {
    bytestore_store *store = new_store();
    bytestore_slice keys[KEYS];
    char blob[KEYS * 7];
    uint32_t packed[KEYS];
    fill(store, keys, blob);
    for (size_t i = 0; i < KEYS; i++) {
        packed[i] = 7;
    }
    uint8_t *bytes = malloc(bytes_of(KEYS) + 1);
    CHECK(bytes != NULL);
    static const size_t counts[] = {0, 1, 2, 8, 9, 64, KEYS};
    for (size_t c = 0; bytes != NULL && c < 2 * COUNT_OF(counts); c++) {
        const size_t n = counts[c / 2], need = bytes_of(n);
        size_t lens[KEYS + 1];
        lens[n] = RUBBISH_SIZE;
        bytes[need] = RUBBISH_BYTE;
        bytestore_area area = {bytes, need, lens, RUBBISH_SIZE}; /* exactly as much as is needed */
        const void *items = c % 2 == 0 ? (const void *)keys : (const void *)blob;
        CHECK_EQUAL(bytestore_mget_into(store, n, items, c % 2 == 0 ? NULL : packed, &area), OK);
        CHECK_EQUAL(area.len, need);
        CHECK(area.bytes == bytes && area.capacity == need && area.lens == lens);
        check_lens(lens, n);
        CHECK(lens[n] == RUBBISH_SIZE && bytes[need] == RUBBISH_BYTE);
        size_t at = 0;
        for (size_t i = 0; i < n; i++) {
            for (size_t end = at + (lens[i] == BYTESTORE_MISSING ? 0 : lens[i]); at < end; at++) {
                CHECK(bytes[at] == (uint8_t)i);
            }
        }
    }
    free(bytes);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void too_little_room_says_how_much_is_needed(void) {
    bytestore_store *store = new_store();
    bytestore_slice keys[KEYS];
    char blob[KEYS * 7];
    fill(store, keys, blob);
    const size_t need = bytes_of(KEYS);
    uint8_t *bytes = malloc(need);
    CHECK(bytes != NULL);
    const size_t rooms[] = {0, 1, 99, need / 2, need - 1};
    for (size_t r = 0; bytes != NULL && r < COUNT_OF(rooms); r++) {
        size_t lens[KEYS];
        memset(bytes, RUBBISH_BYTE, need);
        bytestore_area area = {rooms[r] == 0 ? NULL : bytes, rooms[r], lens, 0};
        CHECK_EQUAL(bytestore_mget_into(store, KEYS, keys, NULL, &area), OK);
        CHECK_EQUAL(area.len, need);
        check_lens(lens, KEYS);
        for (size_t at = rooms[r]; at < need; at++) {
            CHECK(bytes[at] == RUBBISH_BYTE); /* nothing is written behind the room */
        }
    }
    free(bytes);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void bad_areas_are_refused(void) {
    bytestore_store *store = new_store(), *closed = new_store();
    CHECK_EQUAL(bytestore_close(closed), OK);
    set_one(store, S("a"), S("1"));
    const bytestore_slice key = S("a");
    alignas(16) uint8_t room[64];
    alignas(16) size_t lens[2] = {RUBBISH_SIZE, RUBBISH_SIZE};
    const bytestore_area bad[] = {
        {NULL, 1, lens, RUBBISH_SIZE},
        {room, SIZE_MAX, lens, RUBBISH_SIZE},
        {room, sizeof room, NULL, RUBBISH_SIZE},
        {room, sizeof room, (size_t *)((uintptr_t)lens + 1), RUBBISH_SIZE},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        bytestore_area area = bad[i];
        CHECK_EQUAL(bytestore_mget_into(store, 1, &key, NULL, &area), INVALID);
        CHECK_EQUAL(area.len, 0);
    }
    bytestore_area area = {room, sizeof room, lens, RUBBISH_SIZE};
    CHECK_EQUAL(bytestore_mget_into(store, 1, NULL, NULL, &area), INVALID);
    CHECK_EQUAL(area.len, 0);
    area.len = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_mget_into(closed, 1, &key, NULL, &area), CLOSED);
    CHECK_EQUAL(area.len, 0);
    CHECK_EQUAL(bytestore_mget_into(NULL, 1, &key, NULL, &area), CLOSED);
    CHECK_EQUAL(bytestore_mget_into(store, 1, &key, NULL, NULL), INVALID);
    memset(room, RUBBISH_BYTE, sizeof room);
    CHECK_EQUAL(bytestore_mget_into(store, 1, &key, NULL, (bytestore_area *)(room + 1)), INVALID);
    for (size_t i = 0; i < sizeof room; i++) {
        CHECK(room[i] == RUBBISH_BYTE); /* nothing near a bad pointer is touched */
    }
    CHECK(lens[0] == RUBBISH_SIZE && lens[1] == RUBBISH_SIZE);
    bytestore_area nothing = {NULL, 0, NULL, RUBBISH_SIZE};
    CHECK_EQUAL(bytestore_mget_into(store, 0, NULL, NULL, &nothing), OK);
    CHECK_EQUAL(nothing.len, 0);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static const test tests[] = {
    {"values are written side by side", values_are_written_side_by_side},
    {"too little room says how much is needed", too_little_room_says_how_much_is_needed},
    {"bad areas are refused", bad_areas_are_refused},
};
const test_group area_tests = {tests, COUNT_OF(tests)};
