/* Every export panics once, on purpose: the answer says so, nothing is given, and all goes on. */
#include <stdlib.h>
#include <unistd.h>

#include "../calls/calls.h"
#include "../faults.h"

static size_t turn;

/* What an export that gives no status answers after a panic. */
static uint64_t fallback_of(const char *name) {
    if (strcmp(name, "bytestore_new") == 0) {
        return 0;
    }
    if (strcmp(name, "bytestore_abi_version") == 0) {
        return BYTESTORE_ABI_VERSION;
    }
    if (strcmp(name, "bytestore_version") == 0) {
        return (uint64_t)(uintptr_t)bytestore_version();
    }
    return (uint64_t)(uintptr_t)(strcmp(name, "bytestore_status_name") == 0 ? bytestore_status_name(-1)
                                                                            : bytestore_status_message(-1));
}

static void panic_in_export(void) {
    const export_row *row = &rows[turn++];
    world given = make_world();
    argument arguments[MOST_PARAMETERS], all[MOST_ARGUMENTS];
    for (size_t i = 0; i < row->parameters; i++) {
        arguments_of(&given, row->of[i].kind, row->of[i].optional, all);
        arguments[i] = all[0];
    }
    const uint64_t expected = row->answer == STATUS ? BYTESTORE_ERR_INTERNAL : fallback_of(row->name);
    for (int round = 0; round < 3; round++) {
        bytestore_faults_panic(1);
        const uint64_t answer = call_with(row, arguments);
        if (!CHECK(answer == expected)) {
            printf("  %s: %llu\n", row->name, (unsigned long long)answer);
        }
        CHECK_EQUAL(bytestore_faults_check(given.store), BYTESTORE_OK);
        CHECK(is_whole(&given));
    }
    const uint64_t answer = call_with(row, arguments); /* and without one it does what it says */
    CHECK(row->answer == OTHER ? answer != 0 : (allowed_by(row, arguments) >> answer & 1) != 0);
    take_outputs(row, arguments, answer);
    end_world(&given);
}

/* --- In the middle of a call, locks held or not --- */

enum { ENTRIES = 300, ADDED = 64, LARGE = 6000 };
static uint64_t panics, points_left;

/* Ends what a call does before it gives all back: that must not panic. */
static void no_more_panics(void) { points_left = bytestore_faults_panic(0); }
static uint8_t large_value[LARGE];

static bytestore_slice numbered(uint32_t *place, uint32_t number) {
    *place = number * 2654435761u;
    return (bytestore_slice){(const uint8_t *)place, sizeof *place};
}

/* What every panic must leave: the entries that were there, and locks that are free. */
static bool has_entries(bytestore_store *store) {
    uint32_t places[ENTRIES];
    bytestore_slice keys[ENTRIES];
    bytestore_buffer answer;
    size_t len = 0;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        keys[i] = numbered(&places[i], i);
    }
    if (bytestore_mget(store, ENTRIES, keys, NULL, &answer) != BYTESTORE_OK) {
        return false;
    }
    bool all = bytestore_len(store, &len) == BYTESTORE_OK && len == ENTRIES;
    for (size_t i = 0; i < ENTRIES; i++) {
        all = all && answer.slices[i].ptr != NULL && answer.slices[i].len == sizeof(uint32_t);
    }
    return bytestore_free_buffer(&answer) == BYTESTORE_OK && all;
}

static bytestore_status add(bytestore_store *store, bool large) {
    uint32_t places[ADDED];
    bytestore_slice keys[ADDED], values[ADDED];
    for (uint32_t i = 0; i < ADDED; i++) {
        keys[i] = numbered(&places[i], ENTRIES + i);
        values[i] = large ? (bytestore_slice){large_value, LARGE} : keys[i];
    }
    const bytestore_status status = bytestore_mset(store, ADDED, keys, NULL, values, NULL);
    no_more_panics();
    return status;
}

static bytestore_status add_small(bytestore_store *store) { return add(store, false); }

static bytestore_status add_large(bytestore_store *store) { return add(store, true); }

static bytestore_status scan(bytestore_store *store) {
    bytestore_cursor *cursor = NULL;
    bytestore_buffer page = {0};
    bytestore_status status = bytestore_keys(store, large_value, 1, &cursor);
    status = status != BYTESTORE_OK ? status : bytestore_cursor_next(cursor, 0, &page);
    no_more_panics();
    bytestore_free_buffer(&page);
    bytestore_cursor_close(cursor);
    return status;
}

