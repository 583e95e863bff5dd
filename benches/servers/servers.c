/* mget of 64 keys on a server, through the store and through hiredis, in turns. `servers URL [HOST PORT | SOCKET]`
 * writes one line of JSON; without the second part the store alone, as for memory and a cluster. */
#include <bytestore.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEYS = 10000, BATCH = 64, VALUE_LEN = 100, BATCHES = 200, ROUNDS = 25, KEY_LEN = 20 };

static char keys[KEYS][KEY_LEN + 1];
static uint64_t seen; /* so that answers are read */

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "servers: %s\n", what);
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

/* The batch of a number: always other keys, for both the same. */
static const char *key_of(size_t batch, size_t i) { return keys[(batch * 7919 + i * 104729) % KEYS]; }

static double own(bytestore_store *store) {
    const double start = now();
    for (size_t batch = 0; batch < BATCHES; batch++) {
        bytestore_slice items[BATCH];
        for (size_t i = 0; i < BATCH; i++) {
            items[i] = (bytestore_slice){(const uint8_t *)key_of(batch, i), KEY_LEN};
        }
        bytestore_buffer values;
        require(bytestore_mget(store, BATCH, items, NULL, &values) == BYTESTORE_OK, "mget");
        for (size_t i = 0; i < BATCH; i++) {
            require(values.slices[i].len == VALUE_LEN, "a value");
            seen += values.slices[i].ptr[i];
        }
        bytestore_free_buffer(&values);
    }
    return (now() - start) / BATCHES;
}

static double theirs(redisContext *server) {
    const double start = now();
    for (size_t batch = 0; batch < BATCHES; batch++) {
        const char *words[BATCH + 1] = {"MGET"};
        size_t lens[BATCH + 1] = {4};
        for (size_t i = 0; i < BATCH; i++) {
            words[i + 1] = key_of(batch, i);
            lens[i + 1] = KEY_LEN;
        }
        redisReply *reply = redisCommandArgv(server, BATCH + 1, words, lens);
        require(reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == BATCH, "MGET");
        for (size_t i = 0; i < BATCH; i++) {
            require(reply->element[i]->len == VALUE_LEN, "a value");
            seen += (uint8_t)reply->element[i]->str[i];
        }
        freeReplyObject(reply);
    }
    return (now() - start) / BATCHES;
}

static int by_size(const void *a, const void *b) {
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *all) {
    qsort(all, ROUNDS, sizeof *all, by_size);
    return all[ROUNDS / 2];
}

int main(int count, char **words) {
    require(count >= 2 && count <= 4, "usage: servers URL [HOST PORT | SOCKET]");
    bytestore_store *store;
    require(bytestore_open(words[1], &store, NULL) == BYTESTORE_OK, "the URL");
    redisContext *server = NULL;
    if (count > 2) {
        server = count == 4 ? redisConnect(words[2], atoi(words[3])) : redisConnectUnix(words[2]);
        require(server != NULL && server->err == 0, "a connection");
    }
    char value[VALUE_LEN];
    memset(value, 'v', sizeof value);
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof keys[i], "key-%016zu", i);
        const bytestore_slice key = {(const uint8_t *)keys[i], KEY_LEN}, bytes = {(const uint8_t *)value, VALUE_LEN};
        require(bytestore_mset(store, 1, &key, NULL, &bytes, NULL) == BYTESTORE_OK, "mset");
    }
    double ours[ROUNDS], peers[ROUNDS], ratios[ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        const int first = round % 2 == 0;
        if (first) {
            ours[round] = own(store);
        }
        peers[round] = server == NULL ? 0 : theirs(server);
        if (!first) {
            ours[round] = own(store);
        }
        ratios[round] = peers[round] / ours[round];
    }
    printf("{\"batch\": %d, \"value_len\": %d, \"bytestore_us\": %.2f", BATCH, VALUE_LEN, median(ours));
    if (server != NULL) {
        printf(", \"hiredis_us\": %.2f, \"ratio\": %.3f", median(peers), median(ratios));
        redisFree(server);
    }
    puts("}");
    bytestore_close(store);
    return seen == 0;
}
