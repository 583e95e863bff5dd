/* Running out of memory is a status, and what was stored stays. Alone, because sanitizers and valgrind take more
 * address space than any limit that would mean something. */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../abi/abi.h"

enum { LEN = 1 << 20 };

static size_t address_space(void) {
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm == NULL || fscanf(statm, "%lu", &pages) != 1) {
        pages = 0;
    }
    if (statm != NULL) {
        fclose(statm);
    }
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Fills a store until memory runs out. 0: all is well. */
static int fill_to_the_brim(void) {
    static uint8_t value[LEN];
    bytestore_store *store = bytestore_new();
    const rlim_t limit = address_space() + 64 * (size_t)LEN;
    if (store == NULL || setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}) != 0) {
        return 1;
    }
    bytestore_status status;
    uint64_t stored = 0;
    do {
        const bytestore_slice key = {(uint8_t *)&stored, sizeof stored}, data = {value, LEN};
        memcpy(value, &stored, sizeof stored);
        status = bytestore_mset(store, 1, &key, NULL, &data, NULL);
        stored += status == OK;
    } while (status == OK);
    size_t len = 0;
    if (status != BYTESTORE_ERR_OUT_OF_MEMORY || bytestore_len(store, &len) != OK || len != stored || stored < 10) {
        return 2;
    }
    /* A batch that does not fit leaves nothing behind. */
    static uint64_t numbers[200];
    static bytestore_slice keys[200], values[200];
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        numbers[i] = 1000000 + i;
        keys[i] = (bytestore_slice){(uint8_t *)&numbers[i], 8};
        values[i] = (bytestore_slice){value, LEN};
    }
    if (bytestore_mset(store, COUNT_OF(keys), keys, NULL, values, NULL) != BYTESTORE_ERR_OUT_OF_MEMORY ||
        bytestore_mset_ttl(store, COUNT_OF(keys), keys, NULL, values, NULL, 1) != BYTESTORE_ERR_OUT_OF_MEMORY ||
        bytestore_len(store, &len) != OK || len != stored) {
        return 3;
    }
    uint64_t number = 0;
    const bytestore_slice first = {(uint8_t *)&number, sizeof number};
    for (; number < 5; number++) {
        size_t removed = 0;
        if (bytestore_mdelete(store, 1, &first, NULL, &removed) != OK || removed != 1) {
            return 4;
        }
    }
    for (; number < stored; number++) { /* the others are as they were */
        memcpy(value, &number, sizeof number);
        if (!has_value(store, first, (bytestore_slice){value, LEN})) {
            return 5;
        }
    }
    const bytestore_slice again = {value, LEN};
    number = stored;
    return bytestore_mset(store, 1, &first, NULL, &again, NULL) == OK && bytestore_close(store) == OK ? 0 : 6;
}

/* A store that knows its bound lets others go instead, for as long as one likes. */
static int stay_below_the_brim(void) {
    static uint8_t value[LEN];
    bytestore_store *store = store_at("memory:?max_bytes=16MiB");
    const rlim_t limit = address_space() + 64 * (size_t)LEN;
    if (store == NULL || setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}) != 0) {
        return 1;
    }
    for (uint64_t stored = 0; stored < 1000; stored++) {
        const bytestore_slice key = {(uint8_t *)&stored, sizeof stored}, data = {value, LEN - stored};
        memcpy(value, &stored, sizeof stored);
        if (bytestore_mset_ttl(store, 1, &key, NULL, &data, NULL, 3600000) != OK || !has_value(store, key, data)) {
            return 2;
        }
    }
    bytestore_counters counters = {.size = sizeof counters};
    if (bytestore_read_counters(store, &counters) != OK || counters.evictions_by_bytes + counters.entries != 1000) {
        return 3;
    }
    return bytestore_close(store) == OK ? 0 : 4;
}

/* The limit on memory is for one process: it dies with it. */
static void succeeds_in_a_child(int (*body)(void)) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(300);
        _exit(body());
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(!WIFSIGNALED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 0);
}

static void running_out_of_memory_is_a_status(void) { succeeds_in_a_child(fill_to_the_brim); }

static void a_bounded_store_does_not_run_out(void) { succeeds_in_a_child(stay_below_the_brim); }

int main(void) {
    const test tests[] = {
        {"running out of memory is a status", running_out_of_memory_is_a_status},
        {"a bounded store does not run out of it", a_bounded_store_does_not_run_out},
    };
    return run_tests("exhaustion", tests, COUNT_OF(tests));
}
