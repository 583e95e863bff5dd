/* Calls on one store whose answers are looked at. Knows no other store and no thread. */
#include "beside.h"

enum { KEYS = 100, KEY_LEN = 5, LONGEST = 6000 };

/* Values of one byte each, long enough for all: nobody writes here once they are made. */
static const uint8_t *bytes_of(uint8_t byte) {
    static _Thread_local uint8_t bytes[4][LONGEST];
    memset(bytes[byte % 4], byte, LONGEST);
    return bytes[byte % 4];
}

keys_and_values choose(uint64_t *random) {
    static _Thread_local char names[KEYS][KEY_LEN + 1];
    static const size_t most[] = {1, 8, MOST_KEYS};
    static const size_t lens[] = {0, 3, 40, 300, LONGEST};
    keys_and_values some = {.count = 1 + next_random(random) % most[next_random(random) % COUNT_OF(most)]};
    const uint8_t *bytes = bytes_of((uint8_t)(1 + next_random(random) % 200));
    for (size_t i = 0; i < some.count; i++) {
        const uint64_t number = next_random(random) % KEYS;
        snprintf(names[number], sizeof names[number], "key%02u", (unsigned)number);
        some.keys[i] = (bytestore_slice){(const uint8_t *)names[number], KEY_LEN};
        some.values[i] = (bytestore_slice){bytes, lens[next_random(random) % COUNT_OF(lens)]};
    }
    return some;
}

void fill(bytestore_store *store, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char name[16];
        const int len = snprintf(name, sizeof name, "ballast%06zu", i);
        set_one(store, (bytestore_slice){(const uint8_t *)name, (size_t)len}, S(""));
    }
}

bool ended(bytestore_status status) {
    CHECK(status == OK || status == CLOSED);
    return status != OK;
}

void allowed_status(bytestore_status status) { CHECK(status == OK || status == CLOSED || status == OVER_LIMIT); }

static bool is_one_byte(const uint8_t *bytes, size_t len) { return len < 2 || memcmp(bytes, bytes + 1, len - 1) == 0; }

bool is_whole(const bytestore_buffer *buffer) {
    for (size_t i = 0; i < buffer->count; i++) {
        if (!is_one_byte(buffer->slices[i].ptr, buffer->slices[i].len)) {
            return false;
        }
    }
    return true;
}

void get_into(bytestore_store *store, const keys_and_values *some) {
    static _Thread_local uint8_t room[MOST_KEYS * LONGEST];
    size_t lens[MOST_KEYS];
    bytestore_area area = {.bytes = room, .capacity = sizeof room, .lens = lens};
    if (ended(bytestore_mget_into(store, some->count, some->keys, NULL, &area))) {
        return;
    }
    size_t start = 0;
    for (size_t i = 0; i < some->count; i++) {
        if (lens[i] != BYTESTORE_MISSING) {
            CHECK(is_one_byte(room + start, lens[i]));
            start += lens[i];
        }
    }
    CHECK_EQUAL(start, area.len);
}

void compute(bytestore_store *store, const keys_and_values *some, uint64_t *random) {
    bytestore_computation *computation;
    bytestore_buffer missing, values = {0};
    bytestore_status status;
    if (ended(bytestore_compute(store, some->count, some->keys, NULL, next_random(random) % 3, &computation))) {
        return;
    }
    while ((status = bytestore_computation_next(computation, &missing)) == OK && missing.count > 0) {
        const uint64_t fate = next_random(random) % 10;
        if (fate == 0) { /* left to those who wait */
            CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
            break;
        }
        status = fate == 1 ? bytestore_computation_fail(computation, -7)
                           : bytestore_computation_set(computation, missing.count, some->values, NULL);
        CHECK(status == OK || status == OVER_LIMIT || status == CLOSED);
        CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
        if (fate == 1 || status != OK) {
            break;
        }
    }
    CHECK(status == OK || status == -7 || status == OVER_LIMIT || status == CLOSED);
    if (bytestore_computation_values(computation, &values) == OK) {
        CHECK(values.count == some->count && is_whole(&values));
        CHECK_EQUAL(bytestore_free_buffer(&values), OK);
    }
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
}
