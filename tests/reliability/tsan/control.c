/* Planted races that ThreadSanitizer must report: control MISTAKE. Proves that it watches the program and the library.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bytestore.h>

static bytestore_store *store;
static char shared[64];

/* The program writes to one place from two threads. */
static void *write_plainly(void *unused) {
    memset(shared, 1, sizeof shared);
    return unused;
}

/* The library reads a value that another thread writes: only its own code can tell. */
static void *set_shared(void *unused) {
    bytestore_mset(store, 1, "key", &(uint32_t){3}, shared, &(uint32_t){sizeof shared});
    return unused;
}

/* The library writes counters to where another thread reads. */
static bytestore_counters counters = {.size = sizeof counters};
static void *read_counters(void *unused) {
    bytestore_read_counters(store, &counters);
    return unused;
}

static void *look(void *unused) { return counters.sets == 1 ? unused : NULL; }

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void *(*bodies[2])(void *);
    } mistakes[] = {{"program", {write_plainly, write_plainly}},
                    {"library-reads", {set_shared, write_plainly}},
                    {"library-writes", {read_counters, look}}};
    store = bytestore_new();
    for (size_t i = 0; argc == 2 && i < sizeof mistakes / sizeof mistakes[0]; i++) {
        if (strcmp(argv[1], mistakes[i].name) == 0) {
            pthread_t threads[2];
            for (size_t j = 0; j < 2; j++) {
                pthread_create(&threads[j], NULL, mistakes[i].bodies[j], NULL);
            }
            for (size_t j = 0; j < 2; j++) {
                pthread_join(threads[j], NULL);
            }
            puts("nobody noticed");
            return bytestore_close(store);
        }
    }
    return EXIT_FAILURE;
}
