/* Counted tests whose checks name their line. Knows nothing of the library. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    void (*run)(void);
} test;

/* Under valgrind and sanitizers, which are slow: fewer rounds of the same. */
extern bool check_short_rounds;

/* A number of rounds: `few` of them under slow tools. */
size_t rounds(size_t many, size_t few);

/* Says what failed and marks the running test; any thread may call it. Gives `holds` back. */
bool check_(bool holds, const char *what, const char *file, int line);

/* How many checks of the running test have failed. */
size_t check_failures(void);

/* Runs the tests and ends with the line "NAME: N passed, N failed". The exit code of the program. */
int run_tests(const char *name, const test *tests, size_t count);

#define CHECK(condition) check_((condition), #condition, __FILE__, __LINE__)

/* Whole numbers, of any type. */
#define CHECK_EQUAL(actual, expected)                                                                                  \
    do {                                                                                                               \
        const long long actual_ = (long long)(actual), expected_ = (long long)(expected);                              \
        char what_[200];                                                                                               \
        if (actual_ == expected_) {                                                                                    \
            check_(true, "", __FILE__, __LINE__);                                                                      \
        } else {                                                                                                       \
            snprintf(what_, sizeof what_, "%s is %lld, must be %lld", #actual, actual_, expected_);                    \
            check_(false, what_, __FILE__, __LINE__);                                                                  \
        }                                                                                                              \
    } while (0)

#define CHECK_TEXT(actual, expected) CHECK(strcmp((actual), (expected)) == 0)

/* A test must not be left out silently: every file gives its tests in one list. */
#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

#endif
