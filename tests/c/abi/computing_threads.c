/* Computing what is missing, on many threads: one computes each key, failures go round, nobody waits for ever. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "abi.h"

enum { WAITERS = 3, OWN_STATUS = -4242 };

static void pass(atomic_size_t *gate, size_t count) {
    while (atomic_load(gate) < count) {
        sched_yield();
    }
}

static bytestore_computation *computation_of(bytestore_store *store, size_t n, const bytestore_slice *keys) {
    bytestore_computation *computation = NULL;
    CHECK_EQUAL(bytestore_compute(store, n, keys, NULL, 0, &computation), OK);
    return computation;
}

/* How many keys are to be computed now, or the status. */
static bytestore_status next_of(bytestore_computation *computation, size_t *count) {
    bytestore_buffer missing;
    const bytestore_status status = bytestore_computation_next(computation, &missing);
    *count = missing.count;
    CHECK(status == OK || is_zero(&missing));
    CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
    return status;
}

static bool value_is(bytestore_computation *computation, bytestore_slice value) {
    bytestore_buffer answers;
    CHECK_EQUAL(bytestore_computation_values(computation, &answers), OK);
    const bool right = answers.count == 1 && same_bytes(answers.slices[0], value);
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    return right;
}

/* Those who miss the key that the main thread computes, and what has become of them. */
typedef struct {
    bytestore_store *store;
    atomic_size_t begun, given, waited, failed, open;
} shared;

static void *miss(void *argument) {
    shared *work = argument;
    const bytestore_slice key = S("key");
    bytestore_computation *computation = computation_of(work->store, 1, &key);
    size_t count;
    atomic_fetch_add(&work->begun, 1);
    const bytestore_status status = next_of(computation, &count);
    if (status == OK && count == 1) { /* the one before has given up, or has failed before anybody waited */
        atomic_fetch_add(&work->given, 1);
        const bytestore_slice mine = S("mine");
        CHECK_EQUAL(bytestore_computation_set(computation, 1, &mine, NULL), OK);
    } else if (status == OK) {
        atomic_fetch_add(&work->waited, 1);
        CHECK(value_is(computation, S("value")) || value_is(computation, S("mine")));
    } else {
        CHECK_EQUAL(status, OWN_STATUS);
        atomic_fetch_add(&work->failed, 1);
    }
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
    return NULL;
}

/* One computes, the others miss its key; `end` says what comes of it, after some chances for them to wait, and closes
 * the computation. */
