/*
 * The peer Redis, over a Unix socket. Chosen: one command and so one round trip a batch (MSET, MGET, DEL), nothing
 * written to disk, a connection for every thread. Each store has a server of its own, a child of the thread that
 * opened it: the kernel ends the server with that thread, so that none is ever left behind.
 */
#include "peers.h"
#include "pool.h"
#include "read.h"

#include <hiredis.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIRECTORY "/tmp/bytestore-bench-XXXXXX"
#define STARTING_MS 10000

extern char **environ;

typedef struct {
    pid_t server;
    char directory[sizeof DIRECTORY], socket[sizeof DIRECTORY + 8];
    bench_pool connections;
} store;

/* A connection and the memory for its commands' words. */
typedef struct {
    redisContext *context;
    const char **words;
    size_t *lens, count, capacity;
} connection;

static connection *take(store *s) {
    connection *c = bench_pool_take(&s->connections);
    if (c == NULL) {
        c = calloc(1, sizeof *c);
        BENCH_REQUIRE(c != NULL, "no memory");
        c->context = redisConnectUnix(s->socket);
        BENCH_REQUIRE(c->context != NULL && c->context->err == 0, "cannot connect to the Redis server");
    }
    return c;
}

/* Starts a command of so many words. */
static void start(connection *c, const char *name, size_t words) {
    if (words > c->capacity) {
        c->words = realloc(c->words, words * sizeof *c->words);
        c->lens = realloc(c->lens, words * sizeof *c->lens);
        BENCH_REQUIRE(c->words != NULL && c->lens != NULL, "no memory");
        c->capacity = words;
    }
    c->words[0] = name;
    c->lens[0] = strlen(name);
    c->count = 1;
}

static void add(connection *c, bench_slice word) {
    c->words[c->count] = (const char *)word.ptr;
    c->lens[c->count++] = word.len;
}

/* Sends the command and waits for its answer. */
static redisReply *answer(connection *c, int type) {
    redisReply *reply = redisCommandArgv(c->context, (int)c->count, c->words, c->lens);
    BENCH_REQUIRE(reply != NULL, c->context->errstr);
    BENCH_REQUIRE(reply->type == type, reply->type == REDIS_REPLY_ERROR ? reply->str : "an odd answer from Redis");
    return reply;
}

static void wait_until_ready(store *s) {
    for (int waited = 0;; ++waited) {
        redisContext *context = redisConnectUnix(s->socket);
        const int ready = context != NULL && context->err == 0;
        if (context != NULL) {
            redisFree(context);
        }
        if (ready) {
            return;
        }
        BENCH_REQUIRE(waitpid(s->server, NULL, WNOHANG) == 0 && waited < STARTING_MS, "redis-server does not start");
        usleep(1000);
    }
}

static void *open_store(void) {
    store *s = malloc(sizeof *s);
    BENCH_REQUIRE(s != NULL, "no memory");
    bench_pool_init(&s->connections);
    strcpy(s->directory, DIRECTORY);
    BENCH_REQUIRE(mkdtemp(s->directory) != NULL, "no temporary directory");
    snprintf(s->socket, sizeof s->socket, "%s/socket", s->directory);
    /* Not fork: it would make the memory of the other store in this process slow to write to for a while. */
    const char *const command[] = {
        "setpriv",   "--pdeathsig",  "KILL", "redis-server", "--port",  "0",     "--save",
        "",          "--appendonly", "no",   "--unixsocket", s->socket, "--dir", s->directory,
        "--logfile", "/dev/null",    NULL};
    BENCH_REQUIRE(posix_spawnp(&s->server, command[0], NULL, NULL, (char *const *)command, environ) == 0,
                  "cannot start setpriv and redis-server");
    wait_until_ready(s);
    return s;
}

static void close_store(void *handle) {
    store *s = handle;
    for (connection *c; (c = bench_pool_take(&s->connections)) != NULL;) {
        redisFree(c->context);
        free(c->words);
        free(c->lens);
        free(c);
    }
    kill(s->server, SIGKILL);
    waitpid(s->server, NULL, 0);
    unlink(s->socket);
    rmdir(s->directory);
    free(s);
}

static void mset(void *handle, size_t n, const bench_slice *keys, const bench_slice *values) {
    store *s = handle;
    connection *c = take(s);
    start(c, "MSET", 1 + 2 * n);
    for (size_t i = 0; i < n; ++i) {
        add(c, keys[i]);
        add(c, values[i]);
    }
    freeReplyObject(answer(c, REDIS_REPLY_STATUS));
    bench_pool_give(&s->connections, c);
}

static void start_with_keys(connection *c, const char *name, size_t n, const bench_slice *keys) {
    start(c, name, 1 + n);
    for (size_t i = 0; i < n; ++i) {
        add(c, keys[i]);
    }
}

static size_t mget(void *handle, size_t n, const bench_slice *keys, uint8_t *out, uint32_t *lens) {
    store *s = handle;
    connection *c = take(s);
    start_with_keys(c, "MGET", n, keys);
    redisReply *reply = answer(c, REDIS_REPLY_ARRAY);
    uint8_t *next = out;
    for (size_t i = 0; i < n; ++i) {
        const redisReply *value = reply->element[i];
        lens[i] = UINT32_MAX;
        if (value->type == REDIS_REPLY_STRING) {
            memcpy(next, value->str, value->len);
            next += value->len;
            lens[i] = (uint32_t)value->len;
        }
    }
    freeReplyObject(reply);
    bench_pool_give(&s->connections, c);
    return (size_t)(next - out);
}

static size_t mdelete(void *handle, size_t n, const bench_slice *keys) {
    store *s = handle;
    connection *c = take(s);
    start_with_keys(c, "DEL", n, keys);
    redisReply *reply = answer(c, REDIS_REPLY_INTEGER);
    const size_t removed = (size_t)reply->integer;
    freeReplyObject(reply);
    bench_pool_give(&s->connections, c);
    return removed;
}

static size_t scan(void *handle) {
    store *s = handle;
    connection *c = take(s);
    size_t bytes = 0;
    char cursor[32] = "0";
    do {
        start(c, "SCAN", 4);
        add(c, (bench_slice){(const uint8_t *)cursor, strlen(cursor)});
        add(c, (bench_slice){(const uint8_t *)"COUNT", 5});
        add(c, (bench_slice){(const uint8_t *)"1000", 4});
        redisReply *reply = answer(c, REDIS_REPLY_ARRAY);
        snprintf(cursor, sizeof cursor, "%s", reply->element[0]->str);
        const redisReply *keys = reply->element[1];
        for (size_t i = 0; i < keys->elements; ++i) {
            bench_read(keys->element[i]->str, keys->element[i]->len);
            bytes += keys->element[i]->len;
        }
        freeReplyObject(reply);
    } while (strcmp(cursor, "0") != 0);
    bench_pool_give(&s->connections, c);
    return bytes;
}

const bench_peer bench_redis = {
    "Redis, Unix socket", BENCH_TEXT(REDIS_VERSION), open_store, close_store, mset, mget, mdelete, scan};
