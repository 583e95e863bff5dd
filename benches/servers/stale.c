/* How long two tiers have an old value: from the moment in which another handle's write has returned until a read
 * through the copies sees it. `stale URL-OF-TIERS URL-OF-THE-SERVER` writes one line of JSON. */
#include <bytestore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WRITES = 5000 };

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "stale: %s\n", what);
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static const bytestore_slice key = {(const uint8_t *)"key", 3};

/* The number that the key has. */
static size_t number(bytestore_store *store) {
    size_t found = 0;
    bytestore_buffer values;
    require(bytestore_mget(store, 1, &key, NULL, &values) == BYTESTORE_OK, "mget");
    if (values.slices[0].len == sizeof found) {
        memcpy(&found, values.slices[0].ptr, sizeof found);
    }
    bytestore_free_buffer(&values);
    return found;
}

static int by_size(const void *a, const void *b) {
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int count, char **words) {
    bytestore_store *tiers, *server;
    require(count == 3, "usage: stale URL-OF-TIERS URL-OF-THE-SERVER");
    require(bytestore_open(words[1], &tiers, NULL) == BYTESTORE_OK, "the first URL");
    require(bytestore_open(words[2], &server, NULL) == BYTESTORE_OK, "the second URL");
    static double waits[WRITES];
    const struct timespec pause = {.tv_nsec = 300000};
    for (size_t write = 1; write <= WRITES; write++) {
        /* What was told of the last write has come, so that there is a copy again. */
        nanosleep(&pause, NULL);
        number(tiers);
        const bytestore_slice value = {(const uint8_t *)&write, sizeof write};
        require(bytestore_mset(server, 1, &key, NULL, &value, NULL) == BYTESTORE_OK, "mset");
        const double start = now();
        while (number(tiers) != write) {
        }
        waits[write - 1] = now() - start;
    }
    bytestore_counters counters = {.size = sizeof counters};
    require(bytestore_read_counters(tiers, &counters) == BYTESTORE_OK && counters.entries > 0, "no copies");
    qsort(waits, WRITES, sizeof *waits, by_size);
    printf("{\"writes\": %d, \"stale_median_us\": %.0f, \"stale_p99_us\": %.0f, \"stale_max_us\": %.0f}\n", WRITES,
           waits[WRITES / 2], waits[WRITES * 99 / 100], waits[WRITES - 1]);
    bytestore_close(tiers);
    bytestore_close(server);
    return 0;
}
