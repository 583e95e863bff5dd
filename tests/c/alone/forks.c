/* fork: the child has its own working copy, whatever other threads were doing at that moment: forks [--short]
 * [--no-threads]. Alone, because what those threads were holding is lost in the child, and looks like a leak there. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../abi/abi.h"

enum { KEYS = 64, WRITERS = 3 };
static size_t writers = WRITERS;
static char key_blob[KEYS * 7];
static bytestore_slice keys[KEYS];
static atomic_bool done;

static bytestore_status write_batch(bytestore_store *store, uint64_t number) {
    bytestore_slice values[KEYS];
    for (size_t i = 0; i < KEYS; i++) {
        values[i] = (bytestore_slice){(const uint8_t *)&number, sizeof number};
    }
    return bytestore_mset(store, KEYS, keys, NULL, values, NULL);
}

/* Writes, opens and closes stores and cursors: every lock of the library is taken again and again. */
static void *keep_busy(void *argument) {
    bytestore_store *store = argument;
    for (uint64_t round = 1; !atomic_load(&done); round++) {
        CHECK_EQUAL(write_batch(store, round), OK);
        bytestore_cursor *cursor = NULL;
        bytestore_buffer page;
        bytestore_store *other = bytestore_new();
        CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
        CHECK_EQUAL(bytestore_cursor_next(cursor, 0, &page), OK);
        CHECK_EQUAL(bytestore_free_buffer(&page), OK);
        CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
        CHECK_EQUAL(bytestore_close(other), OK);
    }
    return NULL;
}

/* What a child does with the store, with a buffer and a cursor of before the fork, and on its own. 0: all is well. */
static int use_in_child(bytestore_store *store, bytestore_buffer *before, bytestore_cursor *cursor) {
    bytestore_buffer answers, page;
    if (bytestore_mget(store, KEYS, keys, NULL, &answers) != OK || answers.count != KEYS) {
        return 1;
    }
    for (size_t i = 0; i < KEYS; i++) {
        if (answers.slices[i].ptr == NULL || !same_bytes(answers.slices[i], answers.slices[0])) {
            return 2; /* half a batch */
        }
    }
    if (bytestore_free_buffer(&answers) != OK || write_batch(store, 0) != OK) {
        return 3;
    }
    const bytestore_slice zero = {(const uint8_t[8]){0}, 8};
    if (!has_value(store, keys[KEYS - 1], zero)) {
        return 4;
    }
    if (before->slices[0].len != 8 || bytestore_free_buffer(before) != OK) {
        return 5;
    }
    if (bytestore_cursor_next(cursor, KEYS, &page) != OK || page.count != KEYS || bytestore_free_buffer(&page) != OK) {
        return 6;
    }
    size_t removed = 0;
    if (bytestore_mdelete(store, KEYS, keys, NULL, &removed) != OK || removed != KEYS || bytestore_close(store) != OK) {
        return 7;
    }
    bytestore_store *own = bytestore_new();
    return own != NULL && write_batch(own, 1) == OK && bytestore_close(own) == OK ? 0 : 8;
}

static void the_child_has_a_working_copy(void) {
    bytestore_store *store = new_store();
    numbered_keys(KEYS, key_blob, keys);
    CHECK_EQUAL(write_batch(store, 1), OK);
    atomic_store(&done, false);
    pthread_t threads[WRITERS];
    for (size_t i = 0; i < writers; i++) {
        CHECK_EQUAL(pthread_create(&threads[i], NULL, keep_busy, store), 0);
    }
    for (size_t round = 0; round < rounds(300, 20); round++) {
        bytestore_buffer before;
        bytestore_cursor *cursor = NULL;
        CHECK_EQUAL(bytestore_mget(store, KEYS, keys, NULL, &before), OK);
        CHECK_EQUAL(bytestore_keys(store, NULL, 0, &cursor), OK);
        const pid_t child = fork();
        if (child == 0) {
            alarm(120); /* a child that hangs is killed, and that is a failure */
            _exit(use_in_child(store, &before, cursor));
        }
        int status = -1;
        CHECK(child > 0 && waitpid(child, &status, 0) == child);
        CHECK(!WIFSIGNALED(status));
        CHECK_EQUAL(WEXITSTATUS(status), 0);
        CHECK_EQUAL(bytestore_free_buffer(&before), OK);
        CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    }
    atomic_store(&done, true);
    for (size_t i = 0; i < writers; i++) {
        CHECK_EQUAL(pthread_join(threads[i], NULL), 0);
    }
    CHECK_EQUAL(len_of(store), KEYS); /* what children did is theirs */
    CHECK_EQUAL(bytestore_close(store), OK);
}

