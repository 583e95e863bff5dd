/* Threads that write whole batches while one reads: nobody may see a torn one. Knows no notation. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

/* All writers share it; each has its number from the counter. */
typedef struct {
    bytestore_store *store;
    list keys;
    size_t rounds;
    bool deletes;
    atomic_size_t next_number;
    atomic_size_t writing;
    _Atomic bytestore_status status;
} contest;

/* One value for all keys. */
static bytestore_status set_all(const contest *race, const char *value, bytestore_slice *values) {
    for (size_t i = 0; i < race->keys.count; i++) {
        values[i] = (bytestore_slice){(const uint8_t *)value, strlen(value)};
    }
    return bytestore_mset(race->store, race->keys.count, race->keys.items, NULL, values, NULL);
}

static void *write_rounds(void *argument) {
    contest *race = argument;
    const size_t number = atomic_fetch_add(&race->next_number, 1);
    bytestore_slice *values = calloc(race->keys.count + 1, sizeof *values);
    bytestore_status status = values == NULL ? BYTESTORE_ERR_OUT_OF_MEMORY : BYTESTORE_OK;
    for (size_t round = 0; round < race->rounds && status == BYTESTORE_OK; round++) {
        char value[50];
        snprintf(value, sizeof value, "%zu-%zu", number, round);
        status = race->deletes && round % 2 == 1
                     ? bytestore_mdelete(race->store, race->keys.count, race->keys.items, NULL, NULL)
                     : set_all(race, value, values);
    }
    if (status != BYTESTORE_OK) {
        atomic_store(&race->status, status);
    }
    free(values);
    atomic_fetch_sub(&race->writing, 1);
    return NULL;
}

/* Reads until nobody writes any more, and once after that. What is wrong, or NULL. */
static const char *read_rounds(contest *race) {
    const char *wrong = NULL;
    bool last;
    do {
        last = atomic_load(&race->writing) == 0;
        bytestore_buffer answers;
        const bytestore_status status = bytestore_mget(race->store, race->keys.count, race->keys.items, NULL, &answers);
        if (status != BYTESTORE_OK) {
            wrong = bytestore_status_name(status);
        } else if (answers.count != race->keys.count) {
            wrong = "another number of answers than keys";
        }
        for (size_t i = 1; i < answers.count; i++) {
            if (!same_bytes(answers.slices[i], answers.slices[0])) {
                wrong = "a torn batch";
            }
        }
        bytestore_free_buffer(&answers);
    } while (!last);
    return wrong;
}

void race(bytestore_store *store, list keys, size_t writers, size_t rounds, bool deletes) {
    contest *race = keep(sizeof *race);
    pthread_t *threads = keep(writers * sizeof *threads + 1);
    size_t started = 0;
    *race = (contest){.store = store, .keys = keys, .rounds = rounds, .deletes = deletes};
    atomic_store(&race->writing, writers);
    while (started < writers && pthread_create(&threads[started], NULL, write_rounds, race) == 0) {
        started++;
    }
    atomic_fetch_sub(&race->writing, writers - started);
    const char *wrong = read_rounds(race);
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    if (started != writers) {
        fail("a thread does not start");
    }
    if (atomic_load(&race->status) != BYTESTORE_OK) {
        fail("a writer gets %s", bytestore_status_name(atomic_load(&race->status)));
    }
    if (wrong != NULL) {
        fail("the reader gets %s", wrong);
    }
}
