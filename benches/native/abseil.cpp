/*
 * The peer abseil's flat_hash_map, in shards behind a mutex each, as it has no lock of its own. Chosen: the mutexes
 * are taken once for up to 64 keys, readers beside readers, and the memory of these keys is prefetched then.
 */
#include "maps.hpp"

#include <absl/base/config.h>
#include <absl/container/flat_hash_map.h>
#include <absl/synchronization/mutex.h>

#include <algorithm>

namespace {

using map = absl::flat_hash_map<std::string, std::string>;

constexpr int SHARD_BITS = 4;
constexpr size_t CHUNK = 64;

absl::string_view view(const bench_slice &key) { return bench::view<absl::string_view>(key); }

class store {
  public:
    // Debian's library looks for deadlocks, which abseil's own release builds do not.
    store() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

    void mset(size_t n, const bench_slice *keys, const bench_slice *values) {
        each<&absl::Mutex::Lock, &absl::Mutex::Unlock>(n, keys, [&](size_t i, map &entries) {
            const std::string_view value = bench::view(values[i]);
            const auto [entry, is_new] = entries.try_emplace(view(keys[i]), value);
            if (!is_new) {
                entry->second.assign(value);
            }
        });
    }

    void mget(size_t n, const bench_slice *keys, bench::answers &answers) {
        each<&absl::Mutex::ReaderLock, &absl::Mutex::ReaderUnlock>(n, keys, [&](size_t i, const map &entries) {
            const auto entry = entries.find(view(keys[i]));
            if (entry != entries.end()) {
                answers.add(i, entry->second);
            }
        });
    }

    size_t mdelete(size_t n, const bench_slice *keys) {
        size_t removed = 0;
        each<&absl::Mutex::Lock, &absl::Mutex::Unlock>(
            n, keys, [&](size_t i, map &entries) { removed += entries.erase(view(keys[i])); });
        return removed;
    }

    size_t scan() {
        size_t bytes = 0;
        for (shard &part : shards_) {
            absl::ReaderMutexLock lock(&part.mutex);
            for (const auto &entry : part.entries) {
                bench_read(entry.first.data(), entry.first.size());
                bytes += entry.first.size();
            }
        }
        return bytes;
    }

  private:
    struct alignas(64) shard {
        absl::Mutex mutex;
        map entries;
    };

    // Calls use(index of the key, its map) for every key; LOCK and UNLOCK are the mutexes' functions.
    template <void (absl::Mutex::*LOCK)(), void (absl::Mutex::*UNLOCK)(), class Use>
    void each(size_t n, const bench_slice *keys, Use use) {
        for (size_t start = 0; start < n; start += CHUNK) {
            const size_t end = std::min(n, start + CHUNK);
            uint8_t at[CHUNK];
            unsigned touched = 0; // a bit for every shard
            for (size_t i = start; i < end; ++i) {
                // The highest bits of the hash: the maps use the lower ones.
                at[i - start] = static_cast<uint8_t>(map::hasher()(view(keys[i])) >> (64 - SHARD_BITS));
                touched |= 1U << at[i - start];
            }
            for (unsigned rest = touched; rest != 0; rest &= rest - 1) { // everybody in the same order
                (shards_[__builtin_ctz(rest)].mutex.*LOCK)();
            }
            if (end - start > 1) {
                for (size_t i = start; i < end; ++i) {
                    shards_[at[i - start]].entries.prefetch(view(keys[i]));
                }
            }
            for (size_t i = start; i < end; ++i) {
                use(i, shards_[at[i - start]].entries);
            }
            for (unsigned rest = touched; rest != 0; rest &= rest - 1) {
                (shards_[__builtin_ctz(rest)].mutex.*UNLOCK)();
            }
        }
    }

    shard shards_[1 << SHARD_BITS];
};

} // namespace

const bench_peer bench_abseil =
    bench::peer<store>("absl::flat_hash_map, sharded", BENCH_TEXT(ABSL_LTS_RELEASE_VERSION));