/* The parent's clock, its counters, and what has an end there: all are there in the child, and apart from then on. */
static int use_times_in_child(bytestore_store *store) {
    bytestore_counters counters = {.size = sizeof counters};
    if (bytestore_read_counters(store, &counters) != OK || counters.sets != 3 || counters.max_entries != 3) {
        return 1;
    }
    if (bytestore_advance_clock(store, 1) != OK || !is_missing(store, S("ends")) ||
        !has_value(store, S("stays"), S("1"))) {
        return 2;
    }
    const bytestore_slice more[] = {S("a"), S("b"), S("c")};
    if (bytestore_mset_ttl(store, 3, more, NULL, more, NULL, 1) != OK || !has_value(store, S("c"), S("c"))) {
        return 3;
    }
    if (bytestore_read_counters(store, &counters) != OK || counters.sets != 6 || counters.entries > 3) {
        return 4;
    }
    return bytestore_advance_clock(store, 1) == OK && is_missing(store, S("c")) && bytestore_close(store) == OK ? 0 : 5;
}

static void the_child_has_times_and_counters_of_its_own(void) {
    bytestore_store *store = store_at("memory:?max_entries=3&clock=manual");
    set_one(store, S("stays"), S("1"));
    set_for(store, S("ends"), S("1"), 10);
    set_for(store, S("for ever"), S("1"), BYTESTORE_NO_TTL);
    advance(store, 9);
    const pid_t child = fork();
    if (child == 0) {
        alarm(120);
        _exit(use_times_in_child(store));
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(!WIFSIGNALED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 0);
    CHECK_EQUAL(len_of(store), 3); /* here no time has passed, and nobody has come */
    CHECK_EQUAL(counters_of(store).sets, 3);
    advance(store, 1);
    CHECK(is_missing(store, S("ends")) && len_of(store) == 2);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_child_of_a_child_works_too(void) {
    bytestore_store *store = new_store();
    numbered_keys(KEYS, key_blob, keys);
    CHECK_EQUAL(write_batch(store, 1), OK);
    const pid_t child = fork();
    if (child == 0) {
        alarm(120);
        int status = 1;
        if (write_batch(store, 2) == OK) {
            const pid_t grandchild = fork();
            if (grandchild == 0) {
                const uint64_t two = 2;
                _exit(!has_value(store, keys[0], (bytestore_slice){(const uint8_t *)&two, sizeof two}));
            }
            waitpid(grandchild, &status, 0);
        }
        _exit(status != 0);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK_EQUAL(status, 0);
    const uint64_t one = 1;
    CHECK(has_value(store, keys[0], (bytestore_slice){(const uint8_t *)&one, sizeof one}));
    CHECK_EQUAL(bytestore_close(store), OK);
}

int main(int argc, char **argv) {
    const test tests[] = {
        {"the child of a fork has a working copy", the_child_has_a_working_copy},
        {"the child has times and counters of its own", the_child_has_times_and_counters_of_its_own},
        {"a child of a child works too", a_child_of_a_child_works_too},
    };
    for (int i = 1; i < argc; i++) {
        check_short_rounds |= strcmp(argv[i], "--short") == 0;
        if (strcmp(argv[i], "--no-threads") == 0) {
            writers = 0;
        }
    }
    return run_tests("forks", tests, COUNT_OF(tests));
}
