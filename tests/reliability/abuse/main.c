/* Every export with every combination of good and bad arguments, three at a time: abuse. All others are good. */
#include <stdlib.h>

#include "../calls/calls.h"

static uint64_t calls;

static world given;
static argument classes[MOST_PARAMETERS][MOST_ARGUMENTS];
static size_t class_counts[MOST_PARAMETERS];

static void make_classes(const export_row *row) {
    for (size_t i = 0; i < row->parameters; i++) {
        class_counts[i] = arguments_of(&given, row->of[i].kind, row->of[i].optional, classes[i]);
    }
}

/* Whether the world may be another after a call: closed, or computed, or given up, as by values that were refused. */
static bool changes_world(const export_row *row, uint64_t answer) {
    return strstr(row->name, "computation_") != NULL ||
           (strstr(row->name, "close") != NULL && (bytestore_status)answer == BYTESTORE_OK);
}

static void call_once(const export_row *row, const size_t *chosen) {
    argument arguments[MOST_PARAMETERS];
    for (size_t i = 0; i < row->parameters; i++) {
        arguments[i] = classes[i][chosen[i]];
    }
    const uint64_t answer = call_with(row, arguments);
    calls++;
    const unsigned allowed = allowed_by(row, arguments);
    const bool right = row->answer == OTHER ? answer != 0 : answer <= BYTESTORE_ERR_UNSUPPORTED && (allowed >> answer & 1) != 0;
    if (!CHECK(right)) {
        printf("  %s: %s with", row->name, bytestore_status_name((bytestore_status)answer));
        for (size_t i = 0; i < row->parameters; i++) {
            printf(" [%s: %#llx]", arguments[i].name, (unsigned long long)arguments[i].value);
        }
        printf("\n");
    }
    take_outputs(row, arguments, answer);
    if (changes_world(row, answer)) {
        end_world(&given);
        given = make_world();
        make_classes(row);
    }
}

/* All values of the parameters from `first` on, `most` of them not the usual one. */
static void combine(const export_row *row, size_t *chosen, size_t first, size_t most) {
    if (first == row->parameters || most == 0) {
        call_once(row, chosen);
        return;
    }
    for (size_t i = 0; i < class_counts[first]; i++) {
        chosen[first] = i;
        combine(row, chosen, first + 1, most - (i > 0));
    }
    chosen[first] = 0;
}

static size_t turn;

static void abuse_export(void) {
    const export_row *row = &rows[turn++];
    size_t chosen[MOST_PARAMETERS] = {0};
    given = make_world();
    make_classes(row);
    combine(row, chosen, 0, 3);
    CHECK(is_whole(&given));
    end_world(&given);
}

int main(void) {
    test *tests = calloc(row_count, sizeof *tests);
    for (size_t i = 0; i < row_count; i++) {
        tests[i] = (test){rows[i].name, abuse_export};
    }
    const int code = run_tests("abuse", tests, row_count);
    printf("totals: %llu calls, %zu exports\n", (unsigned long long)calls, row_count);
    free(tests);
    return code;
}
