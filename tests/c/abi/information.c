/* What is pinned for ever: numbers, names, layouts, versions. */
#include <ctype.h>

#include "abi.h"

_Static_assert(BYTESTORE_OK == 0, "pinned");
_Static_assert(BYTESTORE_ERR_INVALID_ARGUMENT == 1, "pinned");
_Static_assert(BYTESTORE_ERR_CLOSED_HANDLE == 2, "pinned");
_Static_assert(BYTESTORE_ERR_OUT_OF_MEMORY == 3, "pinned");
_Static_assert(BYTESTORE_ERR_OVER_LIMIT == 4, "pinned");
_Static_assert(BYTESTORE_ERR_REMOTE_FAILURE == 5, "pinned");
_Static_assert(BYTESTORE_ERR_INTERNAL == 6, "pinned");
_Static_assert(BYTESTORE_ERR_IO_FAILURE == 7, "pinned");
_Static_assert(BYTESTORE_ERR_BAD_SNAPSHOT == 8, "pinned");
_Static_assert(BYTESTORE_ERR_UNSUPPORTED == 9, "pinned");
_Static_assert(BYTESTORE_MAX_ITEM_LEN == UINT32_MAX, "pinned");
_Static_assert(BYTESTORE_ABI_VERSION == 1, "pinned");
_Static_assert(BYTESTORE_NO_TTL == UINT64_MAX, "pinned");
_Static_assert(BYTESTORE_MISSING == SIZE_MAX, "pinned");
_Static_assert(sizeof(bytestore_status) == 4 && (bytestore_status)-1 < 0, "pinned");

_Static_assert(sizeof(bytestore_slice) == 2 * sizeof(void *), "pinned");
_Static_assert(offsetof(bytestore_slice, ptr) == 0, "pinned");
_Static_assert(offsetof(bytestore_slice, len) == sizeof(void *), "pinned");
_Static_assert(sizeof(bytestore_buffer) == 5 * sizeof(void *), "pinned");
_Static_assert(offsetof(bytestore_buffer, slices) == 0, "pinned");
_Static_assert(offsetof(bytestore_buffer, count) == sizeof(void *), "pinned");
_Static_assert(offsetof(bytestore_buffer, data) == 2 * sizeof(void *), "pinned");
_Static_assert(offsetof(bytestore_buffer, data_len) == 3 * sizeof(void *), "pinned");
_Static_assert(offsetof(bytestore_buffer, owner) == 4 * sizeof(void *), "pinned");
_Static_assert(sizeof(bytestore_area) == 4 * sizeof(void *), "pinned");
_Static_assert(offsetof(bytestore_area, bytes) == 0, "pinned");
_Static_assert(offsetof(bytestore_area, capacity) == sizeof(void *), "pinned");
_Static_assert(offsetof(bytestore_area, lens) == 2 * sizeof(void *), "pinned");
_Static_assert(offsetof(bytestore_area, len) == 3 * sizeof(void *), "pinned");

/* Later versions append fields: those of the first stay where they are. */
_Static_assert(sizeof(bytestore_counters) >= 14 * 8, "pinned");
_Static_assert(offsetof(bytestore_counters, size) == 0, "pinned");
_Static_assert(offsetof(bytestore_counters, hits) == 8, "pinned");
_Static_assert(offsetof(bytestore_counters, misses) == 16, "pinned");
_Static_assert(offsetof(bytestore_counters, sets) == 24, "pinned");
_Static_assert(offsetof(bytestore_counters, deletes) == 32, "pinned");
_Static_assert(offsetof(bytestore_counters, evictions_by_bytes) == 40, "pinned");
_Static_assert(offsetof(bytestore_counters, evictions_by_entries) == 48, "pinned");
_Static_assert(offsetof(bytestore_counters, expirations) == 56, "pinned");
_Static_assert(offsetof(bytestore_counters, entries) == 64, "pinned");
_Static_assert(offsetof(bytestore_counters, key_bytes) == 72, "pinned");
_Static_assert(offsetof(bytestore_counters, value_bytes) == 80, "pinned");
_Static_assert(offsetof(bytestore_counters, overhead_bytes) == 88, "pinned");
_Static_assert(offsetof(bytestore_counters, max_bytes) == 96, "pinned");
_Static_assert(offsetof(bytestore_counters, max_entries) == 104, "pinned");

