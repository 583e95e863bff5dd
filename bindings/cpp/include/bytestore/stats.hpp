/// What a store counts. Knows the numbers of the C ABI, and nothing of stores.
#ifndef BYTESTORE_STATS_HPP
#define BYTESTORE_STATS_HPP

#include <bytestore.h>

#include <cstdint>

namespace bytestore {

/// What happened in a store since it was made, and what is in it now. A plain value: nobody else changes it.
struct stats {
    std::uint64_t hits = 0;                 ///< keys that were looked up and found
    std::uint64_t misses = 0;               ///< keys that were looked up and not found
    std::uint64_t sets = 0;                 ///< pairs that were set
    std::uint64_t deletes = 0;              ///< entries that callers deleted
    std::uint64_t evictions_by_bytes = 0;   ///< entries that went because the store was over max_bytes
    std::uint64_t evictions_by_entries = 0; ///< entries that went because the store was over max_entries
    std::uint64_t expirations = 0;          ///< entries whose time was over, as far as their memory was taken back

    std::uint64_t entries = 0;        ///< that are there; those whose time is over until their memory is taken back
    std::uint64_t key_bytes = 0;      ///< bytes of their keys
    std::uint64_t value_bytes = 0;    ///< bytes of their values
    std::uint64_t overhead_bytes = 0; ///< what they take beside: max_bytes is compared with the sum of the three

    std::uint64_t max_bytes = 0;   ///< the store's bound; 0: none
    std::uint64_t max_entries = 0; ///< the store's bound; 0: none

    /// The part of the keys looked up that was found, from 0 to 1; 0 before the first.
    double hit_ratio() const noexcept {
        const double found = static_cast<double>(hits);
        return hits == 0 ? 0 : found / (found + static_cast<double>(misses));
    }
};

namespace detail {

inline stats stats_of(const bytestore_counters &c) noexcept {
    stats stats;
    stats.hits = c.hits;
    stats.misses = c.misses;
    stats.sets = c.sets;
    stats.deletes = c.deletes;
    stats.evictions_by_bytes = c.evictions_by_bytes;
    stats.evictions_by_entries = c.evictions_by_entries;
    stats.expirations = c.expirations;
    stats.entries = c.entries;
    stats.key_bytes = c.key_bytes;
    stats.value_bytes = c.value_bytes;
    stats.overhead_bytes = c.overhead_bytes;
    stats.max_bytes = c.max_bytes;
    stats.max_entries = c.max_entries;
    return stats;
}

} // namespace detail
} // namespace bytestore

#endif
