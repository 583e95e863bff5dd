/* Every call beside every other one, on stores of every kind, closing included: beside [ROUNDS]. For ThreadSanitizer,
 * which watches; what must hold of the answers whatever the others do is checked too. */
#include "beside.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 4, PLACES = 9, BALLAST = 4200 };

/* One of each kind at least; the two with one name are one store. */
static const char *const urls[PLACES] = {
    "memory:",
    "memory:?clock=manual&ttl=3ms",
    "memory:?max_entries=40&clock=manual",
    "memory:?max_bytes=200KiB",
    "memory:?max_bytes=128KiB&max_entries=60&ttl=5ms&clock=manual",
    "memory:shared",
    "memory:shared",
    "memory:?clock=manual", /* with ballast: it keeps its keys in their order, too */
    "memory:?max_entries=4300&clock=manual",
};

/* Handles that all threads use; whoever takes one out closes it, and others may be inside. */
static _Atomic(bytestore_store *) places[PLACES];
/* Answers and scans that one thread leaves to the next. */
static _Atomic(bytestore_buffer *) answers[PLACES];
static _Atomic(bytestore_cursor *) scans[PLACES];
static atomic_size_t calls;
static size_t rounds_each;

/* A place's next store: every third time only a namespace of one. */
static bytestore_store *next_store(size_t place, uint64_t *random) {
    bytestore_store *store = store_at(urls[place]);
    if (strstr(urls[place], "=4300") != NULL || place == 7) {
        fill(store, BALLAST);
    }
    if (next_random(random) % 3 == 0) {
        bytestore_store *whole = store;
        CHECK_EQUAL(bytestore_namespace(whole, (const uint8_t *)"n/", 2, &store), OK);
        CHECK_EQUAL(bytestore_close(whole), OK);
    }
    return store;
}

static void replace_store(size_t place, uint64_t *random) {
    bytestore_store *old = atomic_exchange(&places[place], next_store(place, random));
    CHECK_EQUAL(bytestore_close(old), OK);
}

static void leave_answers(size_t place, bytestore_buffer *buffer) {
    bytestore_buffer *left = malloc(sizeof *left);
    *left = *buffer;
    bytestore_buffer *old = atomic_exchange(&answers[place], left);
    if (old != NULL) {
        CHECK(is_whole(old));
        CHECK_EQUAL(bytestore_free_buffer(old), OK);
        free(old);
    }
}

static void take_page(size_t place, bytestore_store *store, uint64_t *random) {
    bytestore_cursor *cursor = atomic_load(&scans[place]);
    bytestore_buffer page;
    uint64_t position;
    if (ended(bytestore_cursor_next(cursor, 1 + next_random(random) % 30, &page)) || page.count == 0) {
        bytestore_cursor *next = NULL;
        ended(bytestore_keys(store, (const uint8_t *)"key1", next_random(random) % 5, &next));
        ended(bytestore_cursor_close(atomic_exchange(&scans[place], next)));
    }
    ended(bytestore_cursor_position(cursor, &position));
    CHECK_EQUAL(bytestore_free_buffer(&page), OK);
}

static void use(size_t place, uint64_t *random) {
    bytestore_store *store = atomic_load(&places[place]);
    keys_and_values some = choose(random);
    bytestore_buffer buffer = {0};
    size_t count;
    switch (next_random(random) % 16) {
    case 0:
    case 1:
        allowed_status(bytestore_mset(store, some.count, some.keys, NULL, some.values, NULL));
        break;
    case 2:
        allowed_status(bytestore_mset_ttl(store, some.count, some.keys, NULL, some.values, NULL, 1 + *random % 4));
        break;
    case 3:
    case 4:
    case 5:
        if (!ended(bytestore_mget(store, some.count, some.keys, NULL, &buffer))) {
            CHECK(buffer.count == some.count && is_whole(&buffer));
            leave_answers(place, &buffer);
        }
        break;
    case 6:
    case 7:
        get_into(store, &some);
        break;
    case 8:
        ended(bytestore_mdelete(store, some.count, some.keys, NULL, &count));
        break;
    case 9:
        ended(bytestore_count(store, some.keys[0].ptr, 4, &count));
        ended(bytestore_len(store, &count));
        break;
    case 10:
        if (*random % 8 == 0) {
            ended(bytestore_delete_prefix(store, some.keys[0].ptr, 4, &count));
        }
        break;
    case 11:
    case 12:
        take_page(place, store, random);
        break;
    case 13: {
        bytestore_counters counters = {.size = sizeof counters};
        ended(bytestore_read_counters(store, &counters));
        const bytestore_status status = bytestore_advance_clock(store, 1);
        CHECK(status == OK || status == CLOSED || status == INVALID); /* those with the system's clock */
        break;
    }
    case 14:
        compute(store, &some, random);
        break;
    default:
        if (*random % (place < 7 ? 30 : 300) == 0) {
            replace_store(place, random);
        }
    }
}

static void *use_all(void *argument) {
    uint64_t random = *(const uint64_t *)argument;
    for (size_t round = 0; round < rounds_each; round++) {
        use(next_random(&random) % PLACES, &random);
        atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    }
    return NULL;
}

static void everything_beside_everything(void) {
    pthread_t threads[THREADS];
    uint64_t seeds[THREADS], random = 0;
    for (size_t place = 0; place < PLACES; place++) {
        atomic_store(&places[place], next_store(place, &random));
    }
    for (size_t i = 0; i < THREADS; i++) {
        seeds[i] = 1000 + i;
        CHECK_EQUAL(pthread_create(&threads[i], NULL, use_all, &seeds[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    for (size_t place = 0; place < PLACES; place++) {
        CHECK_EQUAL(bytestore_close(atomic_exchange(&places[place], NULL)), OK);
        CHECK_EQUAL(bytestore_cursor_close(atomic_exchange(&scans[place], NULL)), OK);
        leave_answers(place, &(bytestore_buffer){0});
        free(atomic_exchange(&answers[place], NULL));
    }
    printf("calls: %zu\n", atomic_load(&calls));
}

int main(int argc, char **argv) {
    static const test tests[] = {{"everything beside everything", everything_beside_everything}};
    rounds_each = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000;
    return run_tests("beside", tests, COUNT_OF(tests));
}
