/* Counters by their names in the cases. Knows no step and no store. */
#include <inttypes.h>
#include <string.h>

#include "harness.h"

static uint64_t counter_named(const bytestore_counters *counters, const char *name) {
    const struct {
        const char *name;
        uint64_t value;
    } known[] = {
        {"hits", counters->hits},
        {"misses", counters->misses},
        {"sets", counters->sets},
        {"deletes", counters->deletes},
        {"evictions_by_bytes", counters->evictions_by_bytes},
        {"evictions_by_entries", counters->evictions_by_entries},
        {"expirations", counters->expirations},
        {"entries", counters->entries},
        {"key_bytes", counters->key_bytes},
        {"value_bytes", counters->value_bytes},
        {"overhead_bytes", counters->overhead_bytes},
        {"max_bytes", counters->max_bytes},
        {"max_entries", counters->max_entries},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return known[i].value;
        }
    }
    fail("unknown counter %s", name);
}

void compare_counters(const bytestore_counters *counters, const cJSON *expect) {
    const cJSON *expected;
    if (!cJSON_IsObject(expect)) {
        fail("not an object of counters");
    }
    cJSON_ArrayForEach(expected, expect) {
        const uint64_t got = counter_named(counters, expected->string), must = long_number_of(expected);
        if (got != must) {
            fail("%s is %" PRIu64 ", must be %" PRIu64, expected->string, got, must);
        }
    }
}
