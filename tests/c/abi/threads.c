/* Threads: batches are seen whole, closing is safe beside anything, pages and buffers cross threads. */
#include <pthread.h>
#include <stdatomic.h>

#include "abi.h"

enum { KEYS = 64, WRITERS = 3 };
static char key_blob[KEYS * 7];
static bytestore_slice keys[KEYS], backwards[KEYS];

typedef struct {
    bytestore_store *store;
    bytestore_cursor *cursor;
    size_t number; /* of the thread */
    size_t calls;  /* that it makes */
    atomic_size_t *running;
    atomic_size_t *counts;
} job;

static void make_keys(void) {
    numbered_keys(KEYS, key_blob, keys);
    for (size_t i = 0; i < KEYS; i++) {
        backwards[i] = keys[KEYS - 1 - i];
    }
}

static void start(pthread_t *thread, void *(*body)(void *), job *work) {
    CHECK_EQUAL(pthread_create(thread, NULL, body, work), 0);
}

/* Large values in every fifth batch: they are shared, the others copied. */
static bytestore_status write_batch_for(bytestore_store *store, uint64_t number, uint64_t ttl_ms) {
    uint64_t room[600];
    bytestore_slice values[KEYS];
    const size_t len = number % 5 == 0 ? sizeof room : 24;
    for (size_t i = 0; i < COUNT_OF(room); i++) {
        room[i] = number;
    }
    for (size_t i = 0; i < KEYS; i++) {
        values[i] = (bytestore_slice){(const uint8_t *)room, len};
    }
    return bytestore_mset_ttl(store, KEYS, number % 2 ? keys : backwards, NULL, values, NULL, ttl_ms);
}

static bytestore_status write_batch(bytestore_store *store, uint64_t number) {
    return write_batch_for(store, number, BYTESTORE_NO_TTL);
}

/* All missing, or all equal, each in itself too. */
static bool is_whole(const bytestore_buffer *answers) {
    for (size_t i = 0; i < answers->count; i++) {
        const bytestore_slice slice = answers->slices[i];
        if ((slice.ptr == NULL) != (answers->slices[0].ptr == NULL) || !same_bytes(slice, answers->slices[0]) ||
            (slice.len > 8 && memcmp(slice.ptr, slice.ptr + 8, slice.len - 8) != 0)) {
            return false;
        }
    }
    return answers->count == KEYS;
}

static void *write_batches(void *argument) {
    const job *work = argument;
    for (size_t round = 0; round < work->calls; round++) {
        if (work->number == 0 && round % 3 == 2) {
            CHECK_EQUAL(bytestore_mdelete(work->store, KEYS, backwards, NULL, NULL), OK);
        } else {
            CHECK_EQUAL(write_batch(work->store, work->number * 1000000 + round), OK);
        }
    }
    atomic_fetch_sub(work->running, 1);
    return NULL;
}

