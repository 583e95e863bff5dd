/* Saving and loading beside other threads: batches are whole, others see how far it is, and closing is safe. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "abi.h"

enum { KEYS = 64, MANY = 20000 };
static char key_blob[KEYS * 7];
static bytestore_slice keys[KEYS];

typedef struct {
    bytestore_store *store;
    const bytestore_buffer *saved;
    atomic_size_t calls;
    atomic_bool over;
} job;

static bytestore_status write_batch(bytestore_store *store, uint64_t number) {
    uint64_t room[600];
    bytestore_slice values[KEYS];
    const size_t len = number % 2 ? sizeof room : 24; /* shared, or copied */
    for (size_t i = 0; i < COUNT_OF(room); i++) {
        room[i] = number;
    }
    for (size_t i = 0; i < KEYS; i++) {
        values[i] = (bytestore_slice){(const uint8_t *)room, len};
    }
    return bytestore_mset(store, KEYS, keys, NULL, values, NULL);
}

static void *write_batches(void *argument) {
    job *work = argument;
    for (uint64_t number = 0; !atomic_load(&work->over); number++) {
        if (number % 5 == 4) {
            CHECK_EQUAL(bytestore_mdelete(work->store, KEYS, keys, NULL, NULL), OK);
        } else {
            CHECK_EQUAL(write_batch(work->store, number), OK);
        }
        atomic_fetch_add(&work->calls, 1);
    }
    return NULL;
}

static bool is_whole(bytestore_store *store) {
    bytestore_buffer answers;
    CHECK_EQUAL(bytestore_mget(store, KEYS, keys, NULL, &answers), OK);
    bool whole = answers.count == KEYS;
    for (size_t i = 1; whole && i < KEYS; i++) {
        whole = (answers.slices[i].ptr == NULL) == (answers.slices[0].ptr == NULL) &&
                same_bytes(answers.slices[i], answers.slices[0]);
    }
    CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
    return whole;
}

static void a_save_beside_a_writer_has_no_half_batch(void) {
    pthread_t thread;
    job work = {.store = new_store()};
    numbered_keys(KEYS, key_blob, keys);
    CHECK_EQUAL(pthread_create(&thread, NULL, write_batches, &work), 0);
    for (size_t round = 0; round < rounds(100, 5); round++) {
        const size_t before = atomic_load(&work.calls);
        while (atomic_load(&work.calls) < before + 2) {
            sched_yield();
        }
        bytestore_store *loaded = new_store();
        bytestore_buffer saved;
        CHECK_EQUAL(bytestore_save_buffer(work.store, round % 2, &saved), OK);
        CHECK_EQUAL(bytestore_load_buffer(loaded, saved.slices[0].ptr, saved.slices[0].len), OK);
        CHECK_EQUAL(bytestore_free_buffer(&saved), OK);
        CHECK(is_whole(loaded));
        CHECK_EQUAL(bytestore_close(loaded), OK);
    }
    atomic_store(&work.over, true);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    CHECK_EQUAL(bytestore_close(work.store), OK);
}

/* Loads two snapshots in turn until it is over; without them it saves. */
static void *save_or_load(void *argument) {
    job *work = argument;
    const size_t most = rounds(1000, 100); /* the one who watches has long seen it */
    for (size_t round = 0; round < most && !atomic_load(&work->over); round++) {
        bytestore_buffer saved;
        if (work->saved != NULL) {
            const bytestore_slice bytes = work->saved[round % 2].slices[0];
            CHECK_EQUAL(bytestore_load_buffer(work->store, bytes.ptr, bytes.len), OK);
        } else {
            CHECK_EQUAL(bytestore_save_buffer(work->store, 0, &saved), OK);
            CHECK_EQUAL(bytestore_free_buffer(&saved), OK);
        }
    }
    atomic_store(&work->over, true);
    return NULL;
}

static void a_load_beside_a_reader_is_one_step(void) {
    pthread_t thread;
    bytestore_buffer saved[2];
    job work = {.store = new_store(), .saved = saved};
    numbered_keys(KEYS, key_blob, keys);
    for (uint64_t i = 0; i < 2; i++) {
        CHECK_EQUAL(write_batch(work.store, i), OK);
        CHECK_EQUAL(bytestore_save_buffer(work.store, 0, &saved[i]), OK);
    }
    CHECK_EQUAL(pthread_create(&thread, NULL, save_or_load, &work), 0);
    while (!atomic_load(&work.over)) {
        CHECK(is_whole(work.store) && len_of(work.store) == KEYS);
    }
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQUAL(bytestore_free_buffer(&saved[i]), OK);
    }
    CHECK_EQUAL(bytestore_close(work.store), OK);
}

