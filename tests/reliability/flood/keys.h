/* Sets of keys that others' hash functions send to one place, or that are alike in a way that hash functions like
 * least. Knows nothing of the library. */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *bytes; /* all keys, side by side */
    uint32_t *lens;
    size_t count, total;
} key_set;

void add_key(key_set *set, const void *bytes, size_t len);
void free_keys(key_set *set);

typedef struct {
    const char *name;
    /* Makes 2^bits keys, or fewer where the idea ends. */
    void (*make)(key_set *set, unsigned bits);
    /* What must be the same of all of them; NULL: they are only alike. */
    uint64_t (*attacked)(const uint8_t *key, size_t len, uint64_t seed);
    /* The attack is good for every seed; otherwise for 0. */
    bool any_seed;
} key_attack;

extern const key_attack colliding_sets[], alike_sets[];
extern const size_t colliding_count, alike_count;

#endif
