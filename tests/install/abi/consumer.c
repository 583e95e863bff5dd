/* A program of some time ago: it is compiled with the header of a release and runs with the library of today. Every
 * struct that has a layout crosses here, with canaries behind those that the library writes. Ends with 1 where an
 * answer is not what that release gave. */
#include <bytestore.h>
#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                                                                               \
    if (!(condition)) {                                                                                                \
        fprintf(stderr, "line %d: not %s\n", __LINE__, #condition);                                                    \
        return 1;                                                                                                      \
    }

int main(void) {
    CHECK(bytestore_abi_version() == BYTESTORE_ABI_VERSION);
    bytestore_store *store;
    bytestore_slice bad_part;
    CHECK(bytestore_open("memory:?max_entries=10&clock=manual", &store, &bad_part) == BYTESTORE_OK);
    const bytestore_slice keys[] = {{(const uint8_t *)"user/1", 6}, {(const uint8_t *)"user/2", 6}};
    const bytestore_slice values[] = {{(const uint8_t *)"Ada", 3}, {(const uint8_t *)"Grace", 5}};
    CHECK(bytestore_mset_ttl(store, 2, keys, NULL, values, NULL, 1000) == BYTESTORE_OK);

    uint8_t bytes[8];
    struct {
        bytestore_area area;
        uint64_t canary;
    } into = {{bytes, sizeof bytes, (size_t[2]){0}, 0}, 42};
    CHECK(bytestore_mget_into(store, 2, "user/1user/9", (const uint32_t[]){6, 6}, &into.area) == BYTESTORE_OK);
    CHECK(into.area.len == 3 && into.area.lens[1] == BYTESTORE_MISSING && into.canary == 42);
    printf("%.3s, missing, ", (const char *)bytes);

    struct {
        bytestore_buffer buffer;
        uint64_t canary;
    } page = {.canary = 42};
    bytestore_cursor *cursor;
    CHECK(bytestore_keys(store, (const uint8_t *)"user/", 5, &cursor) == BYTESTORE_OK);
    CHECK(bytestore_cursor_next(cursor, 0, &page.buffer) == BYTESTORE_OK);
    CHECK(page.buffer.count == 2 && page.buffer.data_len == 12 && memcmp(page.buffer.data, "user/1user/2", 12) == 0);
    CHECK(page.buffer.slices[1].len == 6 && memcmp(page.buffer.slices[1].ptr, "user/2", 6) == 0 && page.canary == 42);
    CHECK(bytestore_free_buffer(&page.buffer) == BYTESTORE_OK && bytestore_cursor_close(cursor) == BYTESTORE_OK);

    struct {
        bytestore_counters counters;
        uint64_t canary;
    } counted = {{.size = sizeof(bytestore_counters)}, 42};
    CHECK(bytestore_read_counters(store, &counted.counters) == BYTESTORE_OK);
    CHECK(counted.counters.size == sizeof(bytestore_counters) && counted.counters.hits == 1);
    CHECK(counted.counters.max_entries == 10 && counted.counters.entries == 2 && counted.canary == 42);
    printf("%u loaded\n", (unsigned)counted.counters.sets);

    size_t count;
    CHECK(bytestore_advance_clock(store, 1000) == BYTESTORE_OK);
    CHECK(bytestore_len(store, &count) == BYTESTORE_OK && count == 0);
    CHECK(bytestore_close(store) == BYTESTORE_OK && bytestore_close(store) == BYTESTORE_ERR_CLOSED_HANDLE);
    CHECK(bytestore_open("nosuch:", &store, &bad_part) == BYTESTORE_ERR_INVALID_ARGUMENT && bad_part.len == 6);
    CHECK(strcmp(bytestore_status_name(BYTESTORE_ERR_UNSUPPORTED), "unsupported") == 0);
    return 0;
}
