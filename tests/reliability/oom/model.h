/* What a store must hold: entries by number, their values made of the number and a version. */
#ifndef MODEL_H
#define MODEL_H

#include "torture.h"

enum {
    IDS = 12000,
    IN_NAMESPACE = 10000, /* their keys begin with "ns/" */
    LONG_KEYS = 11000,    /* those have 5000 bytes */
    KEY_ROOM = 5000,
    BATCH = 300
};

/* A batch of entries, both shapes of it. */
typedef struct {
    size_t count;
    uint32_t ids[BATCH], versions[BATCH];
    bytestore_slice keys[BATCH], values[BATCH];
} batch;

/* `cut`: bytes of each key that are left out, as a namespace wants it. Valid until the next batch is made. */
batch *make_batch(uint32_t first, size_t count, uint32_t step, size_t value_len, size_t cut);

/* An empty model. Of a bounded store entries may be missing that were set. */
void model_begins(bool bounded);
void model_sets(const batch *set, uint64_t ends);
void model_deletes(const batch *deleted);
void model_deletes_prefix(const char *prefix);
void model_advances(uint64_t milliseconds);
size_t model_count(const char *prefix);

/* Whether an answer is what an entry must have. */
bool model_answers(uint32_t id, bytestore_slice value);
/* Checks that a store has what the model has, in its order. */
void model_matches(bytestore_store *store);

/* A number that stands for all that is in a store. */
uint64_t fingerprint(bytestore_store *store);

#endif
