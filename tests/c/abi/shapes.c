/* Both shapes of input mean the same, for keys and for values independently, and are only read. */
#include "abi.h"

enum { ENTRIES = 500, LONGEST = 40, ROOM = ENTRIES * LONGEST };

/* The same items in both shapes. */
typedef struct {
    uint8_t blob[ROOM];
    uint32_t lens[ENTRIES];
    bytestore_slice slices[ENTRIES];
} items;

static void fill(items *list, uint64_t *random, bool numbered) {
    uint8_t *end = list->blob;
    for (size_t i = 0; i < ENTRIES; i++) {
        uint32_t len = (uint32_t)(next_random(random) % (LONGEST - 4));
        for (uint32_t b = 0; b < len; b++) {
            end[b] = (uint8_t)next_random(random);
        }
        if (numbered) { /* different from all others */
            memcpy(end + len, &(uint16_t){(uint16_t)i}, 2);
            len += 2;
        }
        list->lens[i] = len;
        list->slices[i] = (bytestore_slice){len > 0 ? end : NULL, len};
        end += len;
    }
}

static const void *at(const items *list, bool packed) {
    return packed ? (const void *)list->blob : (const void *)list->slices;
}
static const uint32_t *lens_of(const items *list, bool packed) { return packed ? list->lens : NULL; }

static void all_four_combinations_are_the_same(void) {
    static items key_items, value_items, copies[2];
    items *keys = &key_items, *values = &value_items;
    uint64_t random = 1;
    fill(keys, &random, true);
    fill(values, &random, false);
    copies[0] = key_items;
    copies[1] = value_items;

    for (int combination = 0; combination < 8; combination++) {
        const bool k = combination & 1, v = combination & 2, asked = combination & 4;
        bytestore_store *store = new_store();
        CHECK_EQUAL(bytestore_mset(store, ENTRIES, at(keys, k), lens_of(keys, k), at(values, v), lens_of(values, v)),
                    OK);
        CHECK_EQUAL(len_of(store), ENTRIES);
        bytestore_buffer answers;
        CHECK_EQUAL(bytestore_mget(store, ENTRIES, at(keys, asked), lens_of(keys, asked), &answers), OK);
        CHECK_EQUAL(answers.count, ENTRIES);
        check_layout(&answers);
        for (size_t i = 0; i < answers.count; i++) {
            CHECK(answers.slices[i].ptr != NULL && same_bytes(answers.slices[i], values->slices[i]));
        }
        bytestore_free_buffer(&answers);
        size_t removed = 0;
        CHECK_EQUAL(bytestore_mdelete(store, ENTRIES, at(keys, asked), lens_of(keys, asked), &removed), OK);
        CHECK_EQUAL(removed, ENTRIES);
        CHECK_EQUAL(bytestore_close(store), OK);
    }
    CHECK(memcmp(&copies[0], keys, sizeof *keys) == 0 && memcmp(&copies[1], values, sizeof *values) == 0);
}

static void inputs_are_copied(void) {
    bytestore_store *store = new_store();
    char key[] = "key", value[] = "value";
    set_one(store, (bytestore_slice){(uint8_t *)key, 3}, (bytestore_slice){(uint8_t *)value, 5});
    char prefix[] = "k";
    bytestore_cursor *cursor = NULL;
    CHECK_EQUAL(bytestore_keys(store, (uint8_t *)prefix, 1, &cursor), OK);
    memset(key, '#', 3);
    memset(value, '#', 5);
    prefix[0] = '#';
    CHECK(has_value(store, S("key"), S("value")));
    CHECK(is_missing(store, S("###")));
    bytestore_buffer page;
    CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &page), OK);
    CHECK(page.count == 1 && same_bytes(page.slices[0], S("key")));
    bytestore_free_buffer(&page);
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* An input may be what another call gave: here one store is filled from another's answers. */
static void an_answer_may_be_an_input(void) {
    bytestore_store *from = new_store(), *to = new_store();
    const bytestore_slice keys[] = {S("a"), S(""), S("large")};
    static const uint8_t large[10000];
    const bytestore_slice values[] = {S("1"), S(""), {large, sizeof large}};
    CHECK_EQUAL(bytestore_mset(from, 3, keys, NULL, values, NULL), OK);
    bytestore_buffer answers;
    CHECK_EQUAL(bytestore_mget(from, 3, keys, NULL, &answers), OK);
    CHECK_EQUAL(bytestore_mset(to, 3, keys, NULL, answers.slices, NULL), OK);
    /* Onto themselves, too: the library reads its own large value while it replaces it. */
    CHECK_EQUAL(bytestore_mset(from, 3, keys, NULL, answers.slices, NULL), OK);
    bytestore_free_buffer(&answers);
    for (size_t i = 0; i < 3; i++) {
        CHECK(has_value(to, keys[i], values[i]));
        CHECK(has_value(from, keys[i], values[i]));
    }
    CHECK_EQUAL(bytestore_close(from), OK);
    CHECK_EQUAL(bytestore_close(to), OK);
}

static const test tests[] = {
    {"all combinations of input shapes are the same", all_four_combinations_are_the_same},
    {"inputs are copied", inputs_are_copied},
    {"an answer may be an input", an_answer_may_be_an_input},
};
const test_group shape_tests = {tests, COUNT_OF(tests)};
