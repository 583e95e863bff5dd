/* How a small program fails: it says why and ends. Knows nothing of stores but their statuses. */
#ifndef MUST_H
#define MUST_H

#include <bytestore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void must_be(bool holds, const char *otherwise) {
    if (!holds) {
        fprintf(stderr, "%s\n", otherwise);
        exit(EXIT_FAILURE);
    }
}

static inline void must_work(bytestore_status status) {
    must_be(status == BYTESTORE_OK, bytestore_status_message(status));
}

#endif
