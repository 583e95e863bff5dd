/* What a handle's check costs, counted by callgrind: cost. A call without keys is nothing but what every call does
 * first and last; a call with 64 keys is what that is a part of. */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#include <bytestore.h>

enum { KEYS = 64, LEN = 7, VALUE = 100 };

static char keys[KEYS * LEN + 1], values[KEYS * VALUE];
static uint32_t key_lens[KEYS], value_lens[KEYS];

static bytestore_status get(bytestore_store *store, size_t n) {
    bytestore_buffer answers;
    const bytestore_status status = bytestore_mget(store, n, keys, key_lens, &answers);
    return status != BYTESTORE_OK ? status : bytestore_free_buffer(&answers);
}

int main(void) {
    bytestore_store *store = bytestore_new();
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(keys + i * LEN, LEN + 1, "k%06zu", i % 1000000);
        key_lens[i] = LEN;
        value_lens[i] = VALUE;
    }
    bytestore_status status = bytestore_mset(store, KEYS, keys, key_lens, values, value_lens);
    status |= get(store, KEYS); /* once, so that nothing is new */
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    status |= get(store, 0);
    CALLGRIND_DUMP_STATS_AT("without keys");
    CALLGRIND_ZERO_STATS;
    status |= get(store, KEYS);
    CALLGRIND_DUMP_STATS_AT("with 64 keys");
    CALLGRIND_STOP_INSTRUMENTATION;
    status |= bytestore_close(store);
    return status == BYTESTORE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
