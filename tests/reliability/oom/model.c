/* What a store must hold, beside it: an array. */
#include "model.h"

#include <stdlib.h>

typedef struct {
    bool there;
    uint32_t version;
    size_t len;
    uint64_t order, ends;
} entry;

static entry entries[IDS];
static uint64_t next_order, now;
static uint32_t next_version;
static bool is_bounded;

static char key_room[BATCH * (KEY_ROOM + 8)];
static uint8_t *value_room;
static size_t value_room_len;

static const char *prefix_of(uint32_t id) {
    return id >= LONG_KEYS ? "long/" : id >= IN_NAMESPACE ? "ns/" : id % 3 == 0 ? "k/" : "key/";
}

static size_t write_key(uint32_t id, char *place) {
    const size_t len = (size_t)sprintf(place, "%s%05u", prefix_of(id), (unsigned)id);
    if (id < LONG_KEYS) {
        return len;
    }
    memset(place + len, 'x', KEY_ROOM - len);
    return KEY_ROOM;
}

static uint32_t id_of(bytestore_slice key) {
    const uint8_t *slash = memchr(key.ptr, '/', key.len);
    if (slash == NULL || key.ptr + key.len - slash < 6) {
        return IDS;
    }
    uint32_t id = 0;
    for (size_t digit = 1; digit <= 5; digit++) {
        id = id * 10 + (uint32_t)(slash[digit] - '0');
    }
    return id;
}

static uint8_t value_byte(uint32_t id, uint32_t version) { return (uint8_t)(id * 31 + version * 7 + 1); }

batch *make_batch(uint32_t first, size_t count, uint32_t step, size_t value_len, size_t cut) {
    static batch made;
    if (count * value_len > value_room_len) {
        value_room_len = count * value_len;
        value_room = realloc(value_room, value_room_len);
    }
    made.count = count;
    char *place = key_room;
    for (size_t i = 0; i < count; i++) {
        made.ids[i] = first + (uint32_t)i * step;
        made.versions[i] = ++next_version;
        const size_t len = write_key(made.ids[i], place);
        made.keys[i] = (bytestore_slice){(uint8_t *)place + cut, len - cut};
        place += len;
        uint8_t *value = value_room == NULL ? NULL : value_room + i * value_len;
        if (value_len > 0) {
            memset(value, value_byte(made.ids[i], made.versions[i]), value_len);
        }
        made.values[i] = (bytestore_slice){value, value_len};
    }
    return &made;
}

void model_begins(bool bounded) {
    memset(entries, 0, sizeof entries);
    next_order = now = next_version = 0;
    is_bounded = bounded;
}

static bool is_there(const entry *found) { return found->there && found->ends > now; }

void model_sets(const batch *set, uint64_t ends) {
    for (size_t i = 0; i < set->count; i++) {
        entry *found = &entries[set->ids[i]];
        if (!is_there(found)) {
            found->order = ++next_order;
        }
        *found =
            (entry){true, set->versions[i], set->values[i].len, found->order, ends == UINT64_MAX ? ends : now + ends};
    }
}

void model_deletes(const batch *deleted) {
    for (size_t i = 0; i < deleted->count; i++) {
        entries[deleted->ids[i]].there = false;
    }
}

static bool has_prefix(uint32_t id, const char *prefix) {
    char key[KEY_ROOM + 8];
    write_key(id, key);
    return strncmp(key, prefix, strlen(prefix)) == 0;
}

void model_deletes_prefix(const char *prefix) {
    for (uint32_t id = 0; id < IDS; id++) {
        if (entries[id].there && has_prefix(id, prefix)) {
            entries[id].there = false;
        }
    }
}

void model_advances(uint64_t milliseconds) { now += milliseconds; }

size_t model_count(const char *prefix) {
    size_t count = 0;
    for (uint32_t id = 0; id < IDS; id++) {
        count += is_there(&entries[id]) && has_prefix(id, prefix);
    }
    return count;
}

static bool has_value(const entry *found, uint32_t id, bytestore_slice value) {
    const uint8_t byte = value_byte(id, found->version);
    if (value.ptr == NULL || value.len != found->len) {
        return false;
    }
    return value.len == 0 || (value.ptr[0] == byte && memcmp(value.ptr, value.ptr + 1, value.len - 1) == 0);
}

bool model_answers(uint32_t id, bytestore_slice value) {
    const entry *found = &entries[id];
    if (value.ptr == NULL) {
        return is_bounded || !is_there(found);
    }
    return is_there(found) && has_value(found, id, value);
}

/* Goes through all pages of a store: their keys and values. */
static void visit(bytestore_store *store, void (*see)(const bytestore_buffer *keys, const bytestore_buffer *values)) {
    bytestore_cursor *cursor = NULL;
    bytestore_buffer keys, values;
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
    while (CHECK(bytestore_cursor_next(cursor, 0, &keys) == OK) && keys.count > 0) {
        CHECK_EQUAL(bytestore_mget(store, keys.count, keys.slices, NULL, &values), OK);
        see(&keys, &values);
        CHECK(bytestore_free_buffer(&keys) == OK && bytestore_free_buffer(&values) == OK);
    }
    CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
}

static uint64_t seen_order, seen_count;

static void compare_page(const bytestore_buffer *keys, const bytestore_buffer *values) {
    for (size_t i = 0; i < keys->count; i++) {
        const uint32_t id = id_of(keys->slices[i]);
        if (!CHECK(id < IDS && model_answers(id, values->slices[i]) && values->slices[i].ptr != NULL)) {
            continue;
        }
        if (!is_bounded) {
            CHECK(entries[id].order > seen_order);
        }
        seen_order = entries[id].order;
        seen_count++;
    }
}

void model_matches(bytestore_store *store) {
    size_t there = 0;
    for (uint32_t id = 0; id < IDS; id++) {
        there += is_there(&entries[id]);
    }
    seen_order = seen_count = 0;
    visit(store, compare_page);
    if (is_bounded) {
        CHECK(seen_count <= there);
    } else {
        CHECK_EQUAL(seen_count, there);
    }
}

static uint64_t seen_hash;

static void hash_bytes(bytestore_slice bytes) {
    uint64_t hash = seen_hash ^ bytes.len;
    size_t at = 0;
    for (; at + 8 <= bytes.len; at += 8) {
        uint64_t word;
        memcpy(&word, bytes.ptr + at, 8);
        hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    for (; at < bytes.len; at++) {
        hash = (hash ^ bytes.ptr[at]) * 0x100000001B3u;
    }
    seen_hash = hash * 0xBF58476D1CE4E5B9u + (bytes.ptr == NULL);
}

static void hash_page(const bytestore_buffer *keys, const bytestore_buffer *values) {
    for (size_t i = 0; i < keys->count; i++) {
        hash_bytes(keys->slices[i]);
        hash_bytes(values->slices[i]);
    }
}

uint64_t fingerprint(bytestore_store *store) {
    seen_hash = 1;
    visit(store, hash_page);
    return seen_hash;
}
