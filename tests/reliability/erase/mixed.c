/* All of it in turn, at random: stores of every kind, and what is lent of them while entries come and go. */
#include "way.h"

#include <stdlib.h>
#include <sys/random.h>

size_t mixed_operations = 1, mixed_done = 0;

enum { KEYS = 3000, LENT = 16 };

static uint64_t state;

static size_t below(size_t bound) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (size_t)(state % bound);
}

static shape key_of(size_t number) { return SECRET(number % 97 == 0 ? 5000 : 40 + number % 50); }

static shape some_value(void) {
    const size_t most[] = {9, 60, 300, 3000, 20000};
    return SECRET(below(most[below(5)]));
}

static void read_keys(bytestore_store *store) {
    bytestore_cursor *cursor;
    bytestore_buffer page;
    const bytestore_slice prefix = on_desk(true, SECRET(60), 0);
    MUST_DO(bytestore_keys(store, prefix.ptr, below(32), &cursor));
    wipe_desk();
    for (size_t pages = below(5); pages > 0; pages--) {
        MUST_DO(bytestore_cursor_next(cursor, 1 + below(300), &page));
        MUST_DO(bytestore_free_buffer(&page));
    }
    MUST_DO(bytestore_cursor_close(cursor));
}

static void use_a_namespace(bytestore_store *store) {
    bytestore_store *view;
    const bytestore_slice prefix = on_desk(true, SECRET(24 + below(60)), below(3));
    MUST_DO(bytestore_namespace(store, prefix.ptr, prefix.len, &view));
    wipe_desk();
    set(view, SECRET(30), some_value(), below(50), 1, 1 + below(20));
    hits(view, SECRET(30), 0, 1, 30);
    if (below(2) == 0) {
        MUST_DO(bytestore_delete_prefix(view, NULL, 0, NULL));
    }
    close_store(view);
}

static void compute(bytestore_store *store) {
    bytestore_computation *computation;
    bytestore_buffer missing;
    bytestore_slice slices[20];
    const size_t count = 1 + below(20);
    for (size_t i = 0; i < count; i++) {
        const size_t number = below(KEYS);
        slices[i] = on_desk(true, key_of(number), number);
    }
    MUST_DO(bytestore_compute(store, count, slices, NULL, 0, &computation));
    wipe_desk();
    MUST_DO(bytestore_computation_next(computation, &missing));
    for (size_t i = 0; i < missing.count; i++) {
        slices[i] = on_desk(false, some_value(), i);
    }
    if (missing.count > 0 && below(3) > 0) {
        MUST_DO(bytestore_computation_set(computation, missing.count, slices, NULL));
    }
    wipe_desk();
    MUST_DO(bytestore_free_buffer(&missing));
    MUST_DO(bytestore_computation_close(computation));
}

static void lend(bytestore_store *store, bytestore_buffer *answers) {
    bytestore_slice slices[30];
    MUST_DO(bytestore_free_buffer(answers));
    const size_t count = 1 + below(30), first = below(KEYS);
    for (size_t i = 0; i < count; i++) {
        slices[i] = on_desk(true, key_of(first + i), first + i);
    }
    MUST_DO(bytestore_mget(store, count, slices, NULL, answers));
    wipe_desk();
}

static void live(const char *options) {
    bytestore_store *store = open_store(options);
    bytestore_buffer lent[LENT] = {{0}};
    set_others(store);
    for (size_t i = 0; i < mixed_operations; i++) {
        const size_t number = below(KEYS), act = below(200);
        mixed_done++;
        if (act < 90) {
            set(store, key_of(number), some_value(), number, 1, 1);
        } else if (act < 110) {
            set_for(store, key_of(number), some_value(), number, 1, 1, 1 + below(100));
        } else if (act < 130) {
            hits(store, key_of(number), number, 1, 1);
        } else if (act < 170) {
            delete(store, key_of(number), number, 1, 1);
        } else if (act < 190) {
            lend(store, &lent[below(LENT)]);
        } else if (act < 194) {
            compute(store);
        } else if (act < 197) {
            use_a_namespace(store);
        } else if (act < 199) {
            read_keys(store);
        } else {
            MUST_DO(bytestore_advance_clock(store, below(30)));
        }
    }
    look_for_them();
    MUST_DO(bytestore_delete_prefix(store, NULL, 0, NULL));
    for (size_t i = 0; i < LENT; i++) {
        MUST_DO(bytestore_free_buffer(&lent[i]));
    }
    look_again();
    close_store(store);
    look_again();
}

static void mixed(void) {
    MUST(getrandom(&state, sizeof state, 0) == sizeof state);
    state |= 1;
    live("clock=manual");
    live("clock=manual&max_entries=900");
    live("clock=manual&max_bytes=3MB&ttl=300ms");
}

static const way ways[] = {{"all of it in turn, at random", mixed, false}};

const way_group mixed_ways = {ways, sizeof ways / sizeof *ways};