static void batches_are_seen_whole(void) {
    make_keys();
    bytestore_store *store = new_store();
    atomic_size_t running = WRITERS;
    pthread_t threads[WRITERS];
    job jobs[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        jobs[i] = (job){.store = store, .number = i, .calls = rounds(2000, 40), .running = &running};
        start(&threads[i], write_batches, &jobs[i]);
    }
    bool last;
    do {
        last = atomic_load(&running) == 0;
        bytestore_buffer answers;
        CHECK_EQUAL(bytestore_mget(store, KEYS, last ? keys : backwards, NULL, &answers), OK);
        CHECK(is_whole(&answers));
        CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
        const size_t len = len_of(store);
        CHECK(len == 0 || len == KEYS);
    } while (!last);
    for (size_t i = 0; i < WRITERS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void *write_batches_that_end(void *argument) {
    const job *work = argument;
    for (size_t round = 0; round < work->calls; round++) {
        CHECK_EQUAL(write_batch_for(work->store, work->number * 1000000 + round, 1 + round % 3), OK);
        if (work->number == 0) {
            CHECK_EQUAL(bytestore_advance_clock(work->store, 1), OK);
        }
    }
    atomic_fetch_sub(work->running, 1);
    return NULL;
}

/* A call reads the clock once: nobody sees half a batch that has ended. */
static void batches_end_whole(void) {
    make_keys();
    bytestore_store *store = store_at("memory:?clock=manual");
    atomic_size_t running = WRITERS;
    pthread_t threads[WRITERS];
    job jobs[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        jobs[i] = (job){.store = store, .number = i, .calls = rounds(3000, 60), .running = &running};
        start(&threads[i], write_batches_that_end, &jobs[i]);
    }
    while (atomic_load(&running) > 0) {
        bytestore_buffer answers;
        CHECK_EQUAL(bytestore_mget(store, KEYS, keys, NULL, &answers), OK);
        CHECK(is_whole(&answers));
        CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
        const size_t len = len_of(store);
        CHECK(len == 0 || len == KEYS);
        CHECK(counters_of(store).entries <= KEYS);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    advance(store, 3);
    CHECK_EQUAL(len_of(store), 0);
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* More keys than the store may hold; each has its own value for ever, or none. */
enum { BOUND = 500 };

static void *fill_a_bounded_store(void *argument) {
    const job *work = argument;
    uint64_t random = work->number;
    for (size_t round = 0; round < work->calls; round++) {
        uint64_t numbers[8];
        bytestore_slice some[8];
        for (size_t i = 0; i < COUNT_OF(some); i++) {
            numbers[i] = next_random(&random) % (4 * BOUND);
            some[i] = (bytestore_slice){(const uint8_t *)&numbers[i], sizeof numbers[i]};
        }
        CHECK_EQUAL(bytestore_mset_ttl(work->store, COUNT_OF(some), some, NULL, some, NULL, 1 + round % 50), OK);
        CHECK_EQUAL(bytestore_advance_clock(work->store, round % 2), OK);
    }
    atomic_fetch_sub(work->running, 1);
    return NULL;
}

static void threads_share_a_bounded_store(void) {
    bytestore_store *store = store_at("memory:?max_entries=500&max_bytes=1MiB&clock=manual");
    atomic_size_t running = WRITERS;
    pthread_t threads[WRITERS];
    job jobs[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        jobs[i] = (job){.store = store, .number = i, .calls = rounds(20000, 300), .running = &running};
        start(&threads[i], fill_a_bounded_store, &jobs[i]);
    }
    bytestore_counters before = counters_of(store);
    for (uint64_t number = 0; atomic_load(&running) > 0; number = (number + 1) % (4 * BOUND)) {
        const bytestore_slice key = {(const uint8_t *)&number, sizeof number};
        bytestore_buffer answer;
        CHECK_EQUAL(bytestore_mget(store, 1, &key, NULL, &answer), OK);
        CHECK(answer.count == 1 && (answer.slices[0].ptr == NULL || same_bytes(answer.slices[0], key)));
        CHECK_EQUAL(bytestore_free_buffer(&answer), OK);
        const bytestore_counters now = counters_of(store);
        CHECK(now.entries <= BOUND && now.key_bytes == 8 * now.entries && now.value_bytes == 8 * now.entries);
        CHECK(now.sets >= before.sets && now.hits + now.misses == before.hits + before.misses + 1);
        before = now;
    }
    for (size_t i = 0; i < WRITERS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    CHECK_EQUAL(counters_of(store).sets, 8 * WRITERS * rounds(20000, 300));
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void *use_until_closed(void *argument) {
    const job *work = argument;
    for (size_t round = 0;; round++) {
        bytestore_buffer answers;
        bytestore_cursor *cursor = NULL;
        bytestore_counters counters = {.size = sizeof counters};
        const bytestore_status statuses[] = {
            write_batch(work->store, round),
            bytestore_mget(work->store, KEYS, keys, NULL, &answers),
            bytestore_keys(work->store, NULL, 0, &cursor),
            write_batch_for(work->store, round, 1),
            bytestore_advance_clock(work->store, 1),
            bytestore_read_counters(work->store, &counters),
            bytestore_mdelete(work->store, KEYS / 2, keys, NULL, NULL),
        };
        CHECK((statuses[1] == OK) == (answers.count == KEYS));
        CHECK((statuses[5] == OK) == (counters.sets > 0));
        CHECK((statuses[2] == OK) == (cursor != NULL));
        bytestore_status after = statuses[0];
        for (size_t i = 0; i < COUNT_OF(statuses); i++) {
            CHECK(statuses[i] == OK || statuses[i] == CLOSED);
            CHECK(after == OK || statuses[i] == CLOSED); /* closed stays closed */
            after = statuses[i];
        }
        CHECK_EQUAL(bytestore_free_buffer(&answers), OK);
        CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
        if (after == CLOSED) {
            return NULL;
        }
        atomic_fetch_add(work->running, 1);
    }
}

static void *close_once(void *argument) {
    const job *work = argument;
    const bytestore_status status = bytestore_close(work->store);
    CHECK(status == OK || status == CLOSED);
    atomic_fetch_add(work->counts, status == OK);
    return NULL;
}

static void closing_is_safe_beside_running_calls(void) {
    make_keys();
    for (size_t round = 0; round < rounds(100, 5); round++) {
        bytestore_store *store = store_at("memory:?clock=manual");
        atomic_size_t calls = 0, closed = 0;
        pthread_t users[WRITERS], closers[2];
        job work = {.store = store, .running = &calls, .counts = &closed};
        for (size_t i = 0; i < WRITERS; i++) {
            start(&users[i], use_until_closed, &work);
        }
        while (atomic_load(&calls) < 5 + round % 20) {
            sched_yield();
        }
        for (size_t i = 0; i < COUNT_OF(closers); i++) {
            start(&closers[i], close_once, &work);
        }
        for (size_t i = 0; i < COUNT_OF(closers); i++) {
            CHECK_EQUAL(pthread_join(closers[i], NULL), 0);
        }
        for (size_t i = 0; i < WRITERS; i++) {
            CHECK_EQUAL(pthread_join(users[i], NULL), 0);
        }
        CHECK_EQUAL(atomic_load(&closed), 1); /* one of them closed it */
    }
}

/* Several threads that close the same handles at the same moments: each handle is closed by one of them. */
enum { CLOSERS = 2, HANDLES = 20000 };
static bytestore_store *contested[HANDLES];
static atomic_size_t arrivals[HANDLES];

static void *close_all(void *argument) {
    const job *work = argument;
    for (size_t i = 0; i < work->calls; i++) {
        atomic_fetch_add(&arrivals[i], 1);
        while (atomic_load(&arrivals[i]) < CLOSERS) {
            sched_yield();
        }
        const bytestore_status status = bytestore_close(contested[i]);
        CHECK(status == OK || status == CLOSED);
        atomic_fetch_add(&work->counts[i], status == OK);
    }
    return NULL;
}

static void of_two_closes_at_once_one_closes(void) {
    static atomic_size_t counts[HANDLES];
    const size_t count = rounds(HANDLES, 200);
    for (size_t i = 0; i < count; i++) {
        contested[i] = new_store();
    }
    pthread_t threads[CLOSERS];
    job work = {.calls = count, .counts = counts};
    for (size_t i = 0; i < CLOSERS; i++) {
        start(&threads[i], close_all, &work);
    }
    for (size_t i = 0; i < CLOSERS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    for (size_t i = 0; i < count; i++) {
        CHECK_EQUAL(atomic_load(&counts[i]), 1);
    }
}

enum { MANY = 20000 };
static char many_blob[MANY * 7];
static bytestore_slice many_keys[MANY];

static void *take_pages(void *argument) {
    const job *work = argument;
    bytestore_buffer page;
    for (size_t most = 1;; most = most % 50 + 1) {
        CHECK_EQUAL(bytestore_cursor_next(work->cursor, most, &page), OK);
        if (page.count == 0) {
            return NULL;
        }
        for (size_t i = 0; i < page.count; i++) {
            unsigned number = MANY;
            char text[8] = {0};
            memcpy(text, page.slices[i].ptr, 7);
            if (CHECK(page.slices[i].len == 7 && sscanf(text, "k%6u", &number) == 1 && number < MANY)) {
                atomic_fetch_add(&work->counts[number], 1);
            }
        }
        CHECK_EQUAL(bytestore_free_buffer(&page), OK);
    }
}

static void threads_share_a_cursor(void) {
    static atomic_size_t counts[MANY];
    static bytestore_slice values[MANY];
    bytestore_store *store = new_store();
    const size_t count = rounds(MANY, 1000);
    numbered_keys(count, many_blob, many_keys);
    CHECK_EQUAL(bytestore_mset(store, count, many_keys, NULL, values, NULL), OK);
    job work = {.counts = counts};
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &work.cursor), OK);
    pthread_t threads[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        start(&threads[i], take_pages, &work);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    for (size_t i = 0; i < count; i++) {
        CHECK_EQUAL(atomic_load(&counts[i]), 1); /* each page went to one of them */
    }
    CHECK_EQUAL(bytestore_cursor_close(work.cursor), OK);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void *free_here(void *buffer) {
    CHECK(is_whole(buffer));
    CHECK_EQUAL(bytestore_free_buffer(buffer), OK);
    return NULL;
}

static void a_buffer_may_be_freed_on_another_thread(void) {
    make_keys();
    for (size_t round = 0; round < rounds(200, 10); round++) {
        bytestore_store *store = new_store();
        bytestore_buffer answers;
        pthread_t thread;
        CHECK_EQUAL(write_batch(store, round), OK);
        CHECK_EQUAL(bytestore_mget(store, KEYS, keys, NULL, &answers), OK);
        CHECK_EQUAL(pthread_create(&thread, NULL, free_here, &answers), 0);
        CHECK_EQUAL(bytestore_close(store), OK);
        CHECK_EQUAL(pthread_join(thread, NULL), 0);
        CHECK(is_zero(&answers));
    }
}

static const test tests[] = {
    {"batches are seen whole", batches_are_seen_whole},
    {"batches end whole", batches_end_whole},
    {"threads share a bounded store", threads_share_a_bounded_store},
    {"closing is safe beside running calls", closing_is_safe_beside_running_calls},
    {"of two closes at once one closes", of_two_closes_at_once_one_closes},
    {"threads share a cursor", threads_share_a_cursor},
    {"a buffer may be freed on another thread", a_buffer_may_be_freed_on_another_thread},
};
const test_group thread_tests = {tests, COUNT_OF(tests)};
