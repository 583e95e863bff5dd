/* fork: the child has its own working copy, whatever other threads were doing at that moment: forks [--short]
 * [--no-threads] [--forks N]. Alone, because what those threads were holding is lost in the child, and looks like a
 * leak there. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storm.h"

enum { WRITERS = 4, FORKING = 2, GIVE_UP = 60 /* seconds without a step: it hangs */ };
static size_t writers = WRITERS, forking = FORKING, forks_wanted;
static atomic_size_t forks, hung, wrong;
static storm stores;

/* What a child does with a buffer and a cursor of before the fork, and with the stores. NULL: all is well. */
static const char *use_in_child(bytestore_buffer *before, bytestore_cursor *cursor) {
    bytestore_buffer page;
    if (before->slices[0].len != sizeof(uint64_t) || bytestore_free_buffer(before) != OK) {
        return "a buffer of before";
    }
    if (bytestore_cursor_next(cursor, KEYS, &page) != OK || page.count != KEYS || bytestore_free_buffer(&page) != OK ||
        bytestore_cursor_close(cursor) != OK) {
        return "a cursor of before";
    }
    return use_and_close(&stores);
}

/* Waits for a child. One that hangs has been killed by its alarm. */
static void reap(pid_t child) {
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    atomic_fetch_add(&hung, WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
    atomic_fetch_add(&wrong, !WIFEXITED(status) || WEXITSTATUS(status) != 0);
    CHECK(!WIFSIGNALED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 0);
}

static void *fork_often(void *unused) {
    (void)unused;
    while (atomic_load(&wrong) < 3 && atomic_fetch_add(&forks, 1) < forks_wanted) {
        bytestore_buffer before;
        bytestore_cursor *cursor = NULL;
        CHECK_EQUAL(read_batch(stores.plain, &before), OK);
        CHECK_EQUAL(bytestore_keys(stores.plain, NULL, 0, &cursor), OK);
        const pid_t child = fork();
        if (child == 0) {
            alarm(GIVE_UP);
            const char *reason = use_in_child(&before, cursor);
            if (reason != NULL) {
                dprintf(STDOUT_FILENO, "  in a child: %s\n", reason);
            }
            _exit(reason != NULL);
        }
        reap(child);
        CHECK_EQUAL(bytestore_free_buffer(&before), OK);
        CHECK_EQUAL(bytestore_cursor_close(cursor), OK);
    }
    atomic_fetch_sub(&forks, 1); /* the one too many */
    return NULL;
}

/* Ends the program when nothing goes on in it any more. */
static void *watch(void *ended) {
    size_t seen = 0, idle = 0;
    while (!atomic_load((atomic_bool *)ended) && idle < GIVE_UP) {
        const size_t now = atomic_load(&forks) + storm_rounds();
        idle = now == seen ? idle + 1 : 0;
        seen = now;
        sleep(1);
    }
    if (idle == GIVE_UP) {
        printf("FAILED  the parent hangs after %zu forks\n", atomic_load(&forks));
        fflush(stdout);
        _exit(EXIT_FAILURE);
    }
    return NULL;
}

static void the_child_has_a_working_copy(void) {
    pthread_t tearing[WRITERS], forkers[FORKING], watching;
    atomic_bool ended = false;
    stores = open_storm();
    begin_storm();
    CHECK_EQUAL(pthread_create(&watching, NULL, watch, &ended), 0);
    for (size_t i = 0; i < writers; i++) {
        CHECK_EQUAL(pthread_create(&tearing[i], NULL, tear, &stores), 0);
    }
    for (size_t i = 0; i < forking; i++) {
        CHECK_EQUAL(pthread_create(&forkers[i], NULL, fork_often, NULL), 0);
    }
    for (size_t i = 0; i < forking; i++) {
        CHECK_EQUAL(pthread_join(forkers[i], NULL), 0);
    }
    end_storm();
    for (size_t i = 0; i < writers; i++) {
        CHECK_EQUAL(pthread_join(tearing[i], NULL), 0);
    }
    atomic_store(&ended, true);
    CHECK_EQUAL(pthread_join(watching, NULL), 0);
    CHECK_EQUAL(len_of(stores.plain), KEYS); /* what children did is theirs */
    close_storm(&stores);
    printf("storm: %zu forks by %zu threads beside %zu writers (%zu rounds), %zu hung, %zu wrong\n",
           atomic_load(&forks), forking, writers, storm_rounds(), atomic_load(&hung), atomic_load(&wrong));
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
        alarm(GIVE_UP);
        _exit(use_times_in_child(store));
    }
    reap(child);
    CHECK_EQUAL(len_of(store), 3); /* here no time has passed, and nobody has come */
    CHECK_EQUAL(counters_of(store).sets, 3);
    advance(store, 1);
    CHECK(is_missing(store, S("ends")) && len_of(store) == 2);
    CHECK_EQUAL(bytestore_close(store), OK);
}

static void a_child_of_a_child_works_too(void) {
    bytestore_store *store = new_store();
    set_one(store, S("number"), S("one"));
    const pid_t child = fork();
    if (child == 0) {
        alarm(GIVE_UP);
        int status = 1;
        const bytestore_slice key = S("number"), value = S("two");
        if (bytestore_mset(store, 1, &key, NULL, &value, NULL) == OK) {
            const pid_t grandchild = fork();
            if (grandchild == 0) {
                _exit(!has_value(store, key, value));
            }
            waitpid(grandchild, &status, 0);
        }
        _exit(status != 0);
    }
    reap(child);
    CHECK(has_value(store, S("number"), S("one")));
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
            writers = 0, forking = 1;
        }
        if (strcmp(argv[i], "--forks") == 0 && i + 1 < argc) {
            forks_wanted = strtoul(argv[i + 1], NULL, 10);
        }
    }
    forks_wanted = forks_wanted != 0 ? forks_wanted : rounds(300, 20);
    return run_tests("forks", tests, COUNT_OF(tests));
}
