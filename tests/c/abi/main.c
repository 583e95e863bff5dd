/* Tests of the C ABI: abi [--short]. Each other file has the tests of one topic. */
#include <stdlib.h>

#include "abi.h"

int main(int argc, char **argv) {
    const test_group *groups[] = {
        &area_tests,    &argument_tests,  &buffer_tests,          &computing_tests,   &computing_thread_tests,
        &counter_tests, &cursor_tests,    &handle_tests,          &information_tests, &limit_tests,
        &name_tests,    &namespace_tests, &output_tests,          &page_tests,        &prefix_tests,
        &shape_tests,   &snapshot_tests,  &snapshot_thread_tests, &thread_tests,      &ttl_tests,
    };
    check_short_rounds = argc > 1 && strcmp(argv[1], "--short") == 0;
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        count += groups[i]->count;
    }
    test *all = calloc(count, sizeof *all);
    if (all == NULL) {
        return EXIT_FAILURE;
    }
    count = 0;
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        memcpy(all + count, groups[i]->tests, groups[i]->count * sizeof *all);
        count += groups[i]->count;
    }
    const int code = run_tests("abi", all, count);
    free(all);
    return code;
}
