/* Computing what is missing, on one thread: the steps in their order and out of it, and what each refuses. */
#include <stdalign.h>

#include "abi.h"

static bytestore_computation *computation_of(bytestore_store *store, size_t n, const bytestore_slice *keys) {
    bytestore_computation *computation = NULL;
    CHECK_EQUAL(bytestore_compute(store, n, keys, NULL, 0, &computation), OK);
    CHECK(computation != NULL);
    return computation;
}

/* What is to be computed now: the keys side by side. */
static bool asks_for(bytestore_computation *computation, size_t count, const char *keys) {
    bytestore_buffer missing = rubbish_buffer();
    CHECK_EQUAL(bytestore_computation_next(computation, &missing), OK);
    check_layout(&missing);
    const bool right = missing.count == count && missing.data_len == strlen(keys) &&
                       (count == 0 || memcmp(missing.data, keys, missing.data_len) == 0);
    CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
    return right;
}

static bool has_values(bytestore_computation *computation, size_t count, const bytestore_slice *values) {
    bytestore_buffer answers = rubbish_buffer();
    CHECK_EQUAL(bytestore_computation_values(computation, &answers), OK);
    check_layout(&answers);
    bool right = answers.count == count && (count == 0 || answers.data != NULL);
    for (size_t i = 0; right && i < count; i++) {
        right = answers.slices[i].ptr != NULL && same_bytes(answers.slices[i], values[i]);
    }
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    return right;
}

