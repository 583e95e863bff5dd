/* Processes that end in every way while threads write: exits N. Each is a program of its own; all must end with 0, in
 * time, and have said nothing. */
#include <pthread.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../c/alone/storm.h"

enum { WRITERS = 2, GIVE_UP = 60 /* seconds */ };
extern char **environ;
static const char *self;
static size_t times;
static storm stores;

/* --- One process --- */

/* When everything else has ended, but for the threads: the library has not. */
static void use_late(void) {
    bytestore_buffer answers;
    bytestore_store *fresh = bytestore_new();
    const bool good = read_batch(stores.plain, &answers) == OK && answers.count == KEYS &&
                      same_bytes(answers.slices[0], answers.slices[KEYS - 1]) &&
                      bytestore_free_buffer(&answers) == OK && write_batch(fresh, 1) == OK &&
                      bytestore_close(fresh) == OK;
    if (!good) {
        printf("the library has ended before the process\n");
    }
}

static void *end_it(void *unused) {
    (void)unused;
    exit(EXIT_SUCCESS);
}

static void *end_storm_soon(void *unused) {
    (void)unused;
    usleep(2000);
    end_storm();
    return NULL;
}

static pthread_t start(void *(*body)(void *), void *argument) {
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, body, argument), 0);
    return thread;
}

static int end_by(const char *way, unsigned microseconds) {
    alarm(GIVE_UP);
    stores = open_storm();
    CHECK_EQUAL(atexit(use_late) + at_quick_exit(use_late), 0);
    begin_storm();
    for (size_t i = 0; i < WRITERS; i++) {
        start(tear, &stores);
    }
    usleep(microseconds);
    if (strcmp(way, "exit") == 0) {
        exit(EXIT_SUCCESS);
    } else if (strcmp(way, "quick_exit") == 0) {
        quick_exit(EXIT_SUCCESS);
    } else if (strcmp(way, "pthread_exit") == 0) {
        start(end_storm_soon, NULL); /* and with the last thread the process */
        pthread_exit(NULL);
    } else if (strcmp(way, "exit of a thread") == 0) {
        pthread_join(start(end_it, NULL), NULL);
    }
    return EXIT_SUCCESS;
}

/* --- All of them --- */

static const char *const ways[] = {"exit", "return", "quick_exit", "pthread_exit", "exit of a thread"};

static bool ends_well(const char *way, size_t number, const posix_spawn_file_actions_t *actions) {
    char microseconds[16];
    snprintf(microseconds, sizeof microseconds, "%zu", number * 37 % 3000);
    char name[] = "exits", *arguments[] = {name, strdup(way), microseconds, NULL};
    pid_t child = 0;
    int status = -1;
    const bool good = posix_spawn(&child, self, actions, NULL, arguments, environ) == 0 &&
                      waitpid(child, &status, 0) == child && status == 0;
    free(arguments[1]);
    if (!good) {
        printf("  by %s: status %#x\n", way, (unsigned)status);
    }
    return good;
}

static void every_way(void) {
    char said[] = "/tmp/bytestore-exits-XXXXXX";
    const int file = mkstemp(said);
    struct stat about = {0};
    posix_spawn_file_actions_t actions;
    size_t good = 0, done = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, file, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, file, STDERR_FILENO);
    for (; done < times && done - good < 5; done++) {
        good += CHECK(ends_well(ways[done % COUNT_OF(ways)], done, &actions));
    }
    posix_spawn_file_actions_destroy(&actions);
    CHECK_EQUAL(fstat(file, &about), 0);
    CHECK_EQUAL(about.st_size, 0); /* what they said */
    CHECK_EQUAL(unlink(said) + close(file), 0);
    printf("exits: %zu processes ended in %zu ways beside %d writers, %zu wrong, %lld bytes said\n", done,
           COUNT_OF(ways), WRITERS, done - good, (long long)about.st_size);
}

int main(int argc, char **argv) {
    const test tests[] = {{"a process may end in every way", every_way}};
    if (argc == 3) {
        return end_by(argv[1], (unsigned)strtoul(argv[2], NULL, 10));
    }
    self = argv[0];
    times = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    return run_tests("exits", tests, COUNT_OF(tests));
}
