/* What beside.c does with one store: choosing a batch, looking at answers, computing. */
#ifndef BESIDE_H
#define BESIDE_H

#include "../../c/abi/abi.h"

enum { MOST_KEYS = 64 };

/* A batch; what it points to lives until the thread chooses the next one. */
typedef struct {
    size_t count;
    bytestore_slice keys[MOST_KEYS], values[MOST_KEYS];
} keys_and_values;

/* One, a few or many keys of a hundred, some of their values so large that the library shares them. */
keys_and_values choose(uint64_t *random);

/* Entries that nobody asks for. */
void fill(bytestore_store *store, size_t count);

/* Whether a call found the handle closed; it may do nothing but that and succeed. */
bool ended(bytestore_status status);

/* The same for calls that the store may find too large. */
void allowed_status(bytestore_status status);

/* Whether each answer is one value and no mixture of two. */
bool is_whole(const bytestore_buffer *buffer);

/* Looks a batch up in memory of the caller's. */
void get_into(bytestore_store *store, const keys_and_values *some);

/* Looks a batch up and computes what is missing: to the end, or not. */
void compute(bytestore_store *store, const keys_and_values *some, uint64_t *random);

#endif