static void one_after_the_other(void) {
    static uint8_t large[70000]; /* side by side with the others all the same */
    bytestore_store *store = new_store();
    set_one(store, S("b"), S("B"));
    const bytestore_slice keys[] = {S("c"), S("b"), S("a"), S("c"), S("")};
    const bytestore_slice values[] = {{large, sizeof large}, S("A"), S("")};
    const bytestore_slice answers[] = {values[0], S("B"), values[1], values[0], values[2]};
    bytestore_computation *computation = computation_of(store, 5, keys);
    CHECK(asks_for(computation, 3, "ca"));
    CHECK(asks_for(computation, 3, "ca")); /* the same, until they are set */
    CHECK_EQUAL(len_of(store), 1);
    CHECK_EQUAL(bytestore_computation_set(computation, 3, values, NULL), OK);
    CHECK(asks_for(computation, 0, "") && has_values(computation, 5, answers) && has_values(computation, 5, answers));
    CHECK(has_value(store, S("c"), values[0]) && has_value(store, S("a"), S("A")) && has_value(store, S(""), S("")));
    CHECK_EQUAL(bytestore_mdelete(store, 5, keys, NULL, NULL), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK(has_values(computation, 5, answers)); /* its own, whatever happens to the store */
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
}

static void both_shapes(void) {
    bytestore_store *store = new_store();
    const uint32_t lens[] = {1, 0, 2}, value_lens[] = {0, 3, 1};
    bytestore_computation *computation = NULL;
    CHECK_EQUAL(bytestore_compute(store, 3, "abc", lens, 0, &computation), OK);
    CHECK(asks_for(computation, 3, "abc"));
    CHECK_EQUAL(bytestore_computation_set(computation, 3, "1234", value_lens), OK);
    const bytestore_slice answers[] = {S(""), S("123"), S("4")};
    CHECK(has_values(computation, 3, answers) && has_value(store, S("bc"), S("4")));
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    computation = computation_of(store, 0, NULL);
    CHECK(asks_for(computation, 0, "") && has_values(computation, 0, NULL));
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_time_to_live_as_for_mset_ttl(void) {
    bytestore_store *store = store_at("memory:?clock=manual&ttl=10ms");
    const bytestore_slice keys[] = {S("default"), S("given"), S("for ever")};
    const uint64_t ttls[] = {0, 20, BYTESTORE_NO_TTL};
    for (size_t i = 0; i < 3; i++) {
        bytestore_computation *computation = NULL;
        CHECK_EQUAL(bytestore_compute(store, 1, &keys[i], NULL, ttls[i], &computation), OK);
        CHECK(asks_for(computation, 1, (const char *)keys[i].ptr));
        CHECK_EQUAL(bytestore_computation_set(computation, 1, &keys[i], NULL), OK);
        CHECK_EQUAL(bytestore_computation_close(computation), OK);
    }
    advance(store, 10);
    CHECK(is_missing(store, keys[0]) && len_of(store) == 2);
    advance(store, 10);
    CHECK(has_value(store, keys[2], keys[2]) && len_of(store) == 1);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void out_of_order(void) {
    bytestore_store *store = new_store();
    const bytestore_slice keys[] = {S("a"), S("b")};
    bytestore_buffer answers = rubbish_buffer();
    bytestore_computation *computation = computation_of(store, 2, keys);
    CHECK_EQUAL(bytestore_computation_values(computation, &answers), INVALID);
    CHECK(is_zero(&answers));
    CHECK_EQUAL(bytestore_computation_set(computation, 2, keys, NULL), INVALID); /* nobody was asked yet */
    CHECK(asks_for(computation, 2, "ab"));
    CHECK_EQUAL(bytestore_computation_values(computation, &answers), INVALID);
    CHECK_EQUAL(bytestore_computation_set(computation, 2, keys, NULL), OK);
    CHECK_EQUAL(bytestore_computation_set(computation, 2, keys, NULL), INVALID); /* they have values */
    CHECK(asks_for(computation, 0, "") && has_values(computation, 2, keys));
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void failing_is_not_kept(void) {
    bytestore_store *store = store_at("memory:?max_item_bytes=5");
    const bytestore_slice keys[] = {S("a"), S("b")}, values[] = {S("1"), S("2345")}, long_ones[] = {S("1"), S("23456")};
    bytestore_computation *computation = computation_of(store, 2, keys);
    CHECK(asks_for(computation, 2, "ab"));
    CHECK_EQUAL(bytestore_computation_set(computation, 1, values, NULL), INVALID); /* not as many */
    CHECK(asks_for(computation, 2, "ab"));                                         /* it may try again */
    CHECK_EQUAL(bytestore_computation_set(computation, 2, long_ones, NULL), OVER_LIMIT);
    CHECK(asks_for(computation, 2, "ab") && len_of(store) == 0);
    CHECK_EQUAL(bytestore_computation_fail(computation, OK), INVALID);
    CHECK_EQUAL(bytestore_computation_fail(computation, -77), OK);
    CHECK_EQUAL(bytestore_computation_fail(computation, 77), OK); /* of nothing: nobody is told */
    CHECK(asks_for(computation, 2, "ab"));
    bytestore_computation *other = NULL;
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    other = computation_of(store, 2, keys);
    CHECK(asks_for(other, 2, "ab"));
    CHECK_EQUAL(bytestore_computation_set(other, 2, values, NULL), OK);
    CHECK(has_values(other, 2, values));
    CHECK_EQUAL(bytestore_computation_close(other), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_computation_outlives_its_store(void) {
    bytestore_store *store = new_store(), *view = NULL;
    CHECK_EQUAL(bytestore_namespace(store, NULL, 0, &view), OK);
    const bytestore_slice key = S("a"), other = S("b");
    bytestore_computation *computation = computation_of(store, 1, &key);
    bytestore_computation *unused = computation_of(store, 1, &other);
    CHECK(asks_for(computation, 1, "a"));
    CHECK_EQUAL(bytestore_close(store), OK);
    CHECK_EQUAL(bytestore_computation_set(computation, 1, &key, NULL), OK);
    CHECK(has_values(computation, 1, &key) && has_value(view, key, key));
    CHECK_EQUAL(bytestore_close(view), OK); /* the last one */
    CHECK(asks_for(unused, 1, "b") && has_values(computation, 1, &key));
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    CHECK_EQUAL(bytestore_computation_close(unused), OK);
    CHECK_EQUAL(bytestore_compute(store, 1, &key, NULL, 0, &computation), CLOSED);
    CHECK(computation == NULL);
}

static void asking_for_its_own_key_is_refused(void) {
    bytestore_store *store = new_store(), *view = NULL;
    CHECK_EQUAL(bytestore_namespace(store, S("n/").ptr, 2, &view), OK);
    const bytestore_slice outer_keys[] = {S("n/a"), S("n/b")}, inner_keys[] = {S("z"), S("b")}, free_key = S("z");
    bytestore_computation *outer = computation_of(store, 2, outer_keys);
    CHECK(asks_for(outer, 2, "n/an/b"));
    bytestore_computation *inner = computation_of(view, 2, inner_keys);
    bytestore_buffer missing = rubbish_buffer();
    CHECK_EQUAL(bytestore_computation_next(inner, &missing), INVALID);
    CHECK(is_zero(&missing));
    CHECK_EQUAL(bytestore_computation_close(inner), OK);
    inner = computation_of(view, 1, &free_key); /* another key is fine, and nothing of it was left behind */
    CHECK(asks_for(inner, 1, "z"));
    CHECK_EQUAL(bytestore_computation_set(inner, 1, &free_key, NULL), OK);
    CHECK_EQUAL(bytestore_computation_close(inner), OK);
    CHECK_EQUAL(bytestore_computation_set(outer, 2, outer_keys, NULL), OK);
    CHECK(has_value(view, S("a"), S("n/a")));
    CHECK_EQUAL(bytestore_computation_close(outer), OK);
    CHECK_EQUAL(bytestore_close(view), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void compute_refuses_what_is_wrong(void) {
    static const bytestore_slice null_item = {NULL, 1};
    const bytestore_slice key = S("a");
    const struct {
        const char *name;
        size_t n;
        const bytestore_slice *keys;
        bool good;
    } inputs[] = {
        {"a key", 1, &key, true},
        {"no keys", 0, NULL, true},
        {"keys at NULL", 1, NULL, false},
        {"an item at NULL", 1, &null_item, false},
        {"too many", SIZE_MAX, &key, false},
    };
    bytestore_store *handles[HANDLE_KINDS];
    make_handles(handles);
    for (size_t h = 0; h < HANDLE_KINDS; h++) {
        for (size_t i = 0; i < COUNT_OF(inputs); i++) {
            for (int out_kind = 0; out_kind < 3; out_kind++) {
                alignas(16) bytestore_computation *places[2];
                memset(places, RUBBISH_BYTE, sizeof places);
                bytestore_computation **outs[] = {places, NULL, (bytestore_computation **)((uintptr_t)places + 1)};
                const bytestore_status status =
                    bytestore_compute(handles[h], inputs[i].n, inputs[i].keys, NULL, 0, outs[out_kind]);
                one_of(status, allowed(inputs[i].good, h == 0, out_kind == 0), "compute", inputs[i].name,
                       handle_names[h]);
                CHECK(out_kind == 0 ? (places[0] != NULL) == (status == OK) : (size_t)places[0] == RUBBISH_SIZE);
                CHECK((size_t)places[1] == RUBBISH_SIZE);
                if (out_kind == 0) {
                    CHECK_EQUAL(bytestore_computation_close(places[0]), OK);
                }
            }
        }
    }
    close_handles(handles);
}

static void the_steps_refuse_what_is_wrong(void) {
    bytestore_store *store = new_store();
    const bytestore_slice key = S("a"), null_item = {NULL, 1};
    bytestore_computation *computation = computation_of(store, 1, &key);
    alignas(16) unsigned char room[2 * sizeof(bytestore_buffer)], untouched[sizeof room];
    memset(room, RUBBISH_BYTE, sizeof room);
    memset(untouched, RUBBISH_BYTE, sizeof untouched);
    bytestore_buffer *misaligned = (bytestore_buffer *)((uintptr_t)room + 1);
    CHECK_EQUAL(bytestore_computation_next(computation, NULL), INVALID);
    CHECK_EQUAL(bytestore_computation_next(computation, misaligned), INVALID);
    CHECK(asks_for(computation, 1, "a"));
    CHECK_EQUAL(bytestore_computation_set(computation, 1, NULL, NULL), INVALID);
    CHECK_EQUAL(bytestore_computation_set(computation, 1, &null_item, NULL), INVALID);
    CHECK_EQUAL(bytestore_computation_set(computation, SIZE_MAX, &key, NULL), INVALID);
    CHECK(asks_for(computation, 1, "a") && len_of(store) == 0);
    CHECK_EQUAL(bytestore_computation_set(computation, 1, &key, NULL), OK);
    CHECK_EQUAL(bytestore_computation_values(computation, NULL), INVALID);
    CHECK_EQUAL(bytestore_computation_values(computation, misaligned), INVALID);
    CHECK(has_values(computation, 1, &key) && memcmp(room, untouched, sizeof room) == 0);
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    CHECK_EQUAL(bytestore_computation_close(computation), CLOSED);
    CHECK_EQUAL(bytestore_computation_close(NULL), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static const test tests[] = {
    {"one step of a computation after the other", one_after_the_other},
    {"a computation takes both shapes of input", both_shapes},
    {"a computation's time to live is that of mset_ttl", a_time_to_live_as_for_mset_ttl},
    {"a computation's steps out of order", out_of_order},
    {"failing to compute is not kept", failing_is_not_kept},
    {"a computation outlives its store", a_computation_outlives_its_store},
    {"a computation that asks for its own key is refused", asking_for_its_own_key_is_refused},
    {"compute refuses what is wrong", compute_refuses_what_is_wrong},
    {"a computation's steps refuse what is wrong", the_steps_refuse_what_is_wrong},
};
const test_group computing_tests = {tests, COUNT_OF(tests)};
