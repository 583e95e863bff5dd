/*
 * Handles that one thread at a time may use (connections, transactions), lent to threads that come and go. It must
 * not know what a handle is.
 */
#ifndef BENCH_POOL_H
#define BENCH_POOL_H

#include "fail.h"

#include <pthread.h>

typedef struct {
    pthread_mutex_t lock;
    void *idle[64]; /* the one used last is lent first */
    size_t count;
} bench_pool;

static inline void bench_pool_init(bench_pool *pool) {
    pthread_mutex_init(&pool->lock, NULL);
    pool->count = 0;
}

/* NULL: none is idle, so the caller makes one. */
static inline void *bench_pool_take(bench_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    void *handle = pool->count > 0 ? pool->idle[--pool->count] : NULL;
    pthread_mutex_unlock(&pool->lock);
    return handle;
}

static inline void bench_pool_give(bench_pool *pool, void *handle) {
    pthread_mutex_lock(&pool->lock);
    BENCH_REQUIRE(pool->count < sizeof pool->idle / sizeof *pool->idle, "too many threads");
    pool->idle[pool->count++] = handle;
    pthread_mutex_unlock(&pool->lock);
}

#endif
