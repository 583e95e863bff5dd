/* Operations of a store as scenarios use them: each is attempted, told to the model, and its answer compared. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "model.h"

bytestore_store *open_store(const char *url); /* NULL: bytestore_new */
bytestore_store *open_namespace(bytestore_store *store, const char *prefix);
void close_store(bytestore_store *store);

/* Entries `first`, `first` + `step`, …; `cut`: bytes of the keys that the store does not want. */
typedef struct {
    uint32_t first;
    size_t count;
    uint32_t step;
    size_t cut;
} range;

#define ENTRIES(first, count) ((range){(first), (count), 1, 0})

void set_entries(bytestore_store *store, range which, size_t value_len);
void set_entries_packed(bytestore_store *store, range which, size_t value_len);
void set_entries_for(bytestore_store *store, range which, size_t value_len, uint64_t ttl_ms);
void get_entries(bytestore_store *store, range which);
void get_entries_into(bytestore_store *store, range which, size_t room);
void delete_entries(bytestore_store *store, range which);
void delete_prefix(bytestore_store *store, const char *prefix);
void count_entries(bytestore_store *store, const char *prefix);
void check_len(bytestore_store *store);
void check_counters(bytestore_store *store);
void advance(bytestore_store *store, uint64_t milliseconds);
/* All keys with a prefix, so many a page; the second half from a position on. */
void scan(bytestore_store *store, const char *prefix, size_t page);

bytestore_computation *compute_entries(bytestore_store *store, range which, uint64_t ttl_ms);
/* How many keys are to be computed. */
size_t next_missing(bytestore_computation *computation);
void set_missing(bytestore_computation *computation, range which, size_t value_len);
void fail_missing(bytestore_computation *computation);
void take_values(bytestore_computation *computation, range which);
void close_computation(bytestore_computation *computation);

#endif
