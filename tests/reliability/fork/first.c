/* A fork in the middle of the library's first call, at each of its steps: the child, and the parent, can go on. Stands
 * in for the C library where the library asks to be told of forks; each case is a process that has not used it yet. */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bytestore.h>

#include "../../c/check.h"

enum { GIVE_UP = 10 /* seconds */, MOST_ASKED = 8 };
typedef void handler(void);

/* Where the thread stops that makes the first store: before or after the library asks for the n-th time. */
static size_t stop_at;
static bool stop_after, goes_on_in_fork;
static atomic_size_t asked, opened;
static sem_t stopped, go_on;
static _Thread_local bool stops;

int __register_atfork(handler *prepare, handler *parent, handler *child, void *library);

static void stop_here(size_t at, bool after) {
    if (stops && at == stop_at && after == stop_after) {
        sem_post(&stopped);
        while (sem_wait(&go_on) != 0) {
        }
    }
}

/* In place of the C library's. */
int __register_atfork(handler *prepare, handler *parent, handler *child, void *library) {
    int (*real)(handler *, handler *, handler *, void *) = NULL;
    void *address = dlsym(RTLD_NEXT, "__register_atfork");
    memcpy(&real, &address, sizeof real);
    const size_t at = stops ? atomic_fetch_add(&asked, 1) : MOST_ASKED;
    stop_here(at, false);
    const int result = real(prepare, parent, child, library);
    stop_here(at, true);
    return result;
}

/* After the library's own, when it has asked: the other thread goes on as far as it can while this one forks. */
static void in_fork(void) {
    if (goes_on_in_fork) {
        goes_on_in_fork = false;
        sem_post(&go_on);
        for (int step = 0; step < 20 && atomic_load(&opened) == 0; step++) {
            nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
        }
    }
}

static bool works(bytestore_store *store) {
    const bytestore_slice pair = {(const uint8_t *)"pair", 4};
    bytestore_buffer answers;
    return store != NULL && bytestore_mset(store, 1, &pair, NULL, &pair, NULL) == BYTESTORE_OK &&
           bytestore_mget(store, 1, &pair, NULL, &answers) == BYTESTORE_OK && answers.data_len == pair.len &&
           bytestore_free_buffer(&answers) == BYTESTORE_OK;
}

static bool a_new_one_works(void) {
    bytestore_store *store = bytestore_new();
    return works(store) && bytestore_close(store) == BYTESTORE_OK;
}

static bool ends_well(pid_t child) {
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* A child, and its child, make stores of their own and use the parent's. */
static pid_t fork_and_use(bytestore_store *inherited) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(GIVE_UP);
        bool good = a_new_one_works() && (inherited == NULL || works(inherited));
        const pid_t grandchild = fork();
        if (grandchild == 0) {
            _exit(!a_new_one_works());
        }
        good = ends_well(grandchild) && good;
        _exit(!good);
    }
    return child;
}

static void *open_first(void *unused) {
    (void)unused;
    stops = true;
    bytestore_store *store = bytestore_new();
    atomic_store(&opened, 1);
    return store;
}

/* What one case's process does; 0: all is well. */
static int run_case(size_t openers) {
    pthread_t threads[2];
    void *stores[2] = {NULL, NULL};
    alarm(3 * GIVE_UP);
    sem_init(&stopped, 0, 0);
    sem_init(&go_on, 0, 0);
    pthread_atfork(in_fork, NULL, NULL);
    for (size_t i = 0; i < openers; i++) {
        pthread_create(&threads[i], NULL, open_first, NULL);
        while (stop_at < MOST_ASKED && i == 0 && sem_wait(&stopped) != 0) {
        }
    }
    for (size_t i = 1; i < openers; i++) {
        pthread_join(threads[i], &stores[i]); /* it has asked, too */
    }
    const bool waits = stop_at < MOST_ASKED && !goes_on_in_fork;
    const pid_t child = fork_and_use(NULL);
    if (waits) {
        sem_post(&go_on);
    }
    pthread_join(threads[0], &stores[0]);
    bool good = ends_well(child);
    for (int again = 0; again < 3; again++) {
        good = ends_well(fork_and_use(stores[0])) && works(stores[0]) && a_new_one_works() && good;
    }
    return good && (openers == 1 || works(stores[1])) ? 0 : 1;
}

/* Every step, with the first thread waiting until the fork is over, or going on during it, and with another beside it.
 */
static void every_step(void) {
    size_t steps = 0;
    bool good = true;
    for (int shape = 0; shape < 8 && good; shape++) {
        for (size_t at = 0; at < 2 && good; at++) {
            const pid_t process = fork();
            if (process == 0) {
                stop_at = at, stop_after = (shape & 1) != 0, goes_on_in_fork = (shape & 2) != 0;
                _exit(run_case((shape & 4) != 0 ? 2 : 1));
            }
            good = CHECK(ends_well(process));
            if (!good) {
                printf("  %s time %zu of asking, the thread %s, %s\n", shape & 1 ? "after" : "before", at + 1,
                       shape & 2 ? "goes on meanwhile" : "waits", shape & 4 ? "beside another" : "alone");
            }
            steps++;
        }
    }
    printf("first: %zu cases of a fork in the first call\n", steps);
}

/* What `every_step` stops at is there: the library asks this often. */
static void it_asks_twice(void) {
    const pid_t process = fork();
    if (process == 0) {
        stop_at = MOST_ASKED;
        _exit(run_case(1) == 0 ? (int)atomic_load(&asked) : 99);
    }
    int status = -1;
    CHECK(waitpid(process, &status, 0) == process && WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 2);
}

int main(void) {
    const test tests[] = {
        {"the first call asks twice to be told of forks", it_asks_twice},
        {"a fork in the middle of the first call", every_step},
    };
    return run_tests("first", tests, COUNT_OF(tests));
}
