/* Wrong arguments: every combination of good and bad ones is the status that the header promises, and changes nothing.
 */
#include <stdalign.h>
#include <sys/mman.h>

#include "abi.h"

typedef struct {
    const char *name;
    size_t n;
    const void *items;
    const uint32_t *lens;
    bool good;
    size_t bad_index; /* what bytestore_check_items says; n: as a whole */
} input;

static const uint32_t two_lens[] = {1, 2}, no_lens[] = {0, 0}, last_len[] = {0, 1};
static const bytestore_slice good_slices[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"bc", 2}};
static const bytestore_slice empty_slices[] = {{NULL, 0}, {NULL, 0}};
static const bytestore_slice null_slices[] = {{(const uint8_t *)"a", 1}, {NULL, 1}};
static const bytestore_slice long_slices[] = {{(const uint8_t *)"a", (size_t)BYTESTORE_MAX_ITEM_LEN + 1}, {NULL, 0}};
static const bytestore_slice endless_slices[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"a", SIZE_MAX}};
static const bytestore_slice wrapping_slices[] = {{(const uint8_t *)"a", 1}, {LAST_ADDRESS, 2}};
static alignas(16) const char room[64] = {0};

#define MISALIGNED(type) ((const type *)(const void *)(room + 1))

static const input inputs[] = {
    {"slices", 2, good_slices, NULL, true, 0},
    {"one slice", 1, good_slices, NULL, true, 0},
    {"empty items at NULL", 2, empty_slices, NULL, true, 0},
    {"no slices at NULL", 0, NULL, NULL, true, 0},
    {"no slices", 0, good_slices, NULL, true, 0},
    {"blob", 2, "abc", two_lens, true, 0},
    {"empty items, blob at NULL", 2, NULL, no_lens, true, 0},
    {"no items, blob at NULL", 0, NULL, two_lens, true, 0},
    {"slices at NULL", 1, NULL, NULL, false, 1},
    {"two slices at NULL", 2, NULL, NULL, false, 2},
    {"slices misaligned", 2, MISALIGNED(bytestore_slice), NULL, false, 2},
    {"item at NULL", 2, null_slices, NULL, false, 1},
    {"item too long", 2, long_slices, NULL, false, 0},
    {"item longer than memory", 2, endless_slices, NULL, false, 1},
    {"item over the end of memory", 2, wrapping_slices, NULL, false, 1},
    {"blob at NULL", 2, NULL, two_lens, false, 2},
    {"blob at NULL, second item", 2, NULL, last_len, false, 2},
    {"blob over the end of memory", 2, LAST_ADDRESS, two_lens, false, 2},
    {"lengths misaligned", 2, "abc", MISALIGNED(uint32_t), false, 2},
    {"slices, n the largest number", SIZE_MAX, good_slices, NULL, false, SIZE_MAX},
    {"slices, n times 16 is 2^64", SIZE_MAX / 16 + 1, good_slices, NULL, false, SIZE_MAX / 16 + 1},
    {"slices, n times 16 is 2^63", SIZE_MAX / 32 + 1, good_slices, NULL, false, SIZE_MAX / 32 + 1},
    {"blob, n the largest number", SIZE_MAX, "abc", two_lens, false, SIZE_MAX},
    {"blob, n times 4 is 2^64", SIZE_MAX / 4 + 1, "abc", two_lens, false, SIZE_MAX / 4 + 1},
    {"blob, n times 4 is 2^63", SIZE_MAX / 8 + 1, "abc", two_lens, false, SIZE_MAX / 8 + 1},
};

/* Every bad input is refused with one n: of two inputs, the smaller n, so that the good one stays good. */
static size_t common_n(const input *keys, const input *values) { return keys->n == values->n ? keys->n : SIZE_MAX; }

/* bytestore_mset_ttl, or bytestore_mset without a time to live. */
static bytestore_status set(bytestore_store *store, size_t n, const input *keys, const input *values,
                            const uint64_t *ttl) {
    return ttl == NULL ? bytestore_mset(store, n, keys->items, keys->lens, values->items, values->lens)
                       : bytestore_mset_ttl(store, n, keys->items, keys->lens, values->items, values->lens, *ttl);
}

static void check_sets(const uint64_t *ttl) {
    const bool ttl_good = ttl == NULL || *ttl != 0;
    bytestore_store *handles[HANDLE_KINDS];
    make_handles(handles);
    for (size_t h = 0; h < HANDLE_KINDS; h++) {
        for (size_t k = 0; k < COUNT_OF(inputs); k++) {
            for (size_t v = 0; v < COUNT_OF(inputs); v++) {
                const input *keys = &inputs[k], *values = &inputs[v];
                const size_t n = common_n(keys, values);
                if (n == SIZE_MAX && keys->n != SIZE_MAX) {
                    continue; /* of different lengths: n is one argument */
                }
                const bytestore_status status = set(handles[h], n, keys, values, ttl);
                one_of(status, allowed(keys->good && values->good && ttl_good, h == 0, true),
                       ttl == NULL ? "mset" : "mset_ttl", keys->name, values->name);
                const size_t entries = len_of(handles[0]);
                CHECK(status == OK || entries == 0);
                if (entries > 0) {
                    CHECK_EQUAL(bytestore_mdelete(handles[h], n, keys->items, keys->lens, NULL), OK);
                }
            }
        }
    }
    close_handles(handles);
}

