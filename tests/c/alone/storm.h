/* Stores of every kind, threads that tear at them, and what one must find there at any moment. Knows no fork. */
#ifndef STORM_H
#define STORM_H

#include "../abi/abi.h"

/* Keys of a batch that is always written as one: all its values are equal. */
enum { KEYS = 64 };

typedef struct {
    bytestore_store *plain, *named, *bounded, *timed, *sorted, *computed;
} storm;

storm open_storm(void);
void close_storm(const storm *stores);

/* A thread's body: reads, writes, scans, computes, opens and closes until `end_storm`. Its argument is the storm. */
void *tear(void *stores);
void begin_storm(void);
void end_storm(void);

/* How many times the threads have been through all of it. */
size_t storm_rounds(void);

/* One batch of KEYS, and the same keys asked for. */
bytestore_status write_batch(bytestore_store *store, uint64_t number);
bytestore_status read_batch(bytestore_store *store, bytestore_buffer *answers);

/* Looks into every store, writes, and closes all; the caller is the only thread. NULL: all is well; otherwise a reason.
 */
const char *use_and_close(const storm *stores);

#endif
