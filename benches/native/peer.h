/*
 * The C interface of every C and C++ peer: one table of functions a store. It knows neither bytestore nor what is
 * measured with it.
 *
 * All functions may be called from two threads at once on one store, except open and close, and scan beside writers
 * (not every library has such a traversal). The thread that opens a store lives as long as the store. A failure of
 * the peer's own library (no memory, no server) ends the process with a message: there is nothing left to measure
 * then. No function keeps a pointer to the caller's memory.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The same layout as bytestore_slice. */
typedef struct {
    const uint8_t *ptr;
    size_t len;
} bench_slice;

typedef struct {
    const char *name, *version; /* e.g. "boost::concurrent_flat_map", "1.88" */
    void *(*open)(void);
    void (*close)(void *);
    void (*mset)(void *, size_t n, const bench_slice *keys, const bench_slice *values);
    /* Bytes written, the found values side by side in the order of the keys; lens[i] = UINT32_MAX: missing. */
    size_t (*mget)(void *, size_t n, const bench_slice *keys, uint8_t *out, uint32_t *lens);
    /* How many were removed. */
    size_t (*mdelete)(void *, size_t n, const bench_slice *keys);
    /* Bytes of all keys, each visited and read. */
    size_t (*scan)(void *);
} bench_peer;

/* The peers of this build; the array lives as long as the process. */
const bench_peer *const *bench_native_peers(size_t *count);

#ifdef __cplusplus
}
#endif

#endif
