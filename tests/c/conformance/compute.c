/* The step that gets keys or computes them: what is to be computed, and what comes of it. */
#include "harness.h"

/* What a computation that must fail fails with: a number that is none of the library's. */
enum { OWN_STATUS = 4242 };

static bool must_fail(const cJSON *step) {
    static const char *const none[] = {"values", "expect", "error"};
    const cJSON *fails = cJSON_GetObjectItemCaseSensitive(step, "fails");
    if (fails != NULL && !cJSON_IsBool(fails)) {
        fail("fails is true or false");
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0] && cJSON_IsTrue(fails); i++) {
        if (cJSON_GetObjectItemCaseSensitive(step, none[i]) != NULL) {
            fail("%s beside fails", none[i]);
        }
    }
    return cJSON_IsTrue(fails);
}

/* Those that are to be computed must be the step's, each once. Their number. */
static size_t take_missing(list missing) {
    const size_t count = now.answers.count;
    compare(now.answers.slices, count, missing);
    bytestore_free_buffer(&now.answers);
    return count;
}

static bytestore_status set_values(const cJSON *step) {
    const input values = shaped(list_of(field(step, "values")), now.way->packed_values);
    return bytestore_computation_set(now.computation, values.bytes.count, values.items, values.lens);
}

/* The computation's own error: nobody computes, and there are no values. */
static void fail_it(void) {
    if (bytestore_computation_fail(now.computation, OWN_STATUS) != BYTESTORE_OK ||
        bytestore_computation_values(now.computation, &now.answers) != BYTESTORE_ERR_INVALID_ARGUMENT) {
        fail("a computation that fails has values");
    }
}

/* The status that the whole has come to. */
static bytestore_status compute(const cJSON *step, list missing) {
    bytestore_status status = bytestore_computation_next(now.computation, &now.answers);
    if (status == BYTESTORE_OK && take_missing(missing) > 0) {
        status = set_values(step);
        if (status == BYTESTORE_OK) {
            status = bytestore_computation_next(now.computation, &now.answers);
        }
        if (status == BYTESTORE_OK && now.answers.count > 0) {
            fail("asks for what was computed");
        }
    }
    return status == BYTESTORE_OK ? bytestore_computation_values(now.computation, &now.answers) : status;
}

void do_compute(const cJSON *step) {
    const input keys = keys_of(step);
    const list missing = list_of(field(step, "missing"));
    const cJSON *ttl = cJSON_GetObjectItemCaseSensitive(step, "ttl");
    const bool fails = must_fail(step);
    if (missing.count == 0 && cJSON_GetObjectItemCaseSensitive(step, "values") != NULL) {
        fail("values, and none are missing");
    }
    bytestore_status status = bytestore_compute(store_of(step), keys.bytes.count, keys.items, keys.lens,
                                                ttl == NULL ? 0 : milliseconds_of(ttl), &now.computation);
    if (fails && status == BYTESTORE_OK) {
        status = bytestore_computation_next(now.computation, &now.answers);
        succeeds(step, status);
        if (take_missing(missing) == 0) {
            fail("nothing to compute, and to fail");
        }
        fail_it();
        return;
    }
    if (status == BYTESTORE_OK) {
        status = compute(step, missing);
    }
    if (succeeds(step, status)) {
        compare(now.answers.slices, now.answers.count, list_of(field(step, "expect")));
    }
}
