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
        bytestore_faults_panic();
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

int main(void) {
    test *tests = calloc(row_count, sizeof *tests);
    for (size_t i = 0; i < row_count; i++) {
        tests[i] = (test){rows[i].name, panic_in_export};
    }
    const int code = run_tests("panics", tests, row_count);
    printf("totals: %zu exports\n", row_count);
    free(tests);
    return code;
}
