/// Memory for the answers of mget_into, used again from call to call. Knows lengths, and nothing of stores.
#ifndef BYTESTORE_AREA_HPP
#define BYTESTORE_AREA_HPP

#include <bytestore.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lists.hpp"
#include "values.hpp"

namespace bytestore {

/// Where store::mget_into writes values, and the answers of its last call: one for each key, in order; std::nullopt
/// for a missing key, an empty view for an empty value.
///
/// Keep it and use it again: it grows to the largest batch it was given, and calls that fit allocate nothing. Its views
/// are valid until the next call with it, its end, or an assignment to it; moving hands them over and leaves this
/// empty. Move-only. One thread at a time.
class area {
  public:
    using value_type = values::value_type;
    using iterator = values::iterator;

    area() = default;
    area(area &&) = default;
    area &operator=(area &&) = default;

    /// How many keys the last call asked for; 0 when it failed.
    std::size_t size() const noexcept { return slices_.size(); }
    bool empty() const noexcept { return slices_.empty(); }

    /// The answer to key `index`, which must be below size().
    value_type operator[](std::size_t index) const noexcept { return detail::answer_of(slices_[index]); }

    iterator begin() const noexcept { return iterator(slices_.data()); }
    iterator end() const noexcept { return iterator(slices_.data() + slices_.size()); }

  private:
    friend class store;
    static constexpr std::size_t first_room = 4096;

    /// Where the C ABI can read the keys: the room that their answers will take.
    const bytestore_slice *take(const view_list &keys) {
        slices_.clear(); // of the last call, whatever happens now
        lens_.resize(std::max(lens_.size(), keys.size()));
        // Some address also for values of no bytes: without one they would be missing.
        bytes_.resize(std::max(bytes_.size(), first_room));
        slices_.resize(keys.size());
        keys.write(slices_.data());
        return slices_.data();
    }

    bytestore_area memory() noexcept { return {bytes_.data(), bytes_.size(), lens_.data(), 0}; }

    /// Makes room for so many bytes of values; false when there was enough.
    bool grows_to(std::size_t size) {
        if (size <= bytes_.size()) {
            return false;
        }
        bytes_.resize(std::max(size, 2 * bytes_.size()));
        return true;
    }

    void clear() noexcept { slices_.clear(); }

    /// Makes answers of the lengths that a call has written.
    void place() noexcept {
        const std::uint8_t *value = bytes_.data();
        const std::size_t *len = lens_.data();
        for (bytestore_slice &slice : slices_) {
            const bool missing = *len == BYTESTORE_MISSING;
            slice = {missing ? nullptr : value, missing ? 0 : *len};
            value += slice.len;
            ++len;
        }
    }

    std::vector<bytestore_slice> slices_; // keys on the way in, answers on the way out
    std::vector<std::size_t> lens_;
    std::vector<std::uint8_t> bytes_;
};

} // namespace bytestore

#endif