/* Sees a call of another thread under way whose total is within these bounds. */
static bool sees(job *work, bytestore_store *watched, uint64_t least, uint64_t most) {
    pthread_t thread;
    bool seen = false;
    atomic_store(&work->over, false);
    CHECK_EQUAL(pthread_create(&thread, NULL, save_or_load, work), 0);
    while (!seen && !atomic_load(&work->over)) {
        uint64_t done = RUBBISH_SIZE, total = RUBBISH_SIZE;
        CHECK_EQUAL(bytestore_progress(watched, &done, &total), OK);
        seen = done > 0 && done < total && total >= least && total <= most;
    }
    atomic_store(&work->over, true);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    return seen;
}

static void progress_is_seen_by_other_threads(void) {
    static char blob[MANY * 7];
    static bytestore_slice many[MANY];
    bytestore_buffer saved[2];
    job work = {.store = new_store()};
    bytestore_store *view = NULL;
    numbered_keys(MANY, blob, many);
    CHECK_EQUAL(bytestore_mset(work.store, MANY, many, NULL, many, NULL), OK);
    CHECK_EQUAL(bytestore_namespace(work.store, (const uint8_t *)"n/", 2, &view), OK);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQUAL(bytestore_save_buffer(work.store, 0, &saved[i]), OK);
    }
    const uint64_t bytes = saved[0].slices[0].len;
    CHECK(sees(&work, work.store, MANY, bytes / 2)); /* entries */
    work.saved = saved;
    CHECK(sees(&work, work.store, bytes / 2, bytes));
    CHECK(sees(&work, view, bytes / 2, bytes)); /* it is the store's */
    uint64_t done = RUBBISH_SIZE, total = RUBBISH_SIZE;
    CHECK_EQUAL(bytestore_progress(work.store, &done, &total), OK);
    CHECK(done == 0 && total == 0);
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQUAL(bytestore_free_buffer(&saved[i]), OK);
    }
    CHECK_EQUAL(bytestore_close(view), OK);
    CHECK_EQUAL(bytestore_close(work.store), OK);
}

/* Until the store is closed; what was saved until then is whole. */
static void *save_until_closed(void *argument) {
    job *work = argument;
    bytestore_buffer saved;
    bytestore_status status;
    while ((status = bytestore_save_buffer(work->store, 0, &saved)) == OK) {
        bytestore_store *loaded = new_store();
        CHECK_EQUAL(bytestore_load_buffer(loaded, saved.slices[0].ptr, saved.slices[0].len), OK);
        CHECK(len_of(loaded) == KEYS && is_whole(loaded));
        CHECK_EQUAL(bytestore_close(loaded), OK);
        CHECK_EQUAL(bytestore_free_buffer(&saved), OK);
        atomic_fetch_add(&work->calls, 1);
    }
    CHECK_EQUAL(status, CLOSED);
    CHECK(is_zero(&saved));
    return NULL;
}

static void *load_until_closed(void *argument) {
    job *work = argument;
    const bytestore_slice bytes = work->saved->slices[0];
    bytestore_status status;
    while ((status = bytestore_load_buffer(work->store, bytes.ptr, bytes.len)) == OK) {
        atomic_fetch_add(&work->calls, 1);
    }
    CHECK_EQUAL(status, CLOSED);
    return NULL;
}

static void closing_is_safe_beside_saves_and_loads(void) {
    numbered_keys(KEYS, key_blob, keys);
    for (size_t round = 0; round < rounds(50, 5); round++) {
        pthread_t threads[3];
        bytestore_buffer saved;
        job work = {.store = new_store(), .saved = &saved};
        CHECK_EQUAL(write_batch(work.store, round), OK);
        CHECK_EQUAL(bytestore_save_buffer(work.store, 0, &saved), OK);
        for (size_t i = 0; i < COUNT_OF(threads); i++) {
            CHECK_EQUAL(pthread_create(&threads[i], NULL, i == 0 ? load_until_closed : save_until_closed, &work), 0);
        }
        while (atomic_load(&work.calls) < COUNT_OF(threads)) {
            sched_yield();
        }
        CHECK_EQUAL(bytestore_close(work.store), OK);
        for (size_t i = 0; i < COUNT_OF(threads); i++) {
            CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
        }
        CHECK_EQUAL(bytestore_free_buffer(&saved), OK);
    }
}

static const test tests[] = {
    {"a save beside a writer has no half batch", a_save_beside_a_writer_has_no_half_batch},
    {"a load beside a reader is one step", a_load_beside_a_reader_is_one_step},
    {"progress is seen by other threads", progress_is_seen_by_other_threads},
    {"closing is safe beside saves and loads", closing_is_safe_beside_saves_and_loads},
};
const test_group snapshot_thread_tests = {tests, COUNT_OF(tests)};
