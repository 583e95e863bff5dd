/* Arguments for every export, good and bad, and what a call gives. Knows not what it may say. */
#include "calls.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RUBBISH = 0xA5 };

/* --- Good ones --- */

static const bytestore_slice keys[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"bc", 2}};
static const bytestore_slice kept = {(const uint8_t *)"key/kept", 8};

world make_world(void) {
    world made = {0};
    CHECK_EQUAL(bytestore_open("memory:?clock=manual", &made.store, NULL), OK);
    CHECK_EQUAL(bytestore_mset(made.store, 1, &kept, NULL, &kept, NULL), OK);
    CHECK_EQUAL(bytestore_keys(made.store, NULL, 0, &made.cursor), OK);
    bytestore_buffer missing;
    CHECK_EQUAL(bytestore_compute(made.store, MISSING_KEYS, keys, NULL, 0, &made.computation), OK);
    CHECK_EQUAL(bytestore_computation_next(made.computation, &missing), OK);
    CHECK_EQUAL(missing.count, MISSING_KEYS);
    CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
    CHECK_EQUAL(bytestore_mget(made.store, 1, &kept, NULL, &made.buffer), OK);
    return made;
}

bool is_whole(world *checked) {
    size_t len = 0;
    uint64_t position = 0;
    bytestore_buffer missing = {0};
    return CHECK(bytestore_len(checked->store, &len) == OK &&
                 bytestore_mset(checked->store, 1, &kept, NULL, &kept, NULL) == OK &&
                 bytestore_cursor_position(checked->cursor, &position) == OK &&
                 bytestore_computation_next(checked->computation, &missing) == OK && missing.count == MISSING_KEYS &&
                 bytestore_free_buffer(&missing) == OK && checked->buffer.count == 1 &&
                 memcmp(checked->buffer.slices[0].ptr, kept.ptr, kept.len) == 0);
}

/* Some of it may have been closed by a call. */
void end_world(world *ended) {
    bytestore_computation_close(ended->computation);
    bytestore_cursor_close(ended->cursor);
    bytestore_close(ended->store);
    bytestore_free_buffer(&ended->buffer);
}

/* --- What arguments point to --- */

static const bytestore_slice empty_slices[] = {{NULL, 0}, {NULL, 0}};
static const bytestore_slice null_slices[] = {{(const uint8_t *)"a", 1}, {NULL, 1}};
static const bytestore_slice long_slices[] = {{(const uint8_t *)"a", (size_t)BYTESTORE_MAX_ITEM_LEN + 1}, {NULL, 0}};
static const bytestore_slice endless_slices[] = {{(const uint8_t *)"a", SIZE_MAX}, {(const uint8_t *)"a", 1}};
static const bytestore_slice signed_slices[] = {{(const uint8_t *)"a", (size_t)1 << 63}, {(const uint8_t *)"a", 1}};
static const bytestore_slice wrapping_slices[] = {{(const uint8_t *)UINTPTR_MAX, 2}, {NULL, 0}};
static const uint32_t two_lens[] = {1, 2}, no_lens[] = {0, 0};
static alignas(16) const uint8_t zeroes[128] = {0};
static alignas(16) const uint8_t prefix[128] = "key/";
uint8_t snapshot[256];
size_t snapshot_len;
static char snapshot_path[64];
static char longest_name[7 + 256 + 1], long_name[7 + 257 + 1];

/* Outputs, which calls write to. */
static struct {
    bytestore_store *store;
    bytestore_cursor *cursor;
    bytestore_computation *computation;
    bytestore_buffer buffer;
    bytestore_slice slice;
    size_t numbers[2];
} out;

enum { AREAS = 8, BUFFERS = 5, COUNTER_SIZES = 6 };
static alignas(16) uint8_t area_bytes[256];
static size_t area_lens[128];
static bytestore_area areas[AREAS], areas_before[AREAS];
static bytestore_buffer buffers[BUFFERS], buffers_before[BUFFERS];
static bytestore_counters counters[COUNTER_SIZES][2];
static const size_t counter_sizes[COUNTER_SIZES] = {
    sizeof(bytestore_counters), 0, sizeof(bytestore_counters) - 1, sizeof(bytestore_counters) + 8, SIZE_MAX, 1};

