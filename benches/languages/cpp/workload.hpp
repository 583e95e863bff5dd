/// The bytes: keys, values, and which keys are asked for. All of it follows from one seed. Knows no store.
#ifndef BENCH_WORKLOAD_HPP
#define BENCH_WORKLOAD_HPP

#include "../../native/peer.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace bench {

constexpr std::size_t key_size = 35;

/// How many entries a store has, and how long their values are.
struct shape {
    std::size_t entries = 1000000;
    std::size_t value = 100;
};

inline std::uint64_t mix(std::uint64_t number) {
    std::uint64_t z = number + 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

/// A stream of random numbers (splitmix64).
class numbers {
  public:
    explicit numbers(std::uint64_t stream) : state_(mix(stream)) {}

    std::size_t below(std::size_t limit) {
        state_ += 0x9E3779B97F4A7C15;
        return mix(state_) % limit;
    }

  private:
    std::uint64_t state_;
};

/// Where all values come from: random bytes, of which the entry's number picks a stretch.
class values {
  public:
    explicit values(std::size_t size) : area_(stretches + size), size_(size) {
        numbers bytes(1);
        for (char &byte : area_) {
            byte = static_cast<char>(bytes.below(256));
        }
    }

    std::string_view of(std::size_t entry) const { return {area_.data() + mix(entry) % stretches, size_}; }

  private:
    static constexpr std::size_t stretches = 1 << 18;

    std::vector<char> area_;
    std::size_t size_;
};

/// Keys side by side in the caller's memory, and their values, as C++ programs have them and as the peers take them.
class pairs {
  public:
    explicit pairs(std::size_t size) : bytes_(size * key_size), keys_(size), values_(size), slices_(2 * size) {}

    /// Pair `index` becomes that of an entry.
    void make(std::size_t index, std::size_t entry, const values &all) {
        char *const key = bytes_.data() + index * key_size;
        std::memcpy(key, "doc/embeddings/text", key_size - digits);
        std::uint64_t number = mix(entry); // no other entry has these digits
        for (std::size_t at = key_size - digits; at < key_size; ++at, number >>= 4) {
            key[at] = "0123456789abcdef"[number & 15];
        }
        keys_[index] = {key, key_size};
        values_[index] = all.of(entry);
        slices_[index] = slice(keys_[index]);
        slices_[keys_.size() + index] = slice(values_[index]);
    }

    std::size_t size() const { return keys_.size(); }
    const std::string_view *keys() const { return keys_.data(); }
    const std::string_view *values_of_keys() const { return values_.data(); }
    const bench_slice *key_slices() const { return slices_.data(); }
    const bench_slice *value_slices() const { return slices_.data() + keys_.size(); }

  private:
    static constexpr std::size_t digits = 16;

    static bench_slice slice(std::string_view view) {
        return {reinterpret_cast<const std::uint8_t *>(view.data()), view.size()};
    }

    std::vector<char> bytes_;
    std::vector<std::string_view> keys_, values_;
    std::vector<bench_slice> slices_;
};

} // namespace bench

#endif
