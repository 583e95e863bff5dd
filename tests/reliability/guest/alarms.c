/* Preloaded: a signal a millisecond for whatever program this is in, which interrupts what it interrupts. Says in the
 * file that BYTESTORE_ALARMS names how many came. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static atomic_size_t alarms;

static void count(int number) {
    (void)number;
    atomic_fetch_add(&alarms, 1);
}

__attribute__((constructor)) static void begin(void) {
    const struct sigaction action = {.sa_handler = count}; /* no SA_RESTART: system calls end with EINTR */
    const struct itimerval often = {{0, 1000}, {0, 1000}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

__attribute__((destructor)) static void end(void) {
    const struct itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    const char *name = getenv("BYTESTORE_ALARMS");
    FILE *file = name == NULL ? NULL : fopen(name, "a");
    if (file != NULL) {
        fprintf(file, "%zu\n", atomic_load(&alarms));
        fclose(file);
    }
}
