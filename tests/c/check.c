/* Runs tests and counts them. Knows nothing of the library. */
#include "check.h"

#include <stdatomic.h>
#include <stdlib.h>

bool check_short_rounds = false;

static atomic_size_t checks;
static atomic_size_t failures;

size_t rounds(size_t many, size_t few) { return check_short_rounds ? few : many; }

bool check_(bool holds, const char *what, const char *file, int line) {
    atomic_fetch_add(&checks, 1);
    if (!holds && atomic_fetch_add(&failures, 1) < 20) {
        printf("  %s:%d: %s\n", file, line, what);
    }
    return holds;
}

size_t check_failures(void) { return atomic_load(&failures); }

int run_tests(const char *name, const test *tests, size_t count) {
    size_t passed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < count; i++) {
        const size_t checks_before = atomic_load(&checks);
        atomic_store(&failures, 0);
        tests[i].run();
        const size_t made = atomic_load(&checks) - checks_before;
        /* A test that checks nothing cannot fail. */
        const bool good = atomic_load(&failures) == 0 && made > 0;
        passed += good;
        printf("%-8s%s (%zu checks)\n", good ? "ok" : "FAILED", tests[i].name, made);
    }
    printf("%s: %zu passed, %zu failed\n", name, passed, count - passed);
    return passed == count && count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
