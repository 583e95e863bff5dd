/// The answers of one mget. Knows buffers, and nothing of stores.
#ifndef BYTESTORE_VALUES_HPP
#define BYTESTORE_VALUES_HPP

#include <bytestore.h>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace bytestore {
namespace detail {

inline std::string_view view_of(const bytestore_slice &slice) noexcept {
    return {reinterpret_cast<const char *>(slice.ptr), slice.len};
}

/// An answer as the C ABI gives it.
inline std::optional<std::string_view> answer_of(const bytestore_slice &slice) noexcept {
    return slice.ptr == nullptr ? std::nullopt : std::optional(view_of(slice));
}

/// Steps through slices of the library, and gives what `read` makes of each.
template <typename Item, Item (*read)(const bytestore_slice &) noexcept> class slice_iterator {
  public:
    using iterator_category = std::input_iterator_tag; // it gives its items by value
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    slice_iterator() = default;
    explicit slice_iterator(const bytestore_slice *place) noexcept : place_(place) {}

    value_type operator*() const noexcept { return read(*place_); }
    slice_iterator &operator++() noexcept {
        ++place_;
        return *this;
    }
    slice_iterator operator++(int) noexcept { return slice_iterator(place_++); }
    friend bool operator==(slice_iterator a, slice_iterator b) noexcept { return a.place_ == b.place_; }
    friend bool operator!=(slice_iterator a, slice_iterator b) noexcept { return a.place_ != b.place_; }

  private:
    const bytestore_slice *place_ = nullptr;
};

/// Owns a buffer of the library. Move-only.
class buffer {
  public:
    buffer() = default;
    buffer(buffer &&other) noexcept : c_(std::exchange(other.c_, bytestore_buffer{})) {}
    buffer &operator=(buffer &&other) noexcept {
        free();
        std::swap(c_, other.c_); // assigning to itself leaves it empty
        return *this;
    }
    ~buffer() { free(); }

    std::size_t size() const noexcept { return c_.count; }
    const bytestore_slice &operator[](std::size_t index) const noexcept { return c_.slices[index]; }

    const bytestore_slice *begin() const noexcept { return c_.slices; } // nullptr without answers
    const bytestore_slice *end() const noexcept { return c_.slices + c_.count; }

    /// Where a call of the C ABI puts its answers. Frees what is there.
    bytestore_buffer *out() noexcept {
        free();
        return &c_;
    }

  private:
    void free() noexcept {
        if (c_.count != 0) { // one without answers owns nothing: the call is worth avoiding
            bytestore_free_buffer(&c_);
        }
    }

    bytestore_buffer c_{};
};

} // namespace detail

/// One answer for each key, in order: std::nullopt for a missing key, an empty view for an empty value.
///
/// Owns the bytes that its views refer to: they stay valid, whatever happens to the store, until
/// this is destroyed or assigned to. Moving hands them over, still valid, and leaves this empty. Move-only.
class values {
  public:
    using value_type = std::optional<std::string_view>;

    /// Steps through the answers. Reads the values it came from: they must live.
    using iterator = detail::slice_iterator<value_type, detail::answer_of>;

    values() = default;

    /// How many keys were asked for.
    std::size_t size() const noexcept { return buffer_.size(); }
    bool empty() const noexcept { return size() == 0; }

    /// The answer to key `index`, which must be below size().
    value_type operator[](std::size_t index) const & noexcept { return detail::answer_of(buffer_[index]); }
    /// The answer would outlive its bytes: give the values a name first.
    value_type operator[](std::size_t index) const && = delete;

    iterator begin() const noexcept { return iterator(buffer_.begin()); }
    iterator end() const noexcept { return iterator(buffer_.end()); }

  private:
    friend class store;

    detail::buffer buffer_;
};

} // namespace bytestore

#endif