static void compute_beside(shared *work, size_t chances, void (*end)(bytestore_computation *)) {
    const bytestore_slice key = S("key");
    pthread_t threads[WAITERS];
    size_t count;
    bytestore_computation *computation = computation_of(work->store, 1, &key);
    CHECK(next_of(computation, &count) == OK && count == 1);
    for (size_t i = 0; i < WAITERS; i++) {
        CHECK_EQUAL(pthread_create(&threads[i], NULL, miss, work), 0);
    }
    pass(&work->begun, WAITERS);
    for (size_t i = 0; i < chances; i++) {
        sched_yield();
    }
    end(computation);
    for (size_t i = 0; i < WAITERS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
}

static void set_value(bytestore_computation *computation) {
    const bytestore_slice value = S("value");
    CHECK_EQUAL(bytestore_computation_set(computation, 1, &value, NULL), OK);
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
}

static void one_computes_for_all(void) {
    for (size_t round = 0; round < rounds(200, 10); round++) {
        shared work = {.store = new_store()};
        compute_beside(&work, round % 10, set_value);
        CHECK(atomic_load(&work.waited) == WAITERS && atomic_load(&work.given) == 0);
        CHECK(has_value(work.store, S("key"), S("value")) && counters_of(work.store).sets == 1);
        CHECK_EQUAL(bytestore_close(work.store), OK);
    }
}

static void fail_with_own_status(bytestore_computation *computation) {
    CHECK_EQUAL(bytestore_computation_fail(computation, OWN_STATUS), OK);
    CHECK_EQUAL(bytestore_computation_close(computation), OK);
}

/* Nobody can see from outside whether a thread waits already: as often as it takes until one has. */
static void a_failure_goes_to_all_who_wait(void) {
    size_t failed = 0;
    for (size_t round = 0; failed == 0; round++) {
        shared work = {.store = new_store()};
        compute_beside(&work, 100 * round, fail_with_own_status);
        failed += atomic_load(&work.failed);
        CHECK(atomic_load(&work.given) <= 1); /* who came later computes, for all of those */
        CHECK(len_of(work.store) == atomic_load(&work.given));
        CHECK_EQUAL(bytestore_close(work.store), OK);
    }
    CHECK(failed > 0);
}

static void give_up(bytestore_computation *computation) { CHECK_EQUAL(bytestore_computation_close(computation), OK); }

static void who_gives_up_leaves_it_to_another(void) {
    for (size_t round = 0; round < rounds(200, 10); round++) {
        shared work = {.store = new_store()};
        compute_beside(&work, round % 10, give_up);
        CHECK(atomic_load(&work.given) == 1 && atomic_load(&work.waited) == WAITERS - 1);
        CHECK(has_value(work.store, S("key"), S("mine")));
        CHECK_EQUAL(bytestore_close(work.store), OK);
    }
}

/* --- Circles --- */

typedef struct {
    bytestore_store *store;
    bytestore_slice own, others;
    atomic_size_t *begun, *refused;
} side;

static void *compute_and_ask(void *argument) {
    const side *work = argument;
    bytestore_computation *own = computation_of(work->store, 1, &work->own);
    size_t count;
    CHECK(next_of(own, &count) == OK && count == 1);
    atomic_fetch_add(work->begun, 1);
    pass(work->begun, 2);
    bytestore_computation *others = computation_of(work->store, 1, &work->others);
    const bytestore_status status = next_of(others, &count);
    if (status == INVALID) {
        atomic_fetch_add(work->refused, 1);
        CHECK_EQUAL(bytestore_computation_set(own, 1, &work->own, NULL), OK);
    } else {
        CHECK(status == OK && count == 0 && value_is(others, work->others));
        CHECK_EQUAL(bytestore_computation_fail(own, OWN_STATUS), OK);
    }
    CHECK_EQUAL(bytestore_computation_close(others), OK);
    CHECK_EQUAL(bytestore_computation_close(own), OK);
    return NULL;
}

static void a_circle_of_two_is_refused(void) {
    for (size_t round = 0; round < rounds(200, 10); round++) {
        bytestore_store *store = new_store();
        atomic_size_t begun = 0, refused = 0;
        pthread_t threads[2];
        side sides[] = {{store, S("a"), S("b"), &begun, &refused}, {store, S("b"), S("a"), &begun, &refused}};
        for (size_t i = 0; i < 2; i++) {
            CHECK_EQUAL(pthread_create(&threads[i], NULL, compute_and_ask, &sides[i]), 0);
        }
        for (size_t i = 0; i < 2; i++) {
            CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
        }
        CHECK(atomic_load(&refused) == 1 && len_of(store) == 1); /* the one who asked last */
        CHECK_EQUAL(bytestore_close(store), OK);
    }
}

/* --- Batches --- */

enum { KEYS = 40, BATCHES = 12, THREADS = 4 };
static char key_blob[KEYS * 7];
static bytestore_slice all_keys[KEYS];

typedef struct {
    bytestore_store *store;
    uint64_t random;
    atomic_size_t *computed; /* by key */
} mixer;

static void *compute_batches(void *argument) {
    mixer *work = argument;
    bytestore_slice keys[KEYS];
    memcpy(keys, all_keys, sizeof keys);
    for (size_t batch = 0; batch < BATCHES; batch++) {
        for (size_t i = KEYS - 1; i > 0; i--) {
            const size_t other = next_random(&work->random) % (i + 1);
            const bytestore_slice key = keys[i];
            keys[i] = keys[other];
            keys[other] = key;
        }
        const size_t n = 1 + next_random(&work->random) % KEYS;
        bytestore_computation *computation = computation_of(work->store, n, keys);
        bytestore_buffer missing, answers;
        for (;;) {
            CHECK_EQUAL(bytestore_computation_next(computation, &missing), OK);
            if (missing.count == 0) {
                break;
            }
            sched_yield();
            for (size_t i = 0; i < missing.count; i++) {
                unsigned number = KEYS;
                char text[8] = {0};
                memcpy(text, missing.slices[i].ptr, 7);
                if (CHECK(sscanf(text, "k%6u", &number) == 1 && number < KEYS)) {
                    atomic_fetch_add(&work->computed[number], 1);
                }
            }
            CHECK_EQUAL(bytestore_computation_set(computation, missing.count, missing.slices, NULL), OK);
            CHECK_EQUAL(bytestore_free_buffer(&missing), OK);
        }
        CHECK_EQUAL(bytestore_computation_values(computation, &answers), OK);
        CHECK_EQUAL(answers.count, n);
        for (size_t i = 0; i < answers.count; i++) {
            CHECK(same_bytes(answers.slices[i], keys[i]));
        }
        CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
        CHECK_EQUAL(bytestore_computation_close(computation), OK);
    }
    return NULL;
}

static void batches_overlap_in_any_order(void) {
    numbered_keys(KEYS, key_blob, all_keys);
    for (size_t round = 0; round < rounds(100, 5); round++) {
        bytestore_store *store = new_store();
        atomic_size_t computed[KEYS] = {0};
        pthread_t threads[THREADS];
        mixer mixers[THREADS];
        for (size_t i = 0; i < THREADS; i++) {
            mixers[i] = (mixer){store, round * THREADS + i, computed};
            CHECK_EQUAL(pthread_create(&threads[i], NULL, compute_batches, &mixers[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
        }
        for (size_t i = 0; i < KEYS; i++) {
            CHECK(atomic_load(&computed[i]) <= 1);
        }
        CHECK_EQUAL(counters_of(store).sets, len_of(store));
        CHECK_EQUAL(bytestore_close(store), OK);
    }
}

/* --- One thread at a time --- */

static void *wait_inside(void *argument) {
    size_t count = RUBBISH_SIZE;
    bytestore_status status;
    do { /* the main thread may be inside just then */
        status = next_of(argument, &count);
    } while (status == INVALID);
    CHECK(status == OK && count == 0);
    return NULL;
}

static void a_second_call_at_a_time_is_refused(void) {
    bytestore_store *store = new_store();
    const bytestore_slice key = S("key");
    size_t count;
    bytestore_computation *first = computation_of(store, 1, &key), *second = computation_of(store, 1, &key);
    pthread_t thread;
    CHECK(next_of(first, &count) == OK && count == 1);
    CHECK_EQUAL(pthread_create(&thread, NULL, wait_inside, second), 0);
    while (bytestore_computation_fail(second, OWN_STATUS) == OK) { /* of nothing, while nobody is inside */
        sched_yield();
    }
    bytestore_buffer answers;
    CHECK_EQUAL(bytestore_computation_next(second, &answers), INVALID);
    CHECK_EQUAL(bytestore_computation_values(second, &answers), INVALID);
    CHECK_EQUAL(bytestore_computation_set(second, 1, &key, NULL), INVALID);
    CHECK_EQUAL(bytestore_computation_close(second), OK); /* this may be at any time */
    CHECK_EQUAL(bytestore_computation_set(first, 1, &key, NULL), OK);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(bytestore_computation_close(first), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static const test tests[] = {
    {"one computes for all", one_computes_for_all},
    {"a failure goes to all who wait", a_failure_goes_to_all_who_wait},
    {"who gives up leaves it to another", who_gives_up_leaves_it_to_another},
    {"a circle of two is refused", a_circle_of_two_is_refused},
    {"batches that are computed overlap in any order", batches_overlap_in_any_order},
    {"a second call of a computation at a time is refused", a_second_call_at_a_time_is_refused},
};
const test_group computing_thread_tests = {tests, COUNT_OF(tests)};