static void mset_refuses_what_is_wrong(void) { check_sets(NULL); }

static void mset_ttl_refuses_what_is_wrong(void) {
    /* None of those that are good may end while this looks: an hour at least. */
    static const uint64_t ttls[] = {0, 3600000, UINT64_MAX - 1, BYTESTORE_NO_TTL};
    for (size_t t = 0; t < COUNT_OF(ttls); t++) {
        check_sets(&ttls[t]);
    }
}

static void read_counters_refuses_what_is_wrong(void) {
    enum { SIZE = sizeof(bytestore_counters) };
    static const size_t sizes[] = {0, 1, SIZE / 2, SIZE - 8, SIZE - 1, SIZE, SIZE + 1, SIZE + 8, 2 * SIZE};
    bytestore_store *handles[HANDLE_KINDS];
    make_handles(handles);
    set_one(handles[0], S("a"), S("1"));
    for (size_t h = 0; h < HANDLE_KINDS; h++) {
        for (size_t s = 0; s < COUNT_OF(sizes); s++) {
            /* What stands behind the fields that this version has is a later version's. */
            bytestore_counters given[2], untouched[2];
            memset(given, RUBBISH_BYTE, sizeof given);
            given[0].size = sizes[s];
            memcpy(untouched, given, sizeof given);
            const bytestore_status status = bytestore_read_counters(handles[h], given);
            const bool size_good = sizes[s] >= SIZE;
            char size[24];
            snprintf(size, sizeof size, "a size of %zu", sizes[s]);
            one_of(status, allowed(true, h == 0, size_good), "read_counters", size, handle_names[h]);
            CHECK(given[0].size == sizes[s]);
            if (!size_good) {
                CHECK(memcmp(given, untouched, sizeof given) == 0);
            } else {
                const uint64_t one = status == OK;
                CHECK(given[0].sets == one && given[0].entries == one && given[0].value_bytes == one);
                CHECK((given[0].overhead_bytes > 0) == (status == OK));
                CHECK(given[0].hits == 0 && given[0].misses == 0 && given[0].deletes == 0 && given[0].expirations == 0);
                CHECK(given[0].evictions_by_bytes == 0 && given[0].evictions_by_entries == 0);
                CHECK(given[0].max_bytes == 0 && given[0].max_entries == 0 && given[0].key_bytes == one);
                CHECK(memcmp(&given[1], &untouched[1], SIZE) == 0);
            }
        }
        one_of(bytestore_read_counters(handles[h], NULL), allowed(true, h == 0, false), "read_counters", "NULL",
               handle_names[h]);
    }
    close_handles(handles);
}

static void advance_clock_refuses_what_is_wrong(void) {
    static const uint64_t steps[] = {0, 1, UINT64_MAX};
    bytestore_store *handles[HANDLE_KINDS];
    make_handles(handles);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        bytestore_store *manual = store_at("memory:?clock=manual");
        CHECK_EQUAL(bytestore_advance_clock(manual, steps[i]), OK);
        CHECK_EQUAL(bytestore_close(manual), OK);
        CHECK_EQUAL(bytestore_advance_clock(manual, steps[i]), CLOSED);
        CHECK_EQUAL(bytestore_advance_clock(handles[0], steps[i]), INVALID); /* it has the system's clock */
        for (size_t h = 1; h < HANDLE_KINDS; h++) {
            CHECK_EQUAL(bytestore_advance_clock(handles[h], steps[i]), CLOSED);
        }
    }
    close_handles(handles);
}

static void mget_refuses_what_is_wrong(void) {
    bytestore_store *handles[HANDLE_KINDS];
    make_handles(handles);
    set_one(handles[0], S("a"), S("1"));
    for (size_t h = 0; h < HANDLE_KINDS; h++) {
        for (size_t k = 0; k < COUNT_OF(inputs); k++) {
            const input *keys = &inputs[k];
            for (int out_kind = 0; out_kind < 3; out_kind++) {
                bytestore_buffer out = rubbish_buffer();
                bytestore_buffer *outs[] = {&out, NULL, (bytestore_buffer *)((uintptr_t)&out + 1)};
                const bytestore_status status =
                    bytestore_mget(handles[h], keys->n, keys->items, keys->lens, outs[out_kind]);
                one_of(status, allowed(keys->good, h == 0, out_kind == 0), "mget", keys->name, handle_names[h]);
                if (out_kind != 0) {
                    CHECK(out.count == RUBBISH_SIZE); /* nothing near a bad pointer is touched */
                } else if (status == OK) {
                    CHECK_EQUAL(out.count, keys->n);
                    check_layout(&out);
                    CHECK_EQUAL(bytestore_free_buffer(&out), OK);
                } else {
                    CHECK(is_zero(&out));
                }
            }
        }
    }
    close_handles(handles);
}

