/* What the tests of the ABI share: inputs, comparisons, and the tests of every file. */
#ifndef ABI_H
#define ABI_H

#include <bytestore.h>
#include <stdint.h>

#include "../check.h"

/* A slice of a string literal, without its NUL. */
#define S(literal) ((bytestore_slice){(const uint8_t *)(literal), sizeof(literal) - 1})

#define OK BYTESTORE_OK
#define INVALID BYTESTORE_ERR_INVALID_ARGUMENT
#define CLOSED BYTESTORE_ERR_CLOSED_HANDLE
#define OVER_LIMIT BYTESTORE_ERR_OVER_LIMIT
#define IO_FAILURE BYTESTORE_ERR_IO_FAILURE
#define BAD_SNAPSHOT BYTESTORE_ERR_BAD_SNAPSHOT
#define UNSUPPORTED BYTESTORE_ERR_UNSUPPORTED

/* For out-parameters: what must not be there any more after a call. */
#define RUBBISH_BYTE 0xA5
#define RUBBISH_SIZE ((size_t)0xA5A5A5A5A5A5A5A5)

/* A fresh store; the test fails without one. */
bytestore_store *new_store(void);
bytestore_store *store_at(const char *url);

/* Sets one entry, or checks what is there: NULL for missing. */
void set_one(bytestore_store *store, bytestore_slice key, bytestore_slice value);
bool has_value(bytestore_store *store, bytestore_slice key, bytestore_slice value);
bool is_missing(bytestore_store *store, bytestore_slice key);

size_t len_of(bytestore_store *store);

/* Sets one entry that lives so many milliseconds, and makes time pass for a store with a manual clock. */
void set_for(bytestore_store *store, bytestore_slice key, bytestore_slice value, uint64_t ttl_ms);
void advance(bytestore_store *store, uint64_t milliseconds);

bytestore_counters counters_of(bytestore_store *store);

bool same_bytes(bytestore_slice a, bytestore_slice b);

/* A buffer full of rubbish, to see that it is zeroed. */
bytestore_buffer rubbish_buffer(void);
bool is_zero(const bytestore_buffer *buffer);

/* What the header promises of every buffer: slices, and when `data` holds them side by side. */
void check_layout(const bytestore_buffer *buffer);

/* Repeatable random numbers. */
uint64_t next_random(uint64_t *state);

/* "k000000", "k000001", …: `count` keys side by side in `blob` (7 bytes each), and their slices. */
void numbered_keys(size_t count, char *blob, bytestore_slice *slices);

/* --- Calls with wrong arguments --- */

/* Which statuses a call may answer with. With several faults the header does not say which is reported. */
enum { MAY_OK = 1 << OK, MAY_INVALID = 1 << INVALID, MAY_CLOSED = 1 << CLOSED };

/* What a call may answer when its input is good or not, and its handle, and its out-parameter. */
int allowed(bool input_good, bool handle_good, bool out_good);
bool one_of(bytestore_status status, int allowed, const char *call, const char *a, const char *b);

/* An open store and three handles that are none. */
enum { HANDLE_KINDS = 4 };
extern const char *const handle_names[HANDLE_KINDS];
void make_handles(bytestore_store *handles[HANDLE_KINDS]);
void close_handles(bytestore_store *handles[HANDLE_KINDS]);

/* One byte further is address 0. */
#define LAST_ADDRESS ((const uint8_t *)UINTPTR_MAX)

typedef struct {
    const test *tests;
    size_t count;
} test_group;

extern const test_group area_tests, argument_tests, buffer_tests, computing_tests, computing_thread_tests,
    counter_tests, cursor_tests, handle_tests, information_tests, limit_tests, name_tests, namespace_tests,
    output_tests, page_tests, prefix_tests, shape_tests, snapshot_tests, snapshot_thread_tests, thread_tests, ttl_tests;

#endif
