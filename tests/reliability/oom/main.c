/* Every request for memory fails, in four ways, in every scenario: oom EXPORTS STRIDE. EXPORTS: a file with a line for
 * each export and whether it may run out of memory, as the header says. STRIDE: of the ways to fail again and again,
 * one of so many requests begins a run. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios.h"

static uint64_t stride = 1;
static uint64_t points, runs;

static void read_exports(const char *path) {
    FILE *file = fopen(path, "r");
    int may_run_out;
    exports = mmap(NULL, EXPORTS * sizeof *exports, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    while (CHECK(file != NULL) && export_count < EXPORTS &&
           fscanf(file, "%47s %d", exports[export_count].name, &may_run_out) == 2) {
        exports[export_count++].may_run_out = may_run_out != 0;
    }
    if (file != NULL) {
        fclose(file);
    }
}

static uint64_t failures_so_far(void) {
    uint64_t sum = 0;
    for (size_t i = 0; i < export_count; i++) {
        sum += exports[i].failures;
    }
    return sum;
}

static void say(const char *name, uint64_t requests, uint64_t runs_before) {
    printf("%-8s%s: %llu requests, %llu runs, %llu failures so far\n", "", name, (unsigned long long)requests,
           (unsigned long long)(runs - runs_before), (unsigned long long)failures_so_far());
}

static void torture_scenario(const scenario *tortured) {
    const uint64_t runs_before = runs;
    torture(tortured->run, FAIL_NEVER, 0); /* what is made once for ever */
    const uint64_t requests = torture(tortured->run, FAIL_NEVER, 0);
    const holdings held = holdings_now();
    for (uint32_t mode = FAIL_ONCE; mode < FAIL_MODES; mode++) {
        const uint64_t step = mode == FAIL_ONCE ? tortured->stride : tortured->stride * stride;
        for (uint64_t first = 1 + mode % step; first <= requests; first += step) {
            CHECK(torture(tortured->run, mode, first) > 0);
            check_holdings(held);
            runs++;
        }
    }
    points += requests;
    say(tortured->name, requests, runs_before);
}

static size_t turn;

static void next_scenario(void) { torture_scenario(&scenarios[turn++]); }

/* What a child does that is the first to use the library: how it ends. */
enum { GOOD, FAULTY, BEYOND_THE_LAST };
static holdings *held_after;

static int first_use_in_child(uint32_t mode, uint64_t first) {
    const uint64_t failed = torture(first_use, mode, first);
    const uint64_t faults = check_failures();
    if (mode == FAIL_NEVER) {
        *held_after = holdings_now();
    } else {
        check_holdings(*held_after);
    }
    return check_failures() + faults > 0 ? FAULTY : mode != FAIL_NEVER && failed == 0 ? BEYOND_THE_LAST : GOOD;
}

static int in_child(uint32_t mode, uint64_t first) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(300);
        const int ended = first_use_in_child(mode, first);
        fflush(stdout);
        _exit(ended);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Before anything else: what is made when a process first uses the library is made once. */
static void first_uses(void) {
    held_after = mmap(NULL, sizeof *held_after, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK_EQUAL(in_child(FAIL_NEVER, 0), GOOD);
    for (uint32_t mode = FAIL_ONCE; mode < FAIL_MODES; mode++) {
        uint64_t first = 1;
        int ended;
        while ((ended = in_child(mode, first)) != BEYOND_THE_LAST && CHECK(ended == GOOD)) {
            first += mode == FAIL_ONCE ? 1 : stride;
            runs++;
        }
        points += mode == FAIL_ONCE ? first - 1 : 0;
    }
    say("first uses", points, 0);
}

static void every_export_was_met(void) {
    for (size_t i = 0; i < export_count; i++) {
        const export_record *met = &exports[i];
        printf("%-8s%-32s %8llu calls, %7llu ran out, %6llu did without\n", "", met->name,
               (unsigned long long)met->calls, (unsigned long long)met->ran_out, (unsigned long long)met->did_without);
        CHECK(met->calls > 0);
        CHECK(met->may_run_out == (met->ran_out > 0));
    }
    CHECK(export_count > 20);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        return EXIT_FAILURE;
    }
    read_exports(argv[1]);
    stride = strtoull(argv[2], NULL, 10);
    test tests[32] = {{"first uses of the library", first_uses}};
    size_t count = 1;
    for (size_t i = 0; i < scenario_count; i++) {
        tests[count++] = (test){scenarios[i].name, next_scenario};
    }
    tests[count++] = (test){"every export was met, and runs out as its comment says", every_export_was_met};
    const int code = run_tests("oom", tests, count);
    printf("totals: %llu points, %llu runs, %llu failures\n", (unsigned long long)points, (unsigned long long)runs,
           (unsigned long long)failures_so_far());
    return code;
}
