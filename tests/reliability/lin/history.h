/* One history: what some clients ask of a store at the same time, and what each of them was told and when. */
#ifndef HISTORY_H
#define HISTORY_H

#include <bytestore.h>
#include <stdbool.h>
#include <stdint.h>

enum { KEYS = 12, MOST_KEYS = 16, CLIENTS = 3 };
enum { SET, GET, GET_INTO, DELETE, DELETE_PREFIX, COUNT, SCAN_BEGIN, SCAN_NEXT, ADVANCE };
/* What a get finds beside a value's number. */
enum { MISSING = 0, TORN = 0xFFFF };

/* Prefixes: 0 is that of all KEYS, 1 and 2 those of every other one. */
typedef struct {
    uint8_t what;
    uint8_t prefix;
    uint8_t pause; /* bit 0: before the call, bit 1: after it */
    uint8_t count; /* of keys; of a scan's page: the most */
    uint8_t keys[MOST_KEYS];
    uint16_t values[MOST_KEYS]; /* numbers: to be set, or found; of keys that a scan gives */
    uint16_t ttl;               /* milliseconds, 0: none; or how far the clock goes */
    uint16_t answer;            /* how many keys a scan gives, are counted, or were removed */
    int32_t status;
    int64_t call, done; /* nanoseconds */
} operation;

/* Every client's operations in turn, `each` for each; all begin at once. `torn`: batches are set in two calls, which
 * somebody must notice. */
void run_history(bytestore_store *const stores[CLIENTS], operation *operations, size_t each, bool torn);

/* Entries that no history asks for. */
bytestore_status fill(bytestore_store *store, size_t count);

#endif