static void reset(void) {
    memset(&out, RUBBISH, sizeof out);
    memcpy(areas, areas_before, sizeof areas);
    memcpy(buffers, buffers_before, sizeof buffers);
    memset(counters, RUBBISH, sizeof counters);
    for (size_t i = 0; i < COUNTER_SIZES; i++) {
        counters[i][0].size = counter_sizes[i];
    }
}

/* --- Good and bad ones of each kind --- */

static argument *next_argument;

static void add(const char *name, uint64_t value, int verdict) { *next_argument++ = (argument){name, value, verdict}; }

static void add_pointer(const char *name, const void *value, int verdict) {
    add(name, (uint64_t)(uintptr_t)value, verdict);
}

static void add_output(void *place, bool optional) {
    add_pointer("a place", place, OK);
    add_pointer("NULL", NULL, optional ? OK : INVALID);
    add("misaligned", (uint64_t)(uintptr_t)place + 1, INVALID);
}

static void add_handles(const world *in, const void *good) {
    const void *all[] = {in->store, in->cursor, in->computation, in->buffer.owner};
    add_pointer("an open handle", good, OK);
    add_pointer("NULL", NULL, CLOSED);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (all[i] != good) {
            add_pointer("a handle of another kind", all[i], CLOSED);
        }
    }
    static bytestore_store *closed;
    if (closed == NULL) {
        closed = bytestore_new();
        CHECK_EQUAL(bytestore_close(closed), OK);
    }
    add_pointer("a closed store", closed, CLOSED);
    add("a forged handle", (uint64_t)(uintptr_t)good ^ 1, CLOSED);
    add("a handle of another generation", (uint64_t)(uintptr_t)good ^ (uint64_t)1 << 40, CLOSED);
    add_pointer("an address", in, CLOSED);
    add("the largest number", UINT64_MAX, CLOSED);
}

static void add_buffers(const world *in) {
    void *owners[BUFFERS] = {NULL, in->store, (void *)(uintptr_t)1, (void *)UINTPTR_MAX, in->cursor};
    memset(buffers_before, 0, sizeof buffers_before);
    for (size_t i = 0; i < BUFFERS; i++) {
        buffers_before[i].owner = owners[i];
        add_pointer(i == 0 ? "a zeroed buffer" : "a buffer whose owner is none", &buffers[i], i == 0 ? OK : CLOSED);
    }
    add_pointer("NULL", NULL, OK);
    add("misaligned", (uint64_t)(uintptr_t)&buffers[0] + 1, INVALID);
}

static void add_areas(void) {
    static const struct {
        const char *name;
        bytestore_area area;
        int verdict;
    } given[AREAS] = {
        {"an area", {area_bytes, sizeof area_bytes, area_lens, 0}, OK},
        {"an area without room", {area_bytes, 0, area_lens, 0}, OK},
        {"no bytes, no room", {NULL, 0, area_lens, 0}, OK},
        {"no bytes, but room", {NULL, 1, area_lens, 0}, INVALID},
        {"no lengths", {area_bytes, sizeof area_bytes, NULL, 0}, UNLESS_EMPTY},
        {"lengths misaligned", {area_bytes, sizeof area_bytes, (size_t *)(void *)(area_bytes + 1), 0}, INVALID},
        {"room for 2^63 bytes", {area_bytes, (size_t)1 << 63, area_lens, 0}, INVALID},
        {"endless room", {area_bytes, SIZE_MAX, area_lens, 0}, INVALID},
    };
    for (size_t i = 0; i < AREAS; i++) {
        areas_before[i] = given[i].area;
        add_pointer(given[i].name, &areas[i], given[i].verdict);
    }
    add_pointer("NULL", NULL, INVALID);
    add("misaligned", (uint64_t)(uintptr_t)&areas[0] + 1, INVALID);
}

