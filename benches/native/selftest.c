/*
 * Runs every native peer's functions against known answers, from one thread and from two; selftest.sh builds and
 * starts it. It measures nothing and must not know any peer.
 */
#include "fail.h"
#include "peer.h"

#include <pthread.h>
#include <string.h>

#define CHECK(condition) BENCH_REQUIRE(condition, "failed: " #condition)
#define KEYS 4000
#define BATCH 100
#define LONGEST_KEY 511 /* LMDB's limit */
#define LONGEST_VALUE 12288
#define ROUNDS 20

typedef struct {
    bench_slice keys[BATCH], values[BATCH];
    uint8_t key_bytes[BATCH][LONGEST_KEY], value_bytes[BATCH][LONGEST_VALUE];
    uint8_t out[BATCH * LONGEST_VALUE];
    uint32_t lens[BATCH];
} batch;

static batch *new_batch(void) {
    batch *b = malloc(sizeof *b);
    CHECK(b != NULL);
    return b;
}

static size_t key_len(size_t number) {
    static const size_t lens[] = {8, 15, 16, 20, 45, 64, LONGEST_KEY};
    return lens[number % 7];
}

/* Any bytes, NUL among them, different for every number. */
static void set_key(batch *b, size_t i, size_t number) {
    memset(b->key_bytes[i], (int)(number % 251), LONGEST_KEY);
    memcpy(b->key_bytes[i], &number, sizeof number);
    b->keys[i] = (bench_slice){b->key_bytes[i], key_len(number)};
}

/* The values of one version differ from those of another, most of them also in length. */
static void set_value(batch *b, size_t i, size_t number, size_t version) {
    static const size_t lens[] = {0, 1, 16, 100, 100, 1024, LONGEST_VALUE};
    const size_t len = lens[(number / 7 + version) % 7];
    for (size_t at = 0; at < len; ++at) {
        b->value_bytes[i][at] = (uint8_t)(number * 31 + version * 7 + at);
    }
    b->values[i] = (bench_slice){b->value_bytes[i], len};
}

/* Key `first` and its successors, as many as a batch holds. */
static void fill(batch *b, size_t first, size_t version) {
    for (size_t i = 0; i < BATCH; ++i) {
        set_key(b, i, first + i);
        set_value(b, i, first + i, version);
    }
}

/* Asks for the batch's keys; each answer is the batch's value, or missing if `missing` says so. */
static void expect(const bench_peer *peer, void *store, batch *b, size_t n, int (*missing)(size_t)) {
    const size_t written = peer->mget(store, n, b->keys, b->out, b->lens);
    size_t at = 0;
    for (size_t i = 0; i < n; ++i) {
        if (missing(i)) {
            CHECK(b->lens[i] == UINT32_MAX);
            continue;
        }
        CHECK(b->lens[i] == b->values[i].len);
        CHECK(memcmp(b->out + at, b->values[i].ptr, b->lens[i]) == 0);
        at += b->lens[i];
    }
    CHECK(written == at);
}

static int none(size_t i) { return (void)i, 0; }
static int all(size_t i) { return (void)i, 1; }
static int every_third(size_t i) { return i % 3 == 0; }

static void run_batches(const bench_peer *peer, void *store, batch *b) {
    fill(b, 0, 0);
    expect(peer, store, b, BATCH, all);
    CHECK(peer->mdelete(store, BATCH, b->keys) == 0);
    CHECK(peer->scan(store) == 0);

    for (size_t version = 0; version < 8; ++version) { /* longer and shorter values over each other */
        fill(b, 0, version);
        peer->mset(store, BATCH, b->keys, b->values);
        expect(peer, store, b, BATCH, none);
    }
    size_t bytes = 0;
    for (size_t i = 0; i < BATCH; ++i) {
        bytes += b->keys[i].len;
    }
    CHECK(peer->scan(store) == bytes);

    size_t removed = 0;
    for (size_t i = 0; i < BATCH; i += 3) {
        removed += peer->mdelete(store, 1, &b->keys[i]);
        bytes -= b->keys[i].len;
    }
    CHECK(removed == (BATCH + 2) / 3);
    expect(peer, store, b, BATCH, every_third);
    CHECK(peer->scan(store) == bytes);
    CHECK(peer->mdelete(store, BATCH, b->keys) == BATCH - removed);
    CHECK(peer->scan(store) == 0);
}

/* One key twice in a batch: the later value stays, it is answered twice and removed once. */
static void run_repeated(const bench_peer *peer, void *store, batch *b) {
    for (size_t version = 0; version < 2; ++version) { /* the key is absent, then present */
        for (size_t i = 0; i < 2; ++i) {
            set_key(b, i, 42);
            set_value(b, i, 42, version + i);
        }
        peer->mset(store, 2, b->keys, b->values);
        b->values[0] = b->values[1];
        expect(peer, store, b, 2, none);
    }
    CHECK(peer->mdelete(store, 2, b->keys) == 1);
    expect(peer, store, b, 2, all);
}

typedef struct {
    const bench_peer *peer;
    void *store;
    size_t first, last; /* the keys that only this thread writes */
} part;

static void *run_part(void *argument) {
    const part *p = argument;
    batch *b = new_batch();
    for (size_t round = 0; round < ROUNDS; ++round) {
        for (size_t first = p->first; first < p->last; first += BATCH) {
            fill(b, first, round);
            p->peer->mset(p->store, BATCH, b->keys, b->values);
            expect(p->peer, p->store, b, BATCH, none);
            fill(b, 0, 0); /* written by nobody now */
            expect(p->peer, p->store, b, BATCH, none);
        }
        for (size_t first = p->first; first < p->last && round + 1 < ROUNDS; first += BATCH) {
            fill(b, first, round);
            expect(p->peer, p->store, b, BATCH, none);
            CHECK(p->peer->mdelete(p->store, BATCH, b->keys) == BATCH);
            expect(p->peer, p->store, b, BATCH, all);
        }
    }
    free(b);
    return NULL;
}

static void run_two_threads(const bench_peer *peer, void *store, batch *b) {
    fill(b, 0, 0);
    peer->mset(store, BATCH, b->keys, b->values);
    const size_t middle = BATCH + (KEYS - BATCH) / BATCH / 2 * BATCH;
    part parts[] = {{peer, store, BATCH, middle}, {peer, store, middle, KEYS}};
    pthread_t threads[2];
    for (size_t i = 0; i < 2; ++i) {
        CHECK(pthread_create(&threads[i], NULL, run_part, &parts[i]) == 0);
    }
    for (size_t i = 0; i < 2; ++i) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    size_t bytes = 0;
    for (size_t number = 0; number < KEYS; ++number) {
        bytes += key_len(number);
    }
    CHECK(peer->scan(store) == bytes);
}

int main(void) {
    size_t count;
    const bench_peer *const *peers = bench_native_peers(&count);
    batch *b = new_batch();
    for (size_t i = 0; i < count; ++i) {
        const bench_peer *peer = peers[i];
        void *store = peer->open(), *other = peer->open();
        run_batches(peer, store, b);
        run_repeated(peer, store, b);
        run_two_threads(peer, store, b);
        CHECK(peer->scan(other) == 0); /* stores share nothing */
        peer->close(other);
        peer->close(store);
        printf("ok  %-28s %s\n", peer->name, peer->version);
        fflush(stdout);
    }
    free(b);
    return 0;
}
