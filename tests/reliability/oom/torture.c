/* Calls while memory runs out. */
#include "torture.h"

#include "model.h"

export_record *exports;
size_t export_count;

/* Where every attempt of a scenario begins, in requests, when nothing fails. */
enum { ATTEMPTS = 4096 };
static uint64_t starts[ATTEMPTS + 1];
static size_t attempts;

/* After so many attempts that ran out the rest of a scenario has enough: it would run out in the same way. */
enum { ENOUGH = 12 };

static uint32_t mode;
static uint64_t first;
static size_t troubled;
static bool is_in_trouble;

static bytestore_store *watched;
static export_record *current;
static bool looks;
static uint64_t before, failed_before;
static bytestore_counters counters_before;

void watch(bytestore_store *store) { watched = store; }

static bytestore_counters counters(void) {
    bytestore_counters counted = {.size = sizeof counted};
    CHECK_EQUAL(bytestore_read_counters(watched, &counted), OK);
    return counted;
}

/* Whether memory may run out in this attempt: then it is worth while to look at everything before. Looking reads, so
 * that a bounded store may evict others later, and ask for memory less often: it goes on until something has failed. */
static bool may_fail(void) {
    if (mode == FAIL_NEVER || attempts >= ATTEMPTS || troubled >= ENOUGH) {
        return false;
    }
    if (starts[attempts + 1] == 0) {
        return true; /* nobody knows */
    }
    return starts[attempts + 1] >= first && (mode != FAIL_ONCE || troubled == 0);
}

void attempt_begins(const char *export) {
    current = NULL;
    for (size_t i = 0; i < export_count; i++) {
        if (strcmp(exports[i].name, export) == 0) {
            current = &exports[i];
        }
    }
    if (!CHECK(current != NULL)) {
        current = &exports[0];
    }
    current->calls++;
    if (mode == FAIL_NEVER && attempts < ATTEMPTS) {
        starts[attempts] = bytestore_faults_count(REQUESTS);
    }
    looks = watched != NULL && may_fail();
    if (looks) {
        before = fingerprint(watched);
        counters_before = counters();
    }
    failed_before = bytestore_faults_count(FAILED);
    bytestore_faults_pause(troubled >= ENOUGH);
}

/* What a call that failed must not have touched. */
static void nothing_changed(void) {
    const bytestore_counters after = counters();
    CHECK_EQUAL(after.sets, counters_before.sets);
    CHECK_EQUAL(after.deletes, counters_before.deletes);
    CHECK(after.hits >= counters_before.hits && after.misses >= counters_before.misses); /* see the header */
    CHECK_EQUAL(after.evictions_by_bytes, counters_before.evictions_by_bytes);
    CHECK_EQUAL(after.evictions_by_entries, counters_before.evictions_by_entries);
    CHECK(fingerprint(watched) == before);
    CHECK_EQUAL(bytestore_faults_check(watched), OK);
}

bool attempt_ran_out(bytestore_status status) {
    bytestore_faults_pause(true);
    attempts++;
    const uint64_t failed = bytestore_faults_count(FAILED) - failed_before;
    current->failures += failed;
    if (failed == 0) {
        if (!CHECK(status == OK)) {
            printf("  %s: %s, though memory did not run out\n", current->name, bytestore_status_name(status));
        }
        return false;
    }
    troubled++;
    is_in_trouble = true;
    if (status == OK) {
        current->did_without++;
        return false;
    }
    current->ran_out++;
    if (!CHECK(status == RAN_OUT && current->may_run_out)) {
        printf("  %s: %s, when memory ran out\n", current->name, bytestore_status_name(status));
    }
    if (looks) {
        nothing_changed();
    } else {
        CHECK(watched == NULL);
    }
    return true;
}

void settle(void) {
    if (is_in_trouble && watched != NULL) {
        model_matches(watched);
        CHECK_EQUAL(bytestore_faults_check(watched), OK);
    }
    is_in_trouble = false;
}

holdings holdings_now(void) {
    return (holdings){bytestore_faults_count(BLOCKS), bytestore_faults_count(BYTES), bytestore_faults_count(MAPPED)};
}

void check_holdings(holdings expected) {
    const holdings now = holdings_now();
    CHECK_EQUAL(now.blocks, expected.blocks);
    CHECK_EQUAL(now.bytes, expected.bytes);
    CHECK_EQUAL(now.mapped, expected.mapped);
}

uint64_t torture(void (*scenario)(void), uint32_t which, uint64_t request) {
    mode = which;
    first = request;
    troubled = attempts = 0;
    is_in_trouble = false;
    watched = NULL;
    bytestore_faults_arm(mode, first, first);
    scenario();
    if (mode != FAIL_NEVER) {
        return bytestore_faults_count(FAILED);
    }
    CHECK(attempts < ATTEMPTS);
    starts[attempts] = bytestore_faults_count(REQUESTS);
    return starts[attempts];
}
