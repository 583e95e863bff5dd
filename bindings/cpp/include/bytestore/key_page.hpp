/// Some keys at a time, for who goes on later. Knows buffers, and nothing of stores.
#ifndef BYTESTORE_KEY_PAGE_HPP
#define BYTESTORE_KEY_PAGE_HPP

#include <bytestore.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "values.hpp"

namespace bytestore {

/// The answer of one store::page: keys in insertion order, and where the next page begins.
///
/// Owns the bytes that its views refer to: they stay valid, whatever happens to the store, until this is destroyed or
/// assigned to. Moving hands them over, still valid, and leaves this empty. Move-only.
class key_page {
  public:
    using value_type = std::string_view;

    /// Steps through the keys. Reads the page it came from: that must live.
    using iterator = detail::slice_iterator<value_type, detail::view_of>;

    key_page() = default;

    /// How many keys; none is the end, until others are inserted.
    std::size_t size() const noexcept { return buffer_.size(); }
    bool empty() const noexcept { return size() == 0; }

    /// Key `index`, which must be below size().
    value_type operator[](std::size_t index) const & noexcept { return detail::view_of(buffer_[index]); }
    /// The key would outlive its bytes: give the page a name first.
    value_type operator[](std::size_t index) const && = delete;

    iterator begin() const noexcept { return iterator(buffer_.begin()); }
    iterator end() const noexcept { return iterator(buffer_.end()); }

    /// Where the next page begins, for store::page: a number to hand back, as it is, also as text in a URL. It is good
    /// for as long as the store is, whatever is set and deleted meanwhile.
    std::uint64_t next() const noexcept { return next_; }

  private:
    friend class store;

    detail::buffer buffer_;
    std::uint64_t next_ = 0;
};

} // namespace bytestore

#endif
