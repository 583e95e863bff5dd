/*
 * The peers of this folder by name, each defined in the file of that name. It must not know how any of them works.
 */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "peer.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const bench_peer bench_boost, bench_tbb, bench_abseil, bench_lmdb, bench_sqlite, bench_redis;

#ifdef __cplusplus
}
#endif

/* A macro's value as text, for versions. */
#define BENCH_TEXT_OF(value) #value
#define BENCH_TEXT(macro) BENCH_TEXT_OF(macro)

#endif
