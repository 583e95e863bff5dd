/* What the ways share: stores with the option and without, and entries whose keys or values are secret. */
#ifndef WAY_H
#define WAY_H

#include <bytestore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One way that bytes go. It calls `look_for_them` while they are there, and `look_again` when nothing may be left. */
typedef struct {
    const char *name;
    void (*run)(void);
    /* Also without the option nothing is left: other bytes stand in all of their places. */
    bool leaves_nothing;
} way;

typedef struct {
    const way *ways;
    size_t count;
} way_group;

extern const way_group small_ways, large_ways, answer_ways, snapshot_ways, mixed_ways;

/* How many operations in a life of those at random, and how many were done. */
extern size_t mixed_operations, mixed_done;

/* Keys or values: how many bytes, and whether they are the secret, over and over. Those of keys, and of values that are
 * not secret, end with a number if there is room for it. */
typedef struct {
    bool secret;
    size_t len;
} shape;

#define SECRET(len) ((shape){true, len})
#define PLAIN(len) ((shape){false, len})

/* A store with more options, "max_entries=3" or NULL, and the option if it is this one's turn. */
bytestore_store *open_store(const char *more);
bytestore_store *open_named(const char *name, const char *more);

/* Sets, gets or deletes the entries `first`, `first` + `step`, …: `count` of them. Nothing of them stays here. */
void set(bytestore_store *store, shape key, shape value, size_t first, size_t step, size_t count);
void set_for(bytestore_store *store, shape key, shape value, size_t first, size_t step, size_t count, uint64_t ttl_ms);
void delete (bytestore_store *store, shape key, size_t first, size_t step, size_t count);
size_t hits(bytestore_store *store, shape key, size_t first, size_t step, size_t count);

/* Entries that keep a store from being empty, in every shard. */
enum { OTHERS = 1000 };
void set_others(bytestore_store *store);

/* The bytes of a key or value on the desk, for calls of another kind, until `wipe_desk`. */
bytestore_slice on_desk(bool is_key, shape form, size_t number);
void wipe_desk(void);

void look_for_them(void);
void look_again(void);

/* The way does not work. */
void must(bool holds, const char *what, int line);
#define MUST(condition) must((condition), #condition, __LINE__)
#define MUST_DO(call) must((call) == BYTESTORE_OK, #call, __LINE__)

void close_store(bytestore_store *store);

#endif