static bytestore_status compute(bytestore_store *store) {
    const bytestore_slice key = {large_value, 3};
    bytestore_computation *computation = NULL;
    bytestore_buffer missing = {0};
    bytestore_status status = bytestore_compute(store, 1, &key, NULL, 0, &computation);
    status = status != BYTESTORE_OK ? status : bytestore_computation_next(computation, &missing);
    no_more_panics();
    bytestore_free_buffer(&missing);
    bytestore_computation_close(computation);
    return status;
}

static bytestore_status open_another(bytestore_store *store) {
    bytestore_store *view = NULL, *other = NULL;
    bytestore_status status = bytestore_namespace(store, large_value, 1, &view);
    status = status != BYTESTORE_OK ? status : bytestore_open("memory:panics?max_entries=9", &other, NULL);
    no_more_panics();
    bytestore_close(view);
    bytestore_close(other);
    return status;
}

static bytestore_status save_and_load(bytestore_store *store) {
    bytestore_buffer saved = {0};
    bytestore_status status = bytestore_save_buffer(store, 0, &saved);
    if (status == BYTESTORE_OK) {
        status = bytestore_load_buffer(store, saved.slices[0].ptr, saved.slices[0].len);
    }
    no_more_panics();
    bytestore_free_buffer(&saved);
    return status;
}

/* What a batch has prepared when it panics stays in the store's memory until the store goes: all is given back then. */
static void panic_everywhere(bytestore_status (*call)(bytestore_store *store)) {
    bool panicked = true;
    uint64_t blocks = 0, mapped = 0;
    for (uint64_t point = 1; panicked && CHECK(point < 10000); point++) {
        bytestore_store *store = bytestore_new();
        uint32_t places[ENTRIES];
        bytestore_slice keys[ENTRIES];
        for (uint32_t i = 0; i < ENTRIES; i++) {
            keys[i] = numbered(&places[i], i);
        }
        CHECK_EQUAL(bytestore_mset(store, ENTRIES, keys, NULL, keys, NULL), BYTESTORE_OK);
        bytestore_faults_panic(point);
        const bytestore_status status = call(store);
        panicked = points_left == 0;
        panics += panicked;
        CHECK_EQUAL(status, panicked ? BYTESTORE_ERR_INTERNAL : BYTESTORE_OK);
        CHECK(!panicked || has_entries(store));
        CHECK_EQUAL(call(store), BYTESTORE_OK);
        CHECK_EQUAL(add(store, true), BYTESTORE_OK);
        CHECK_EQUAL(bytestore_close(store), BYTESTORE_OK);
        if (point == 1) { /* what is made once for ever is there now */
            blocks = bytestore_faults_count(BLOCKS);
            mapped = bytestore_faults_count(MAPPED);
        }
        CHECK(bytestore_faults_count(BLOCKS) == blocks && bytestore_faults_count(MAPPED) == mapped);
    }
}

static void small_entries(void) { panic_everywhere(add_small); }

static void large_entries(void) { panic_everywhere(add_large); }

static void scanning(void) { panic_everywhere(scan); }

static void computing(void) { panic_everywhere(compute); }

static void opening(void) { panic_everywhere(open_another); }

static void saving(void) { panic_everywhere(save_and_load); }

int main(void) {
    enum { MIDDLES = 6 };
    test *tests = calloc(row_count + MIDDLES, sizeof *tests);
    const test middles[MIDDLES] = {
        {"a panic while small entries are set", small_entries}, {"a panic while large entries are set", large_entries},
        {"a panic while keys are scanned", scanning},           {"a panic while something is computed", computing},
        {"a panic while stores are opened", opening},           {"a panic while a store is saved and loaded", saving}};
    for (size_t i = 0; i < row_count; i++) {
        tests[i] = (test){rows[i].name, panic_in_export};
    }
    memcpy(tests + row_count, middles, sizeof middles);
    const int code = run_tests("panics", tests, row_count + MIDDLES);
    printf("totals: %zu exports, %llu points\n", row_count, (unsigned long long)panics);
    free(tests);
    return code;
}
