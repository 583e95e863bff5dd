/*
 * The peer LMDB, on tmpfs. Chosen: a writable map without any flushing (MDB_WRITEMAP, MDB_NOSYNC), one transaction a
 * batch, read transactions kept and renewed. Its keys are 1 to 511 bytes long.
 */
#include "peers.h"
#include "pool.h"
#include "read.h"

#include <lmdb.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DIRECTORY "/dev/shm"
#define CHECK(call) check(call, #call)

typedef struct {
    MDB_env *env;
    MDB_dbi dbi;
    bench_pool readers; /* MDB_txn, reset */
} store;

static void check(int status, const char *call) {
    if (status != MDB_SUCCESS) {
        fprintf(stderr, "LMDB: %s: %s\n", call, mdb_strerror(status));
        abort();
    }
}

static MDB_val value_of(bench_slice bytes) { return (MDB_val){bytes.len, (void *)bytes.ptr}; }

static MDB_txn *begin(store *s) {
    MDB_txn *txn;
    CHECK(mdb_txn_begin(s->env, NULL, 0, &txn));
    return txn;
}

static MDB_txn *begin_read(store *s) {
    MDB_txn *txn = bench_pool_take(&s->readers);
    if (txn != NULL) {
        CHECK(mdb_txn_renew(txn));
    } else {
        CHECK(mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn));
    }
    return txn;
}

static void end_read(store *s, MDB_txn *txn) {
    mdb_txn_reset(txn);
    bench_pool_give(&s->readers, txn);
}

static void *open_store(void) {
    char path[] = DIRECTORY "/bytestore-bench-XXXXXX", lock[sizeof path + 5];
    int fd = mkstemp(path);
    struct statvfs space;
    BENCH_REQUIRE(fd >= 0 && fstatvfs(fd, &space) == 0, "no temporary file in " DIRECTORY);
    close(fd);

    store *s = malloc(sizeof *s);
    BENCH_REQUIRE(s != NULL, "no memory");
    bench_pool_init(&s->readers);
    CHECK(mdb_env_create(&s->env));
    CHECK(mdb_env_set_mapsize(s->env, space.f_bavail * space.f_frsize)); /* more would be a SIGBUS, not an error */
    /* MDB_NOTLS: a read transaction goes from thread to thread. */
    CHECK(mdb_env_open(s->env, path, MDB_NOSUBDIR | MDB_WRITEMAP | MDB_NOSYNC | MDB_NOTLS, 0600));
    MDB_txn *txn = begin(s);
    CHECK(mdb_dbi_open(txn, NULL, 0, &s->dbi));
    CHECK(mdb_txn_commit(txn));

    /* The files have done their duty once they are open, and nothing is left however the process ends. */
    snprintf(lock, sizeof lock, "%s-lock", path);
    unlink(path);
    unlink(lock);
    return s;
}

static void close_store(void *handle) {
    store *s = handle;
    for (MDB_txn *txn; (txn = bench_pool_take(&s->readers)) != NULL;) {
        mdb_txn_abort(txn);
    }
    mdb_env_close(s->env);
    free(s);
}

static void mset(void *handle, size_t n, const bench_slice *keys, const bench_slice *values) {
    store *s = handle;
    MDB_txn *txn = begin(s);
    for (size_t i = 0; i < n; ++i) {
        MDB_val key = value_of(keys[i]), value = value_of(values[i]);
        CHECK(mdb_put(txn, s->dbi, &key, &value, 0));
    }
    CHECK(mdb_txn_commit(txn));
}

static size_t mget(void *handle, size_t n, const bench_slice *keys, uint8_t *out, uint32_t *lens) {
    store *s = handle;
    uint8_t *next = out;
    MDB_txn *txn = begin_read(s);
    for (size_t i = 0; i < n; ++i) {
        MDB_val key = value_of(keys[i]), value;
        int status = mdb_get(txn, s->dbi, &key, &value);
        if (status == MDB_NOTFOUND) {
            lens[i] = UINT32_MAX;
            continue;
        }
        CHECK(status);
        memcpy(next, value.mv_data, value.mv_size);
        next += value.mv_size;
        lens[i] = (uint32_t)value.mv_size;
    }
    end_read(s, txn);
    return (size_t)(next - out);
}

static size_t mdelete(void *handle, size_t n, const bench_slice *keys) {
    store *s = handle;
    size_t removed = 0;
    MDB_txn *txn = begin(s);
    for (size_t i = 0; i < n; ++i) {
        MDB_val key = value_of(keys[i]);
        int status = mdb_del(txn, s->dbi, &key, NULL);
        if (status != MDB_NOTFOUND) {
            CHECK(status);
            ++removed;
        }
    }
    CHECK(mdb_txn_commit(txn));
    return removed;
}

static size_t scan(void *handle) {
    store *s = handle;
    size_t bytes = 0;
    MDB_cursor *cursor;
    MDB_val key, value;
    MDB_txn *txn = begin_read(s);
    CHECK(mdb_cursor_open(txn, s->dbi, &cursor));
    int status;
    while ((status = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        bench_read(key.mv_data, key.mv_size);
        bytes += key.mv_size;
    }
    if (status != MDB_NOTFOUND) {
        CHECK(status);
    }
    mdb_cursor_close(cursor);
    end_read(s, txn);
    return bytes;
}

#define VERSION BENCH_TEXT(MDB_VERSION_MAJOR) "." BENCH_TEXT(MDB_VERSION_MINOR) "." BENCH_TEXT(MDB_VERSION_PATCH)

const bench_peer bench_lmdb = {"LMDB on tmpfs", VERSION, open_store, close_store, mset, mget, mdelete, scan};
