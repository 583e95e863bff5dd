/* Calls while memory runs out: what they must answer, and that nothing is half done then. Knows no scenario. */
#ifndef TORTURE_H
#define TORTURE_H

#include "../../c/check.h"
#include "../faults.h"

#define OK BYTESTORE_OK
#define RAN_OUT BYTESTORE_ERR_OUT_OF_MEMORY

/* Makes a call of an export while memory may run out. When it does: nothing has changed, `is_clear` says that the call
 * gave nothing, and the same call with enough memory succeeds. */
#define ATTEMPT(export, is_clear, call)                                                                                \
    do {                                                                                                               \
        attempt_begins(export);                                                                                        \
        if (attempt_ran_out(call)) {                                                                                   \
            CHECK(is_clear);                                                                                           \
            CHECK_EQUAL(call, OK);                                                                                     \
        }                                                                                                              \
    } while (0)

/* For what changes nothing that could be given. */
#define NOTHING_GIVEN true

void attempt_begins(const char *export);
bool attempt_ran_out(bytestore_status status);

/* The store that calls are about, which is compared before and after; NULL: none. */
void watch(bytestore_store *store);

/* After every change that the model was told of: where memory ran out, the store has what the model has. */
void settle(void);

/* An export as the header describes it, and what was met. */
typedef struct {
    char name[48];
    bool may_run_out;
    uint64_t calls, ran_out, did_without, failures;
} export_record;

/* In memory that children share. */
enum { EXPORTS = 64 };
extern export_record *exports;
extern size_t export_count;

/* What the library has. */
typedef struct {
    uint64_t blocks, bytes, mapped;
} holdings;
holdings holdings_now(void);
void check_holdings(holdings expected);

/* One run of a scenario: from the `first` request on memory runs out as `mode` says. Gives how many requests failed;
 * with FAIL_NEVER, how many there are, and remembers where each attempt begins. */
uint64_t torture(void (*scenario)(void), uint32_t mode, uint64_t first);

#endif
