/*
 * The list of native peers, in the order of the report. It must not know how any of them works.
 */
#include "peers.h"

#include <iterator>

const bench_peer *const *bench_native_peers(size_t *count) {
    static const bench_peer *const peers[] = {&bench_boost, &bench_tbb,    &bench_abseil,
                                              &bench_lmdb,  &bench_sqlite, &bench_redis};
    *count = std::size(peers);
    return peers;
}
