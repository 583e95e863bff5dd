/* Operations of a store as scenarios use them. */
#include "operations.h"

#include <stdlib.h>

static bool is_zero(const bytestore_buffer *buffer) {
    return buffer->slices == NULL && buffer->count == 0 && buffer->data == NULL && buffer->data_len == 0 &&
           buffer->owner == NULL;
}

/* For outputs: what must not be there after a call. */
#define RUBBISH ((size_t)0xA5A5A5A5A5A5A5A5)

static bytestore_status open_new(bytestore_store **store) {
    *store = bytestore_new();
    return *store == NULL ? RAN_OUT : OK;
}

bytestore_store *open_store(const char *url) {
    bytestore_store *store = (bytestore_store *)RUBBISH;
    if (url == NULL) {
        ATTEMPT("bytestore_new", store == NULL, open_new(&store));
    } else {
        ATTEMPT("bytestore_open", store == NULL, bytestore_open(url, &store, NULL));
    }
    return store;
}

bytestore_store *open_namespace(bytestore_store *store, const char *prefix) {
    bytestore_store *view = (bytestore_store *)RUBBISH;
    ATTEMPT("bytestore_namespace", view == NULL,
            bytestore_namespace(store, (const uint8_t *)prefix, strlen(prefix), &view));
    settle();
    return view;
}

void close_store(bytestore_store *store) { ATTEMPT("bytestore_close", false, bytestore_close(store)); }

static batch *batch_of(range which, size_t value_len) {
    return make_batch(which.first, which.count, which.step, value_len, which.cut);
}

void set_entries(bytestore_store *store, range which, size_t value_len) {
    const batch *set = batch_of(which, value_len);
    ATTEMPT("bytestore_mset", NOTHING_GIVEN, bytestore_mset(store, set->count, set->keys, NULL, set->values, NULL));
    model_sets(set, UINT64_MAX);
    settle();
}

void set_entries_packed(bytestore_store *store, range which, size_t value_len) {
    const batch *set = batch_of(which, value_len);
    uint32_t key_lens[BATCH], value_lens[BATCH];
    for (size_t i = 0; i < set->count; i++) {
        key_lens[i] = (uint32_t)set->keys[i].len;
        value_lens[i] = (uint32_t)value_len;
    }
    /* Keys stand side by side where nothing is cut off, values always. */
    ATTEMPT("bytestore_mset", NOTHING_GIVEN,
            bytestore_mset(store, set->count, set->keys[0].ptr, key_lens, value_len == 0 ? NULL : set->values[0].ptr,
                           value_lens));
    model_sets(set, UINT64_MAX);
    settle();
}

void set_entries_for(bytestore_store *store, range which, size_t value_len, uint64_t ttl_ms) {
    const batch *set = batch_of(which, value_len);
    ATTEMPT("bytestore_mset_ttl", NOTHING_GIVEN,
            bytestore_mset_ttl(store, set->count, set->keys, NULL, set->values, NULL, ttl_ms));
    model_sets(set, ttl_ms);
    settle();
}

static void compare(const bytestore_buffer *answers, const batch *asked) {
    if (!CHECK(answers->count == asked->count)) {
        return;
    }
    for (size_t i = 0; i < asked->count; i++) {
        CHECK(model_answers(asked->ids[i], answers->slices[i]));
    }
}

void get_entries(bytestore_store *store, range which) {
    const batch *asked = batch_of(which, 0);
    bytestore_buffer answers;
    memset(&answers, 0xA5, sizeof answers);
    ATTEMPT("bytestore_mget", is_zero(&answers), bytestore_mget(store, asked->count, asked->keys, NULL, &answers));
    compare(&answers, asked);
    ATTEMPT("bytestore_free_buffer", false, bytestore_free_buffer(&answers));
    settle();
}

void get_entries_into(bytestore_store *store, range which, size_t room) {
    const batch *asked = batch_of(which, 0);
    size_t lens[BATCH];
    bytestore_area area = {malloc(room), room, lens, RUBBISH};
    ATTEMPT("bytestore_mget_into", area.len == 0, bytestore_mget_into(store, asked->count, asked->keys, NULL, &area));
    CHECK(area.len <= room);
    const uint8_t *place = area.bytes;
    for (size_t i = 0; i < asked->count; i++) {
        const bool missing = lens[i] == BYTESTORE_MISSING;
        CHECK(model_answers(asked->ids[i], (bytestore_slice){missing ? NULL : place, missing ? 0 : lens[i]}));
        place += missing ? 0 : lens[i];
    }
    free(area.bytes);
    settle();
}

void delete_entries(bytestore_store *store, range which) {
    const batch *deleted = batch_of(which, 0);
    size_t removed = RUBBISH;
    ATTEMPT("bytestore_mdelete", removed == 0, bytestore_mdelete(store, deleted->count, deleted->keys, NULL, &removed));
    CHECK(removed <= deleted->count);
    model_deletes(deleted);
    settle();
}

void delete_prefix(bytestore_store *store, const char *prefix) {
    size_t removed = RUBBISH;
    ATTEMPT("bytestore_delete_prefix", removed == 0,
            bytestore_delete_prefix(store, (const uint8_t *)prefix, strlen(prefix), &removed));
    CHECK_EQUAL(removed, model_count(prefix));
    model_deletes_prefix(prefix);
    settle();
}

