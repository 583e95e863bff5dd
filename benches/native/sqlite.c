/*
 * The peer SQLite, in memory. Chosen: prepared statements, one transaction a batch, no journal, no statistics of
 * memory; one connection behind a mutex, as an in-memory database belongs to one connection.
 */
#include "fail.h"
#include "peers.h"
#include "read.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#define REQUIRE(condition) require(s, condition, #condition)

typedef struct {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *set, *get, *del, *keys;
    pthread_mutex_t lock;
} store;

static void require(store *s, int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "SQLite: %s: %s\n", what, sqlite3_errmsg(s->db));
        abort();
    }
}

static sqlite3_stmt *prepare(store *s, const char *sql) {
    sqlite3_stmt *statement;
    REQUIRE(sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) == SQLITE_OK);
    return statement;
}

/* Blobs are not copied: each is only used until the statement is reset. */
static void bind(store *s, sqlite3_stmt *statement, int place, bench_slice bytes) {
    const void *start = bytes.ptr != NULL ? (const void *)bytes.ptr : ""; /* NULL would be an SQL NULL */
    REQUIRE(sqlite3_bind_blob64(statement, place, start, bytes.len, SQLITE_STATIC) == SQLITE_OK);
}

/* Runs a statement that answers nothing. */
static void run(store *s, sqlite3_stmt *statement) {
    REQUIRE(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_reset(statement);
}

/* One statement is a transaction anyway. */
static void begin(store *s, size_t n) {
    pthread_mutex_lock(&s->lock);
    if (n > 1) {
        run(s, s->begin);
    }
}

static void end(store *s, size_t n) {
    if (n > 1) {
        run(s, s->commit);
    }
    pthread_mutex_unlock(&s->lock);
}

static void configure(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static void *open_store(void) {
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    pthread_once(&configured, configure);
    store *s = malloc(sizeof *s);
    BENCH_REQUIRE(s != NULL, "no memory");
    pthread_mutex_init(&s->lock, NULL);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    REQUIRE(sqlite3_open_v2(":memory:", &s->db, flags, NULL) == SQLITE_OK);
    const char *schema = "PRAGMA journal_mode = OFF;"
                         "CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";
    REQUIRE(sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK);
    s->begin = prepare(s, "BEGIN");
    s->commit = prepare(s, "COMMIT");
    s->set = prepare(s, "REPLACE INTO entries VALUES (?1, ?2)");
    s->get = prepare(s, "SELECT value FROM entries WHERE key = ?1");
    s->del = prepare(s, "DELETE FROM entries WHERE key = ?1");
    s->keys = prepare(s, "SELECT key FROM entries");
    return s;
}

static void close_store(void *handle) {
    store *s = handle;
    sqlite3_stmt *statements[] = {s->begin, s->commit, s->set, s->get, s->del, s->keys};
    for (size_t i = 0; i < sizeof statements / sizeof *statements; ++i) {
        sqlite3_finalize(statements[i]);
    }
    sqlite3_close(s->db);
    free(s);
}

static void mset(void *handle, size_t n, const bench_slice *keys, const bench_slice *values) {
    store *s = handle;
    begin(s, n);
    for (size_t i = 0; i < n; ++i) {
        bind(s, s->set, 1, keys[i]);
        bind(s, s->set, 2, values[i]);
        run(s, s->set);
    }
    end(s, n);
}

static size_t mget(void *handle, size_t n, const bench_slice *keys, uint8_t *out, uint32_t *lens) {
    store *s = handle;
    uint8_t *next = out;
    begin(s, n);
    for (size_t i = 0; i < n; ++i) {
        bind(s, s->get, 1, keys[i]);
        const int status = sqlite3_step(s->get);
        lens[i] = UINT32_MAX;
        if (status == SQLITE_ROW) {
            const void *value = sqlite3_column_blob(s->get, 0); /* NULL when empty */
            lens[i] = (uint32_t)sqlite3_column_bytes(s->get, 0);
            if (lens[i] > 0) {
                memcpy(next, value, lens[i]);
                next += lens[i];
            }
        } else {
            REQUIRE(status == SQLITE_DONE);
        }
        sqlite3_reset(s->get);
    }
    end(s, n);
    return (size_t)(next - out);
}

static size_t mdelete(void *handle, size_t n, const bench_slice *keys) {
    store *s = handle;
    size_t removed = 0;
    begin(s, n);
    for (size_t i = 0; i < n; ++i) {
        bind(s, s->del, 1, keys[i]);
        run(s, s->del);
        removed += (size_t)sqlite3_changes(s->db);
    }
    end(s, n);
    return removed;
}

static size_t scan(void *handle) {
    store *s = handle;
    size_t bytes = 0;
    int status;
    begin(s, 1);
    while ((status = sqlite3_step(s->keys)) == SQLITE_ROW) {
        const void *key = sqlite3_column_blob(s->keys, 0);
        const size_t len = (size_t)sqlite3_column_bytes(s->keys, 0);
        bench_read(key, len);
        bytes += len;
    }
    REQUIRE(status == SQLITE_DONE);
    sqlite3_reset(s->keys);
    end(s, 1);
    return bytes;
}

const bench_peer bench_sqlite = {
    "SQLite in memory", SQLITE_VERSION, open_store, close_store, mset, mget, mdelete, scan};