static void add_items(void) {
    add_pointer("slices", keys, OK);
    add_pointer("NULL", NULL, OK);
    add_pointer("misaligned", zeroes + 1, OK);
    add_pointer("empty slices", empty_slices, OK);
    add_pointer("a slice at NULL", null_slices, OK);
    add_pointer("a slice that is too long", long_slices, OK);
    add_pointer("a slice of 2^64 - 1 bytes", endless_slices, OK);
    add_pointer("a slice of 2^63 bytes", signed_slices, OK);
    add_pointer("a slice over the end of memory", wrapping_slices, OK);
    add_pointer("a blob", zeroes, OK);
    add("the last address", UINTPTR_MAX, OK);
}

static void add_urls(void) {
    if (longest_name[0] == 0) {
        memset(longest_name, 'n', sizeof longest_name - 2);
        memset(long_name, 'n', sizeof long_name - 1);
        memcpy(longest_name, "memory:", 7);
        memcpy(long_name, "memory:", 7);
    }
    const char *good[] = {"memory:", "memory:?", "memory:?max_bytes=1KiB&ttl=7d", "memory:calls", longest_name};
    const char *bad[] = {"",
                         "memory",
                         "redis:",
                         "memory:\xff",
                         "memory:?ttl=0s",
                         "memory:a b",
                         "memory:?max_bytes=18446744073709551616",
                         long_name};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        add_pointer(good[i], good[i], OK);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        add_pointer(bad[i], bad[i], INVALID);
    }
    add_pointer("snapshot:/nowhere", "snapshot:/nowhere", BYTESTORE_ERR_IO_FAILURE);
    add_pointer("NULL", NULL, INVALID);
}

static void remove_snapshot(void) { remove(snapshot_path); }

/* In memory and in a file, which is there while the process is. */
static void save_snapshot(void) {
    bytestore_buffer saved;
    bytestore_store *store = bytestore_new();
    snprintf(snapshot_path, sizeof snapshot_path, "/tmp/bytestore-calls-%ld", (long)getpid());
    CHECK_EQUAL(bytestore_mset(store, 1, &kept, NULL, &kept, NULL), OK);
    CHECK_EQUAL(bytestore_save_buffer(store, 0, &saved), OK);
    if (CHECK(saved.count == 1 && saved.slices[0].len <= sizeof snapshot)) {
        snapshot_len = saved.slices[0].len;
        memcpy(snapshot, saved.slices[0].ptr, snapshot_len);
    }
    CHECK_EQUAL(bytestore_free_buffer(&saved), OK);
    CHECK_EQUAL(bytestore_save(store, snapshot_path, 0), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
    atexit(remove_snapshot);
}

static void add_paths(void) {
    static char long_path[5000];
    memset(long_path, 'p', sizeof long_path - 1);
    const char *bad[] = {"", "/", "/tmp", "/nowhere/at/all", "/dev/null", long_path};
    add_pointer("a file", snapshot_path, OK);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        add_pointer(bad[i], bad[i], BYTESTORE_ERR_IO_FAILURE);
    }
    add_pointer("NULL", NULL, INVALID);
}