void count_entries(bytestore_store *store, const char *prefix) {
    size_t count = RUBBISH;
    ATTEMPT("bytestore_count", count == 0, bytestore_count(store, (const uint8_t *)prefix, strlen(prefix), &count));
    CHECK_EQUAL(count, model_count(prefix));
    settle();
}

void check_len(bytestore_store *store) {
    size_t len = RUBBISH;
    ATTEMPT("bytestore_len", len == 0, bytestore_len(store, &len));
    CHECK(len <= model_count(""));
    settle();
}

void check_counters(bytestore_store *store) {
    bytestore_counters counters = {.size = sizeof counters};
    ATTEMPT("bytestore_read_counters", counters.sets == 0, bytestore_read_counters(store, &counters));
    CHECK(counters.sets > 0 &&
          (counters.max_bytes == 0 ||
           counters.key_bytes + counters.value_bytes + counters.overhead_bytes <= counters.max_bytes));
    CHECK(counters.max_entries == 0 || counters.entries <= counters.max_entries);
}

void advance(bytestore_store *store, uint64_t milliseconds) {
    ATTEMPT("bytestore_advance_clock", false, bytestore_advance_clock(store, milliseconds));
    model_advances(milliseconds);
}

static size_t pages(bytestore_cursor *cursor, size_t page, size_t most) {
    size_t seen = 0;
    for (size_t number = 0; number < most; number++) {
        bytestore_buffer keys;
        memset(&keys, 0xA5, sizeof keys);
        ATTEMPT("bytestore_cursor_next", is_zero(&keys), bytestore_cursor_next(cursor, page, &keys));
        seen += keys.count;
        CHECK(keys.count <= page);
        if (keys.count == 0) {
            break;
        }
        ATTEMPT("bytestore_free_buffer", false, bytestore_free_buffer(&keys));
    }
    return seen;
}

void scan(bytestore_store *store, const char *prefix, size_t page) {
    bytestore_cursor *cursor = (bytestore_cursor *)RUBBISH;
    uint64_t position = RUBBISH;
    const uint8_t *bytes = (const uint8_t *)prefix;
    ATTEMPT("bytestore_keys", cursor == NULL, bytestore_keys(store, bytes, strlen(prefix), &cursor));
    size_t seen = pages(cursor, page, 2);
    ATTEMPT("bytestore_cursor_position", position == 0, bytestore_cursor_position(cursor, &position));
    ATTEMPT("bytestore_cursor_close", false, bytestore_cursor_close(cursor));
    cursor = (bytestore_cursor *)RUBBISH;
    ATTEMPT("bytestore_keys_from", cursor == NULL,
            bytestore_keys_from(store, bytes, strlen(prefix), position, &cursor));
    seen += pages(cursor, page, SIZE_MAX);
    ATTEMPT("bytestore_cursor_close", false, bytestore_cursor_close(cursor));
    CHECK_EQUAL(seen, model_count(prefix));
    settle();
}

bytestore_computation *compute_entries(bytestore_store *store, range which, uint64_t ttl_ms) {
    const batch *asked = batch_of(which, 0);
    bytestore_computation *computation = (bytestore_computation *)RUBBISH;
    ATTEMPT("bytestore_compute", computation == NULL,
            bytestore_compute(store, asked->count, asked->keys, NULL, ttl_ms, &computation));
    settle();
    return computation;
}

size_t next_missing(bytestore_computation *computation) {
    bytestore_buffer missing;
    memset(&missing, 0xA5, sizeof missing);
    ATTEMPT("bytestore_computation_next", is_zero(&missing), bytestore_computation_next(computation, &missing));
    const size_t count = missing.count;
    ATTEMPT("bytestore_free_buffer", false, bytestore_free_buffer(&missing));
    settle();
    return count;
}

/* When that fails, the keys are free again, and this computation must be given them anew. */
static bytestore_status set_again(bytestore_computation *computation, const batch *set) {
    const bytestore_status status = bytestore_computation_set(computation, set->count, set->values, NULL);
    if (status == RAN_OUT) {
        bytestore_faults_pause(true);
        bytestore_buffer missing;
        CHECK_EQUAL(bytestore_computation_next(computation, &missing), OK);
        CHECK_EQUAL(missing.count, set->count);
        CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
    }
    return status;
}

void set_missing(bytestore_computation *computation, range which, size_t value_len) {
    const batch *set = batch_of(which, value_len);
    ATTEMPT("bytestore_computation_set", NOTHING_GIVEN, set_again(computation, set));
    model_sets(set, UINT64_MAX);
    settle();
}

void fail_missing(bytestore_computation *computation) {
    ATTEMPT("bytestore_computation_fail", false, bytestore_computation_fail(computation, BYTESTORE_ERR_REMOTE_FAILURE));
    settle();
}

void take_values(bytestore_computation *computation, range which) {
    const batch *asked = batch_of(which, 0);
    bytestore_buffer answers;
    memset(&answers, 0xA5, sizeof answers);
    ATTEMPT("bytestore_computation_values", is_zero(&answers), bytestore_computation_values(computation, &answers));
    compare(&answers, asked);
    ATTEMPT("bytestore_free_buffer", false, bytestore_free_buffer(&answers));
    settle();
}

void close_computation(bytestore_computation *computation) {
    ATTEMPT("bytestore_computation_close", false, bytestore_computation_close(computation));
    settle();
}
