/* What the parts of the conformance harness share: one running case, its memory, its verdict. */
#ifndef HARNESS_H
#define HARNESS_H

#include <bytestore.h>
#include <cjson/cJSON.h>
#include <stdbool.h>

/* Some bytes each; a slice at NULL is missing. */
typedef struct {
    bytestore_slice *items;
    size_t count;
} list;

/* A list in the shape in which a call is given it. */
typedef struct {
    list bytes;
    const void *items;
    const uint32_t *lens;
} input;

typedef struct {
    list keys, values;
} pairs;

/* How this run of the case calls the library. Every case runs in each way. */
typedef struct {
    const char *name;
    bool packed_keys, packed_values;
    size_t page; /* most keys a page */
} way;

/* --- main.c: the case --- */

/* Ends the running case with this reason. On its own thread only. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Memory that lives until the case ends. */
void *keep(size_t size);

/* --- notation.c: how the cases write bytes and lists --- */

/* The object's fields must all be among the names. */
void only_fields(const cJSON *object, const char *const *known, size_t count);

const cJSON *field(const cJSON *object, const char *name); /* must be there */
const char *text_of(const cJSON *form);
size_t number_of(const cJSON *form);        /* of things: they have to fit into memory */
uint64_t long_number_of(const cJSON *form); /* of what takes no memory: milliseconds, counts */
bytestore_slice bytes_of(const cJSON *form);
list list_of(const cJSON *form);
list answers_of(const cJSON *form); /* null is missing */
pairs pairs_of(const cJSON *form);

/* --- steps.c: what a case does --- */

void begin_case(const way *chosen);
void run_step(const cJSON *step);
void end_case(void); /* also after a failure: closes and frees what is left */

/* --- counters.c: counters by their names --- */

/* Those that are expected must have these values; others may have any. */
void compare_counters(const bytestore_counters *counters, const cJSON *expect);

/* --- race.c: threads that write beside one that reads --- */

void race(bytestore_store *store, list keys, size_t writers, size_t rounds, bool deletes);

bool same_bytes(bytestore_slice a, bytestore_slice b);

/* Bytes as people read them; one text at a time. */
const char *readable(bytestore_slice bytes);

#endif
