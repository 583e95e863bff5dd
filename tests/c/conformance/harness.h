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

/* --- case.c: what lives while a case runs --- */

enum { MOST = 64 };

extern struct running {
    const way *way;
    struct {
        const char *name;
        bytestore_store *handle;
        bool closed;
    } stores[MOST];
    size_t store_count;
    struct scan {
        const char *name;
        bytestore_cursor *cursor;
        list given, due; /* where a store keeps no order: what came so far, and what would have come in order */
    } scans[MOST];
    size_t scan_count;
    struct {
        const char *name, *store;
        uint64_t position;
    } pages[MOST];
    size_t page_count;
    struct {
        const char *name;
        bytestore_slice bytes;
    } snapshots[MOST];
    size_t snapshot_count;
    /* Of the running step. */
    bytestore_buffer answers;
    bytestore_computation *computation;
    const char *file; /* its name, if it has one */
} now;

void begin_case(const way *chosen);
void end_step(void);
void end_case(void); /* also after a failure: closes and frees what is left */

/* Whether the case's own store does: a server does not. */
bool keeps_order(void);

/* The case's from here on. A name is given once. */
void add_store(const char *name, bytestore_store *handle);
size_t place_of_store(const char *name);
const char *store_name(const cJSON *step);
bytestore_store *store_of(const cJSON *step);

/* True when the step has succeeded as it must, and has an answer; false when it has failed as it must. */
bool succeeds(const cJSON *step, bytestore_status status);

input shaped(list bytes, bool packed);
input keys_of(const cJSON *step);
bytestore_slice prefix_of(const cJSON *step);
uint64_t milliseconds_of(const cJSON *ttl); /* null: for ever */

/* Overwrites every byte of an input: the library must have its own copy. */
void scribble_if_wanted(const cJSON *step, const input *given);

void compare(const bytestore_slice *got, size_t count, list expected);
void compare_number(size_t got, size_t expected);

/* --- steps.c: what a case does --- */

void run_step(const cJSON *step);

/* --- scans.c: the steps that give keys --- */

void do_keys(const cJSON *step);
void do_scan_start(const cJSON *step);
void do_scan_next(const cJSON *step);
void do_scan_rest(const cJSON *step);
void do_page(const cJSON *step);

/* --- compute.c: the step that gets keys or computes them --- */

void do_compute(const cJSON *step);

/* --- snapshots.c: the steps that save, and those that read what was saved --- */

void do_open(const cJSON *step);
void do_save(const cJSON *step);
void do_load(const cJSON *step);

/* --- counters.c: counters by their names --- */

/* Those that are expected must have these values; others may have any. */
void compare_counters(const bytestore_counters *counters, const cJSON *expect);

/* --- race.c: threads that write beside one that reads --- */

void race(bytestore_store *store, list keys, size_t writers, size_t rounds, bool deletes);

bool same_bytes(bytestore_slice a, bytestore_slice b);

/* Bytes as people read them; one text at a time. */
const char *readable(bytestore_slice bytes);

#endif
