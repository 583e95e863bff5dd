/*
 * The peer oneTBB's concurrent_hash_map. Chosen: lookups by view (a transparent hash), accessors reused for the whole
 * batch, the standard library's hash function like oneTBB's own comparison. It has no bulk calls.
 */
#include "maps.hpp"

#include <oneapi/tbb/concurrent_hash_map.h>
#include <oneapi/tbb/version.h>

namespace {

struct hash_compare {
    using is_transparent = void;
    size_t hash(std::string_view key) const { return std::hash<std::string_view>()(key); }
    bool equal(std::string_view a, std::string_view b) const { return a == b; }
};

class store {
  public:
    void mset(size_t n, const bench_slice *keys, const bench_slice *values) {
        map::accessor entry;
        for (size_t i = 0; i < n; ++i) {
            map_.insert(entry, bench::view(keys[i]));
            entry->second.assign(bench::view(values[i]));
        }
    }

    void mget(size_t n, const bench_slice *keys, bench::answers &answers) {
        map::const_accessor entry;
        for (size_t i = 0; i < n; ++i) {
            if (map_.find(entry, bench::view(keys[i]))) {
                answers.add(i, entry->second);
            }
        }
    }

    size_t mdelete(size_t n, const bench_slice *keys) {
        size_t removed = 0;
        for (size_t i = 0; i < n; ++i) {
            removed += map_.erase(bench::view(keys[i]));
        }
        return removed;
    }

    // The only function that must not run beside writers: oneTBB has no such traversal.
    size_t scan() {
        size_t bytes = 0;
        for (const auto &entry : map_) {
            bench_read(entry.first.data(), entry.first.size());
            bytes += entry.first.size();
        }
        return bytes;
    }

  private:
    using map = tbb::concurrent_hash_map<std::string, std::string, hash_compare>;

    map map_;
};

} // namespace

const bench_peer bench_tbb = bench::peer<store>("tbb::concurrent_hash_map", TBB_VERSION_STRING);
