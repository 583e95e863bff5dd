/* Handles and buffers that are none, in every export that takes one: handles CALLS ROUNDS. Then what a buffer holds,
 * and closing while others are inside. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../calls/calls.h"

static uint64_t wanted_calls, rounds_of_closing;
static uint64_t calls;

static uint64_t random_state = 7;

/* splitmix64 */
static uint64_t next_random(void) {
    uint64_t x = (random_state += 0x9E3779B97F4A7C15u);
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* Handles that were closed, of all kinds. */
enum { STALE = 4096 };
static uint64_t stale[STALE];

static void make_stale(void) {
    for (size_t i = 0; i < STALE; i += 4) {
        world made = make_world();
        stale[i] = (uint64_t)(uintptr_t)made.store;
        stale[i + 1] = (uint64_t)(uintptr_t)made.cursor;
        stale[i + 2] = (uint64_t)(uintptr_t)made.computation;
        stale[i + 3] = (uint64_t)(uintptr_t)made.buffer.owner;
        CHECK(bytestore_close(made.store) == BYTESTORE_OK && bytestore_cursor_close(made.cursor) == BYTESTORE_OK);
        CHECK(bytestore_computation_close(made.computation) == BYTESTORE_OK);
        bytestore_buffer copy = made.buffer;
        CHECK_EQUAL(bytestore_free_buffer(&made.buffer), BYTESTORE_OK);
        CHECK_EQUAL(bytestore_free_buffer(&copy), BYTESTORE_ERR_CLOSED_HANDLE);
        calls++;
    }
}

typedef enum { A_STORE, A_CURSOR, A_COMPUTATION, A_BUFFER } kind_of_handle;

/* A handle that is none of this kind, whatever it is. */
static uint64_t wrong_handle(const world *in, kind_of_handle kind) {
    const uint64_t open[] = {(uint64_t)(uintptr_t)in->store, (uint64_t)(uintptr_t)in->cursor,
                             (uint64_t)(uintptr_t)in->computation, (uint64_t)(uintptr_t)in->buffer.owner};
    const uint64_t random = next_random();
    switch (random % 8) {
    case 0:
    case 1:
        return stale[random / 8 % STALE];
    case 2:
        return open[(kind + 1 + random / 8 % 3) % 4]; /* of another kind */
    case 3:
        return open[kind] ^ UINT64_C(1) << (random / 8 % 64);
    case 4:
        return (open[kind] >> 60 << 60) | next_random() >> 4; /* of the right kind, the rest guessed */
    case 5:
        return open[kind] + 1 + random / 8 % 1000;
    case 6:
        return (uint64_t)(uintptr_t)&open[kind] + random / 8 % 64 * 8; /* an address */
    default:
        return next_random();
    }
}

/* Which parameter is a handle, and of which kind; a buffer's is inside. */
static bool handle_of(const export_row *row, size_t *at, kind_of_handle *kind) {
    for (*at = 0; *at < row->parameters; ++*at) {
        switch (row->of[*at].kind) {
        case STORE:
            *kind = A_STORE;
            return true;
        case CURSOR:
            *kind = A_CURSOR;
            return true;
        case COMPUTATION:
            *kind = A_COMPUTATION;
            return true;
        case BUFFER:
            *kind = A_BUFFER;
            return true;
        default:
            break;
        }
    }
    return false;
}

static void wrong_handles_are_refused(void) {
    make_stale();
    world given = make_world();
    size_t exports = 0;
    for (size_t r = 0; r < row_count; r++) {
        size_t at;
        kind_of_handle kind;
        exports += handle_of(&rows[r], &at, &kind);
    }
    CHECK(exports > 20);
    const uint64_t each = wanted_calls / exports;
    for (size_t r = 0; r < row_count; r++) {
        const export_row *row = &rows[r];
        argument arguments[MOST_PARAMETERS], all[MOST_ARGUMENTS];
        size_t at;
        kind_of_handle kind;
        if (!handle_of(row, &at, &kind)) {
            continue;
        }
        for (size_t i = 0; i < row->parameters; i++) {
            arguments_of(&given, row->of[i].kind, row->of[i].optional, all);
            arguments[i] = all[0];
        }
        for (uint64_t i = 0; i < each; i++) {
            uint64_t handle = wrong_handle(&given, kind), answer;
            if (kind == A_BUFFER) {
                bytestore_buffer forged = {.owner = (bytestore_result *)(uintptr_t)(handle | (handle == 0))};
                answer = (uint64_t)bytestore_free_buffer(&forged);
                CHECK(forged.owner == NULL);
            } else {
                arguments[at].value = handle | (handle == 0);
                answer = call_with(row, arguments);
                take_outputs(row, arguments, answer);
            }
            if (!CHECK(answer == BYTESTORE_ERR_CLOSED_HANDLE)) {
                printf("  %s: %llu with %#llx\n", row->name, (unsigned long long)answer, (unsigned long long)handle);
            }
            calls++;
        }
        CHECK(is_whole(&given));
    }
    end_world(&given);
}

/* --- Closing while others are inside --- */

enum { THREADS = 3 };
static _Atomic(bytestore_store *) shared_store;
static _Atomic(bytestore_cursor *) shared_cursor;
static _Atomic(bytestore_computation *) shared_computation;
static atomic_bool done;
static atomic_uint_least64_t inside, late;

static bool is_fine(bytestore_status status) {
    const bool closed = status == BYTESTORE_ERR_CLOSED_HANDLE;
    atomic_fetch_add(closed ? &late : &inside, 1);
    return closed || status == BYTESTORE_OK;
}

static void *call_all(void *seed) {
    uint64_t number = *(const uint64_t *)seed;
    const bytestore_slice large = {calloc(1, 6000), 6000};
    while (!atomic_load(&done)) {
        bytestore_store *store = atomic_load(&shared_store);
        const bytestore_slice key = {(const uint8_t *)&number, sizeof number};
        bytestore_buffer answer = {0}, page = {0};
        bytestore_cursor *cursor = NULL;
        bytestore_store *view = NULL;
        size_t count = 0;
        number = number * 31 % 1009;
        CHECK(is_fine(bytestore_mset(store, 1, &key, NULL, number % 2 == 0 ? &key : &large, NULL)));
        CHECK(is_fine(bytestore_mget(store, 1, &key, NULL, &answer)));
        CHECK(is_fine(bytestore_keys(store, NULL, 0, &cursor)));
        CHECK(is_fine(bytestore_count(store, key.ptr, 1, &count)));
        CHECK(is_fine(bytestore_namespace(store, key.ptr, 1, &view)));
        CHECK(is_fine(bytestore_cursor_next(atomic_load(&shared_cursor), 5, &page)));
        CHECK(answer.count == 0 || answer.slices[0].ptr == NULL || answer.slices[0].len > 0);
        CHECK(bytestore_free_buffer(&answer) == BYTESTORE_OK && bytestore_free_buffer(&page) == BYTESTORE_OK);
        CHECK(bytestore_cursor_close(cursor) == BYTESTORE_OK && bytestore_close(view) == BYTESTORE_OK);
        /* A computation is one thread's at a time: the others are told. */
        const bytestore_status status = bytestore_computation_values(atomic_load(&shared_computation), &answer);
        CHECK(status == BYTESTORE_ERR_INVALID_ARGUMENT || is_fine(status));
        CHECK_EQUAL(bytestore_free_buffer(&answer), BYTESTORE_OK);
    }
    free((void *)(uintptr_t)large.ptr);
    return NULL;
}

static void open_shared(void) {
    const bytestore_slice key = {(const uint8_t *)"key", 3};
    bytestore_store *store = bytestore_new();
    bytestore_cursor *cursor = NULL;
    bytestore_computation *computation = NULL;
    CHECK_EQUAL(bytestore_mset(store, 1, &key, NULL, &key, NULL), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_compute(store, 1, &key, NULL, 0, &computation), BYTESTORE_OK);
    atomic_store(&shared_store, store);
    atomic_store(&shared_cursor, cursor);
    atomic_store(&shared_computation, computation);
}

static void closing_waits_for_nobody(void) {
    pthread_t threads[THREADS];
    uint64_t numbers[THREADS] = {1, 2, 3};
    open_shared();
    for (size_t i = 0; i < THREADS; i++) {
        CHECK_EQUAL(pthread_create(&threads[i], NULL, call_all, &numbers[i]), 0);
    }
    for (uint64_t round = 0; round < rounds_of_closing; round++) {
        bytestore_store *store = atomic_load(&shared_store);
        bytestore_cursor *cursor = atomic_load(&shared_cursor);
        bytestore_computation *computation = atomic_load(&shared_computation);
        for (uint64_t wait = next_random() % 8; wait > 0; wait--) {
            sched_yield();
        }
        CHECK_EQUAL(bytestore_close(store), BYTESTORE_OK);
        CHECK_EQUAL(bytestore_cursor_close(cursor), BYTESTORE_OK);
        CHECK_EQUAL(bytestore_computation_close(computation), BYTESTORE_OK);
        CHECK_EQUAL(bytestore_close(store), BYTESTORE_ERR_CLOSED_HANDLE);
        open_shared();
    }
    atomic_store(&done, true);
    for (size_t i = 0; i < THREADS; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    CHECK_EQUAL(bytestore_close(atomic_load(&shared_store)), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_cursor_close(atomic_load(&shared_cursor)), BYTESTORE_OK);
    CHECK_EQUAL(bytestore_computation_close(atomic_load(&shared_computation)), BYTESTORE_OK);
    CHECK(atomic_load(&inside) > 0 && atomic_load(&late) > 0); /* or nobody was in anybody's way */
}

enum { LARGE = 6000 };

/* Sets a key to bytes that are all the same, in place of whatever was freed last. */
static void set_large(bytestore_store *store, uint8_t key, uint8_t byte) {
    uint8_t bytes[LARGE];
    memset(bytes, byte, sizeof bytes);
    const bytestore_slice keys = {&key, 1}, values = {bytes, sizeof bytes};
    CHECK_EQUAL(bytestore_mset(store, 1, &keys, NULL, &values, NULL), BYTESTORE_OK);
}

/* Large values are not copied: a buffer holds the entry, and lets it go once. */
static void what_a_buffer_holds_stays(void) {
    bytestore_store *store = bytestore_new();
    for (int round = 0; round < 1000; round++) {
        const uint8_t key = 'k', byte = (uint8_t)round;
        const bytestore_slice keys = {&key, 1};
        bytestore_buffer held = {0};
        size_t removed = 0;
        set_large(store, key, byte);
        CHECK_EQUAL(bytestore_mget(store, 1, &keys, NULL, &held), BYTESTORE_OK);
        CHECK_EQUAL(bytestore_mdelete(store, 1, &keys, NULL, &removed), BYTESTORE_OK);
        CHECK_EQUAL(removed, 1);
        set_large(store, 'o', (uint8_t)(byte + 1));
        const bytestore_slice value = held.slices[0];
        CHECK(value.len == LARGE && value.ptr[0] == byte && memcmp(value.ptr, value.ptr + 1, LARGE - 1) == 0);
        CHECK_EQUAL(bytestore_free_buffer(&held), BYTESTORE_OK);
    }
    CHECK_EQUAL(bytestore_close(store), BYTESTORE_OK);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        return EXIT_FAILURE;
    }
    wanted_calls = strtoull(argv[1], NULL, 10);
    rounds_of_closing = strtoull(argv[2], NULL, 10);
    const test tests[] = {
        {"a wrong handle is refused by every export that takes one", wrong_handles_are_refused},
        {"what a buffer holds stays", what_a_buffer_holds_stays},
        {"closing is safe while others are inside", closing_waits_for_nobody},
    };
    const int code = run_tests("handles", tests, COUNT_OF(tests));
    printf("totals: %llu calls, %llu rounds, %llu inside, %llu late\n", (unsigned long long)calls,
           (unsigned long long)rounds_of_closing, (unsigned long long)atomic_load(&inside),
           (unsigned long long)atomic_load(&late));
    return code;
}
