/* What the tests of the ABI share. Knows no test. */
#include "abi.h"

bytestore_store *new_store(void) {
    bytestore_store *store = bytestore_new();
    CHECK(store != NULL);
    return store;
}

bytestore_store *store_at(const char *url) {
    bytestore_store *store = NULL;
    CHECK_EQUAL(bytestore_open(url, &store, NULL), OK);
    return store;
}

void set_one(bytestore_store *store, bytestore_slice key, bytestore_slice value) {
    CHECK_EQUAL(bytestore_mset(store, 1, &key, NULL, &value, NULL), OK);
}

bool same_bytes(bytestore_slice a, bytestore_slice b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* The answer to one key: -1 error, 0 missing, 1 another value, 2 this value. */
static int compare_one(bytestore_store *store, bytestore_slice key, bytestore_slice value) {
    bytestore_buffer answer;
    if (bytestore_mget(store, 1, &key, NULL, &answer) != OK || answer.count != 1) {
        return -1;
    }
    const int result = answer.slices[0].ptr == NULL ? 0 : 1 + same_bytes(answer.slices[0], value);
    bytestore_free_buffer(&answer);
    return result;
}

bool has_value(bytestore_store *store, bytestore_slice key, bytestore_slice value) {
    return compare_one(store, key, value) == 2;
}

bool is_missing(bytestore_store *store, bytestore_slice key) { return compare_one(store, key, S("")) == 0; }

size_t len_of(bytestore_store *store) {
    size_t len = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_len(store, &len), OK);
    return len;
}

void set_for(bytestore_store *store, bytestore_slice key, bytestore_slice value, uint64_t ttl_ms) {
    CHECK_EQUAL(bytestore_mset_ttl(store, 1, &key, NULL, &value, NULL, ttl_ms), OK);
}

void advance(bytestore_store *store, uint64_t milliseconds) {
    CHECK_EQUAL(bytestore_advance_clock(store, milliseconds), OK);
}

bytestore_counters counters_of(bytestore_store *store) {
    bytestore_counters counters;
    memset(&counters, RUBBISH_BYTE, sizeof counters);
    counters.size = sizeof counters;
    CHECK_EQUAL(bytestore_read_counters(store, &counters), OK);
    CHECK_EQUAL(counters.size, sizeof counters);
    return counters;
}

bytestore_buffer rubbish_buffer(void) {
    bytestore_buffer buffer;
    memset(&buffer, RUBBISH_BYTE, sizeof buffer);
    return buffer;
}

bool is_zero(const bytestore_buffer *buffer) {
    return buffer->slices == NULL && buffer->count == 0 && buffer->data == NULL && buffer->data_len == 0 &&
           buffer->owner == NULL;
}

void check_layout(const bytestore_buffer *buffer) {
    if (buffer->count == 0) {
        CHECK(is_zero(buffer));
        return;
    }
    CHECK(buffer->slices != NULL);
    size_t end = 0;
    for (size_t i = 0; i < buffer->count; i++) {
        const bytestore_slice slice = buffer->slices[i];
        CHECK(slice.ptr != NULL || slice.len == 0);
        if (buffer->data != NULL && slice.len > 0) {
            CHECK(slice.ptr == buffer->data + end);
        }
        end += slice.len;
    }
    if (buffer->data != NULL) {
        CHECK_EQUAL(buffer->data_len, end);
    } else {
        CHECK_EQUAL(buffer->data_len, 0);
    }
}

uint64_t next_random(uint64_t *state) {
    /* splitmix64 */
    uint64_t x = (*state += 0x9E3779B97F4A7C15u);
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

void numbered_keys(size_t count, char *blob, bytestore_slice *slices) {
    for (size_t i = 0; i < count; i++) {
        char text[16];
        snprintf(text, sizeof text, "k%06u", (unsigned)(i % 1000000));
        memcpy(blob + 7 * i, text, 7);
        slices[i] = (bytestore_slice){(const uint8_t *)blob + 7 * i, 7};
    }
}

/* --- Calls with wrong arguments --- */

const char *const handle_names[HANDLE_KINDS] = {"an open handle", "NULL", "a closed handle", "a cursor"};

bool one_of(bytestore_status status, int allowed, const char *call, const char *a, const char *b) {
    const bool right = status >= 0 && status < 8 && (allowed >> status & 1) != 0;
    if (!right) {
        printf("  %s with %s, %s: %s\n", call, a, b, bytestore_status_name(status));
    }
    return CHECK(right);
}

int allowed(bool input_good, bool handle_good, bool out_good) {
    if (input_good && handle_good && out_good) {
        return MAY_OK;
    }
    return (input_good && out_good ? 0 : MAY_INVALID) | (handle_good ? 0 : MAY_CLOSED);
}

void make_handles(bytestore_store *handles[HANDLE_KINDS]) {
    bytestore_cursor *cursor = NULL;
    handles[0] = new_store();
    handles[1] = NULL;
    handles[2] = new_store();
    CHECK_EQUAL(bytestore_keys(handles[0], NULL, 0, &cursor), OK);
    CHECK_EQUAL(bytestore_close(handles[2]), OK);
    handles[3] = (bytestore_store *)cursor;
}

void close_handles(bytestore_store *handles[HANDLE_KINDS]) {
    CHECK_EQUAL(bytestore_cursor_close((bytestore_cursor *)handles[3]), OK);
    CHECK_EQUAL(bytestore_close(handles[0]), OK);
}
