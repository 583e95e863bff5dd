/// Memory for the answers of mget_into, used again from call to call. Knows lengths, and nothing of stores.
#ifndef BYTESTORE_AREA_HPP
#define BYTESTORE_AREA_HPP

#include <bytestore.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
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
    area(area &&other) noexcept { swap(other); }
    area &operator=(area &&other) noexcept {
        area taken(std::move(other));
        swap(taken);
        return *this;
    }

    void swap(area &other) noexcept {
        slices_.swap(other.slices_);
        lens_.swap(other.lens_);
        bytes_.swap(other.bytes_);
        std::swap(size_, other.size_);
    }
    friend void swap(area &a, area &b) noexcept { a.swap(b); }

    /// How many keys the last call asked for; 0 when it failed.
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// The answer to key `index`, which must be below size().
    value_type operator[](std::size_t index) const noexcept { return detail::answer_of(slices_[index]); }

    iterator begin() const noexcept { return iterator(slices_.data()); }
    iterator end() const noexcept { return iterator(slices_.data() + size_); }

  private:
    friend class store;
    static constexpr std::size_t first_room = 4096;

    /// Where the C ABI can read the keys: the room that their answers will take.
    const bytestore_slice *take(const view_list &keys) {
        size_ = 0;
        if (keys.size() > slices_.size() || bytes_.empty()) {
            slices_.resize(keys.size());
            lens_.resize(keys.size());
            // Some address also for values of no bytes: without one they would be missing.
            bytes_.resize(std::max(bytes_.size(), first_room));
        }
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

    /// Makes `size` answers of the lengths that a call has written.
    void place(std::size_t size) noexcept {
        const std::uint8_t *value = bytes_.data();
        const std::size_t *const lens = lens_.data();
        bytestore_slice *const slices = slices_.data();
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t len = lens[i];
            if (len == BYTESTORE_MISSING) {
                slices[i] = {nullptr, 0};
            } else {
                slices[i] = {value, len};
                value += len;
            }
        }
        size_ = size;
    }

    std::vector<bytestore_slice> slices_; // keys on the way in, answers on the way out
    std::vector<std::size_t> lens_;
    std::vector<std::uint8_t> bytes_;
    std::size_t size_ = 0;
};

} // namespace bytestore

#endif