static void mdelete_refuses_what_is_wrong(void) {
    bytestore_store *handles[HANDLE_KINDS];
    make_handles(handles);
    for (size_t h = 0; h < HANDLE_KINDS; h++) {
        for (size_t k = 0; k < COUNT_OF(inputs); k++) {
            const input *keys = &inputs[k];
            for (int out_kind = 0; out_kind < 3; out_kind++) {
                alignas(16) size_t removed[2] = {RUBBISH_SIZE, RUBBISH_SIZE};
                size_t *outs[] = {removed, NULL, (size_t *)((uintptr_t)removed + 1)};
                set_one(handles[0], S("a"), S("1"));
                const bytestore_status status =
                    bytestore_mdelete(handles[h], keys->n, keys->items, keys->lens, outs[out_kind]);
                /* Here NULL is fine: the caller does not want to know. */
                one_of(status, allowed(keys->good, h == 0, out_kind < 2), "mdelete", keys->name, handle_names[h]);
                CHECK(status == OK || len_of(handles[0]) == 1);
                CHECK(out_kind != 0 || removed[0] == (status == OK ? 1 - len_of(handles[0]) : 0));
                CHECK(out_kind == 0 || removed[0] == RUBBISH_SIZE);
                CHECK(removed[1] == RUBBISH_SIZE);
            }
        }
    }
    close_handles(handles);
}

static void check_items_names_the_item_at_fault(void) {
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        const input *in = &inputs[i];
        size_t index = RUBBISH_SIZE;
        const bytestore_status status = bytestore_check_items(in->n, in->items, in->lens, &index);
        one_of(status, in->good ? MAY_OK : MAY_INVALID, "check_items", in->name, "an index");
        if (index != in->bad_index) {
            printf("  check_items with %s: the index is %zu\n", in->name, index);
        }
        CHECK(index == in->bad_index);
        CHECK_EQUAL(bytestore_check_items(in->n, in->items, in->lens, NULL), status);
        alignas(16) size_t places[2] = {RUBBISH_SIZE, RUBBISH_SIZE};
        size_t *misaligned = (size_t *)((uintptr_t)places + 1);
        CHECK_EQUAL(bytestore_check_items(in->n, in->items, in->lens, misaligned), INVALID);
        CHECK(places[0] == RUBBISH_SIZE && places[1] == RUBBISH_SIZE);
    }
}

/* The header's limit is the last length that is taken; only lengths are looked at here. */
static void an_item_may_be_as_long_as_the_limit(void) {
    const bytestore_slice longest = {(const uint8_t *)"a", BYTESTORE_MAX_ITEM_LEN};
    const uint32_t longest_len = BYTESTORE_MAX_ITEM_LEN;
    CHECK_EQUAL(bytestore_check_items(1, &longest, NULL, NULL), OK);
    CHECK_EQUAL(bytestore_check_items(1, "a", &longest_len, NULL), OK);
}

/* Real pointers with lengths beyond the limit: address space that is reserved, and that nobody may read. */
static void too_long_items_are_refused_unread(void) {
    const size_t len = (size_t)BYTESTORE_MAX_ITEM_LEN + 1;
    void *unreadable = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!CHECK(unreadable != MAP_FAILED)) {
        return;
    }
    bytestore_store *store = new_store();
    const bytestore_slice good[] = {S("a"), S("b")}, bad[] = {S("a"), {unreadable, len}};
    bytestore_buffer answers;
    CHECK_EQUAL(bytestore_mset(store, 2, bad, NULL, good, NULL), INVALID);
    CHECK_EQUAL(bytestore_mset(store, 2, good, NULL, bad, NULL), INVALID);
    CHECK_EQUAL(bytestore_mset_ttl(store, 2, bad, NULL, good, NULL, 1), INVALID);
    CHECK_EQUAL(bytestore_mset_ttl(store, 2, good, NULL, bad, NULL, BYTESTORE_NO_TTL), INVALID);
    CHECK_EQUAL(bytestore_mget(store, 2, bad, NULL, &answers), INVALID);
    CHECK_EQUAL(bytestore_mdelete(store, 2, bad, NULL, NULL), INVALID);
    CHECK_EQUAL(len_of(store), 0);
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(munmap(unreadable, len), 0);
}

static const test tests[] = {
    {"mset refuses what is wrong", mset_refuses_what_is_wrong},
    {"mset_ttl refuses what is wrong", mset_ttl_refuses_what_is_wrong},
    {"read_counters refuses what is wrong", read_counters_refuses_what_is_wrong},
    {"advance_clock refuses what is wrong", advance_clock_refuses_what_is_wrong},
    {"mget refuses what is wrong", mget_refuses_what_is_wrong},
    {"mdelete refuses what is wrong", mdelete_refuses_what_is_wrong},
    {"check_items names the item at fault", check_items_names_the_item_at_fault},
    {"items that are too long are refused unread", too_long_items_are_refused_unread},
    {"an item may be as long as the limit", an_item_may_be_as_long_as_the_limit},
};
const test_group argument_tests = {tests, COUNT_OF(tests)};