size_t arguments_of(const world *in, parameter_kind kind, bool optional, argument *made) {
    static const uint64_t counts[] = {MISSING_KEYS, 0, 1, SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX / 8 + 1};
    static const uint64_t prefix_lens[] = {4, 0, 1, sizeof prefix, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX};
    static const uint64_t numbers[] = {1, 0, 2, UINT64_C(1) << 31, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX};
    next_argument = made;
    if (snapshot_len == 0) {
        save_snapshot();
    }
    switch (kind) {
    case STORE:
        add_handles(in, in->store);
        break;
    case CURSOR:
        add_handles(in, in->cursor);
        break;
    case COMPUTATION:
        add_handles(in, in->computation);
        break;
    case OUT_STORE:
        add_output(&out.store, optional);
        break;
    case OUT_CURSOR:
        add_output(&out.cursor, optional);
        break;
    case OUT_COMPUTATION:
        add_output(&out.computation, optional);
        break;
    case OUT_BUFFER:
        add_output(&out.buffer, optional);
        break;
    case OUT_SLICE:
        add_output(&out.slice, optional);
        break;
    case OUT_NUMBER:
        add_output(out.numbers, optional);
        break;
    case BUFFER:
        add_buffers(in);
        break;
    case AREA:
        add_areas();
        break;
    case COUNTERS:
        for (size_t i = 0; i < COUNTER_SIZES; i++) {
            const bool fits = counter_sizes[i] >= sizeof(bytestore_counters);
            add_pointer("counters of a size", counters[i], fits ? OK : INVALID);
        }
        add_pointer("NULL", NULL, INVALID);
        add("misaligned", (uint64_t)(uintptr_t)counters[0] + 1, INVALID);
        break;
    case ITEMS:
        add_items();
        break;
    case LENS:
        add_pointer("NULL", NULL, OK);
        add_pointer("lengths", two_lens, OK);
        add_pointer("lengths of nothing", no_lens, OK);
        add_pointer("misaligned", zeroes + 1, OK);
        break;
    case PREFIX:
        add_pointer("a prefix", prefix, OK);
        add_pointer("NULL", NULL, OK);
        add("the last address", UINTPTR_MAX, OK);
        break;
    case SNAPSHOT:
        add_pointer("a snapshot", snapshot, OK);
        add_pointer("zeroes", zeroes, OK);
        add_pointer("NULL", NULL, OK);
        add("the last address", UINTPTR_MAX, OK);
        break;
    case SNAPSHOT_LEN:
        add("all of it", snapshot_len, OK);
        add("less", snapshot_len - 1, OK);
        add("nothing", 0, OK);
        add("more than memory", SIZE_MAX / 2 + 1, OK);
        add("the largest number", SIZE_MAX, OK);
        break;
    case LEVEL:
        add("no compression", 0, OK);
        add("a level", 1, OK);
        add("below all levels", UINT32_MAX, INVALID);
        add("above all levels", 23, INVALID);
        add("the lowest number", UINT64_C(1) << 31, INVALID);
        add("the highest number", INT32_MAX, INVALID);
        break;
    case URL:
        add_urls();
        break;
    case PATH:
        add_paths();
        break;
    case COUNT:
    case PREFIX_LEN:
    case NUMBER: {
        const uint64_t *values = kind == COUNT ? counts : kind == PREFIX_LEN ? prefix_lens : numbers;
        const size_t count = kind == COUNT        ? COUNT_OF(counts)
                             : kind == PREFIX_LEN ? COUNT_OF(prefix_lens)
                                                  : COUNT_OF(numbers);
        for (size_t i = 0; i < count; i++) {
            add("a number", values[i], OK);
        }
    }
    }
    CHECK((size_t)(next_argument - made) <= MOST_ARGUMENTS);
    return (size_t)(next_argument - made);
}

/* --- A call, and what it gives --- */

uint64_t call_with(const export_row *row, const argument *arguments) {
    uint64_t values[MOST_PARAMETERS] = {0};
    for (size_t i = 0; i < row->parameters; i++) {
        values[i] = arguments[i].value;
    }
    reset();
    return row->call(values);
}

static bool is_zero(const void *place, size_t len) { return memcmp(place, zeroes, len) == 0; }

void take_outputs(const export_row *row, const argument *arguments, uint64_t answer) {
    if (row->answer == OTHER && strcmp(row->name, "bytestore_new") == 0) {
        CHECK_EQUAL(bytestore_close((bytestore_store *)(uintptr_t)answer), OK);
    }
    for (size_t i = 0; i < row->parameters; i++) {
        const void *place = (const void *)(uintptr_t)arguments[i].value;
        const bool good = row->answer == OTHER || (bytestore_status)answer == OK;
        if (place == &out.store) {
            CHECK(good ? bytestore_close(out.store) == OK : out.store == NULL);
        } else if (place == &out.cursor) {
            CHECK(good ? bytestore_cursor_close(out.cursor) == OK : out.cursor == NULL);
        } else if (place == &out.computation) {
            CHECK(good ? bytestore_computation_close(out.computation) == OK : out.computation == NULL);
        } else if (place == &out.buffer) {
            CHECK(good ? bytestore_free_buffer(&out.buffer) == OK : is_zero(&out.buffer, sizeof out.buffer));
        } else if (place == out.numbers && strcmp(row->name, "bytestore_check_items") != 0) {
            CHECK(good || out.numbers[0] == 0);
        }
    }
    CHECK((uint8_t)out.numbers[1] == RUBBISH); /* nothing beyond an output is touched */
}