static const char *const names[] = {"ok",           "invalid_argument", "closed_handle",  "out_of_memory",
                                    "over_limit",   "remote_failure",   "internal_error", "io_failure",
                                    "bad_snapshot", "unsupported"};

static void every_status_has_its_name(void) {
    for (size_t status = 0; status < COUNT_OF(names); status++) {
        CHECK_TEXT(bytestore_status_name((bytestore_status)status), names[status]);
    }
}

static void every_status_has_a_message_of_its_own(void) {
    for (size_t status = 0; status < COUNT_OF(names); status++) {
        const char *message = bytestore_status_message((bytestore_status)status);
        const size_t len = strlen(message);
        CHECK(len > 10 && message[len - 1] != '.' && message[len - 1] != '\n');
        for (size_t other = 0; other < status; other++) {
            CHECK(strcmp(message, bytestore_status_message((bytestore_status)other)) != 0);
        }
    }
}

static void other_numbers_are_unknown(void) {
    static const bytestore_status others[] = {10, 11, 100, -1, -2, INT32_MAX, INT32_MIN, 256, 65536};
    const char *message = bytestore_status_message(others[0]);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        CHECK_TEXT(bytestore_status_name(others[i]), "unknown");
        CHECK_TEXT(bytestore_status_message(others[i]), message);
    }
    for (size_t status = 0; status < COUNT_OF(names); status++) {
        CHECK(strcmp(message, bytestore_status_message((bytestore_status)status)) != 0);
    }
}

static void the_library_is_the_header_s(void) {
    CHECK_TEXT(bytestore_version(), BYTESTORE_VERSION);
    CHECK_EQUAL(bytestore_abi_version(), BYTESTORE_ABI_VERSION);
    unsigned major, minor, patch;
    char rest;
    CHECK(sscanf(bytestore_version(), "%u.%u.%u%c", &major, &minor, &patch, &rest) == 3);
}

static void a_store_says_what_it_can_promise(void) {
    bytestore_store *store = store_at("memory:");
    const uint64_t all = BYTESTORE_CAN_KEEP_ORDER | BYTESTORE_CAN_BATCH_ATOMICALLY | BYTESTORE_CAN_FIND_PREFIXES |
                         BYTESTORE_CAN_SEEK | BYTESTORE_CAN_SAVE | BYTESTORE_CAN_MEASURE;
    uint64_t capabilities = 0;
    bytestore_buffer message;
    CHECK_EQUAL(bytestore_capabilities(store, &capabilities), OK);
    CHECK(capabilities == all);
    CHECK_EQUAL(bytestore_remote_message(store, &message), OK);
    CHECK(message.count == 1 && message.slices[0].ptr != NULL && message.slices[0].len == 0);
    CHECK_EQUAL(bytestore_free_buffer(&message), OK);
    CHECK_EQUAL(bytestore_capabilities(store, NULL), INVALID);
    CHECK_EQUAL(bytestore_remote_message(store, NULL), INVALID);
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(bytestore_capabilities(store, &capabilities), CLOSED);
    CHECK(capabilities == 0);
    CHECK_EQUAL(bytestore_remote_message(store, &message), CLOSED);
}

static const test tests[] = {
    {"a store says what it can promise", a_store_says_what_it_can_promise},
    {"every status has its name", every_status_has_its_name},
    {"every status has a message of its own", every_status_has_a_message_of_its_own},
    {"other numbers are unknown", other_numbers_are_unknown},
    {"the library's versions are the header's", the_library_is_the_header_s},
};
const test_group information_tests = {tests, COUNT_OF(tests)};
