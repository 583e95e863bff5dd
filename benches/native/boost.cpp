/*
 * The peer boost::concurrent_flat_map. Chosen: bulk visits, which look up several keys at once, for reading and for
 * overwriting; lookups by view (a transparent hash); the library's own hash function.
 */
#include "maps.hpp"

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/concurrent_flat_map.hpp>
#include <boost/version.hpp>

#include <algorithm>

namespace {

// A key to look up. A bulk visit does not say which key it is at, so the comparison that found it leaves a note.
struct probe {
    std::string_view key;
    size_t index;
    size_t *found;
};

struct hash {
    using is_transparent = void;
    using is_avalanching = boost::unordered::hash_is_avalanching<boost::hash<std::string_view>>::type;
    size_t operator()(std::string_view key) const { return boost::hash<std::string_view>()(key); }
    size_t operator()(const probe &probe) const { return (*this)(probe.key); }
};

struct equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
    bool operator()(const probe &probe, std::string_view key) const {
        *probe.found = probe.index;
        return probe.key == key;
    }
};

class store {
  public:
    void mset(size_t n, const bench_slice *keys, const bench_slice *values) {
        chunks(n, keys, [&](size_t start, const probe *first, const probe *last) {
            bool present[map::bulk_visit_size] = {};
            map_.visit(first, last, [&](auto &entry) {
                present[*first->found - start] = true;
                entry.second.assign(bench::view(values[*first->found]));
            });
            for (const probe *absent = first; absent != last; ++absent) {
                if (!present[absent->index - start]) {
                    std::string_view value = bench::view(values[absent->index]);
                    map_.try_emplace_or_visit(absent->key, value, [&](auto &entry) { entry.second.assign(value); });
                }
            }
        });
    }

    void mget(size_t n, const bench_slice *keys, bench::answers &answers) {
        chunks(n, keys, [&](size_t, const probe *first, const probe *last) {
            map_.cvisit(first, last, [&](const auto &entry) { answers.add(*first->found, entry.second); });
        });
    }

    size_t mdelete(size_t n, const bench_slice *keys) {
        size_t removed = 0;
        for (size_t i = 0; i < n; ++i) {
            removed += map_.erase(bench::view(keys[i]));
        }
        return removed;
    }

    size_t scan() {
        size_t bytes = 0;
        map_.cvisit_all([&](const auto &entry) {
            bench_read(entry.first.data(), entry.first.size());
            bytes += entry.first.size();
        });
        return bytes;
    }

  private:
    using map = boost::concurrent_flat_map<std::string, std::string, hash, equal>;

    // Calls visit(index of the first key, first, last) for as many keys at a time as a bulk visit takes.
    template <class Visit> static void chunks(size_t n, const bench_slice *keys, Visit visit) {
        probe probes[map::bulk_visit_size];
        size_t found = 0;
        for (size_t start = 0; start < n; start += map::bulk_visit_size) {
            const size_t count = std::min<size_t>(n - start, map::bulk_visit_size);
            for (size_t i = 0; i < count; ++i) {
                probes[i] = {bench::view(keys[start + i]), start + i, &found};
            }
            visit(start, static_cast<const probe *>(probes), static_cast<const probe *>(probes + count));
        }
    }

    map map_;
};

constexpr int MINOR = BOOST_VERSION / 100 % 1000;
constexpr char VERSION[] = {'0' + BOOST_VERSION / 100000, '.', '0' + MINOR / 10, '0' + MINOR % 10, 0};

} // namespace

const bench_peer bench_boost = bench::peer<store>("boost::concurrent_flat_map", VERSION);
