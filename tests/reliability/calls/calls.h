/* Every export as a row: its parameters, and arguments for them, good and bad. Knows no gate. */
#ifndef CALLS_H
#define CALLS_H

#include <bytestore.h>

#include "../../c/check.h"

#define OK BYTESTORE_OK
#define INVALID BYTESTORE_ERR_INVALID_ARGUMENT
#define CLOSED BYTESTORE_ERR_CLOSED_HANDLE

/* Of an area without room for lengths: fine for no keys. */
enum { UNLESS_EMPTY = -1 };

enum { MISSING_KEYS = 2 };

typedef enum {
    STORE,
    CURSOR,
    COMPUTATION,
    OUT_STORE,
    OUT_CURSOR,
    OUT_COMPUTATION,
    OUT_BUFFER,
    BUFFER,
    AREA,
    COUNTERS,
    OUT_SLICE,
    OUT_NUMBER,
    ITEMS,
    LENS,
    PREFIX,
    SNAPSHOT,
    URL,
    PATH,
    COUNT,
    PREFIX_LEN,
    SNAPSHOT_LEN,
    LEVEL,
    NUMBER
} parameter_kind;

enum { MOST_PARAMETERS = 8 };

typedef struct {
    const char *name;
    enum { STATUS, OTHER } answer;
    size_t parameters;
    struct {
        parameter_kind kind;
        bool optional;
    } of[MOST_PARAMETERS];
    uint64_t (*call)(const uint64_t *arguments);
} export_row;

/* A good one, once arguments were made. */
extern uint8_t snapshot[256];
extern size_t snapshot_len;

/* Written by rows.py. */
extern const export_row rows[];
extern const size_t row_count;

/* Objects for good arguments: a store with entries and a manual clock, a cursor, a computation that was given keys. */
typedef struct {
    bytestore_store *store;
    bytestore_cursor *cursor;
    bytestore_computation *computation;
    bytestore_buffer buffer;
} world;

world make_world(void);
void end_world(world *ended);
/* Whether everything in it works. */
bool is_whole(world *checked);

/* What one argument may be, and what a call says of it alone. */
typedef struct {
    const char *name;
    uint64_t value;
    int verdict; /* a status; of some kinds only together with other arguments: see allowed_by */
} argument;

/* Arguments of a parameter's kind; the first one is good. */
enum { MOST_ARGUMENTS = 24 };
size_t arguments_of(const world *in, parameter_kind kind, bool optional, argument *made);

/* What a call may answer: bits of statuses. */
unsigned allowed_by(const export_row *row, const argument *arguments);

/* Calls an export, once everything that its arguments point to is as it was. */
uint64_t call_with(const export_row *row, const argument *arguments);

/* After a call: gives back what it gave, and checks that a failure left nothing but zeroes in its outputs. */
void take_outputs(const export_row *row, const argument *arguments, uint64_t answer);

#endif
