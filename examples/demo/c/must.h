/* How a small program fails: it says why and ends. Knows nothing of stores but their statuses. */
#ifndef MUST_H
#define MUST_H

#include <bytestore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline _Noreturn void fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(EXIT_FAILURE);
}

/* A macro, as assert is: checkers then know what holds behind it. */
#define MUST_BE(condition, otherwise) ((condition) ? (void)0 : fail(otherwise))

static inline void must_work(bytestore_status status) {
    MUST_BE(status == BYTESTORE_OK, bytestore_status_message(status));
}

#endif
