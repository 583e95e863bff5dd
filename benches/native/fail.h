/*
 * Ends the process when a peer's library fails. It must not know which library.
 */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

#include <stdio.h>
#include <stdlib.h>

#define BENCH_REQUIRE(condition, message)                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, message);                                               \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
