/// Batches as parameters: views of the caller's keys and pairs, however they are kept. Knows nothing of stores.
///
/// A list refers to its source and copies nothing. It is made to be a parameter: do not keep one.
#ifndef BYTESTORE_LISTS_HPP
#define BYTESTORE_LISTS_HPP

#include <bytestore.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

namespace bytestore {

/// A key and its value.
using entry = std::pair<std::string_view, std::string_view>;

namespace detail {

inline bytestore_slice slice_of(std::string_view bytes) noexcept {
    return {reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size()};
}

/// The items of what std::data and std::size take: std::vector, std::array, std::span, C arrays, …
template <typename Range> using item_of = std::remove_pointer_t<decltype(std::data(std::declval<const Range &>()))>;

template <typename T> constexpr bool is_bytes = std::is_convertible_v<const T &, std::string_view>;

template <typename Range, typename = void> constexpr bool has_bytes = false;
template <typename Range> constexpr bool has_bytes<Range, std::void_t<item_of<Range>>> = is_bytes<item_of<Range>>;

template <typename Range, typename = void> constexpr bool has_pairs = false;
template <typename Range>
constexpr bool has_pairs<Range, std::void_t<decltype(std::declval<item_of<Range> &>().first),
                                            decltype(std::declval<item_of<Range> &>().second)>> =
    is_bytes<decltype(std::declval<item_of<Range> &>().first)> &&
    is_bytes<decltype(std::declval<item_of<Range> &>().second)>;

} // namespace detail

/// Keys, or values: anything contiguous whose items convert to std::string_view.
class view_list {
  public:
    view_list() = default;

    view_list(std::initializer_list<std::string_view> items) noexcept : view_list(items.begin(), items.size()) {}

    template <typename Range, typename = std::enable_if_t<detail::has_bytes<Range>>>
    view_list(const Range &items) : view_list(std::data(items), std::size(items)) {}

    template <typename Item, typename = std::enable_if_t<detail::is_bytes<Item>>>
    view_list(const Item *items, std::size_t size) noexcept : items_(items), size_(size), write_(&write_all<Item>) {}

    std::size_t size() const noexcept { return size_; }

    /// Writes the items where the C ABI can read them: size() slices.
    void write(bytestore_slice *slices) const { write_(items_, size_, slices); }

  private:
    template <typename Item> static void write_all(const void *items, std::size_t size, bytestore_slice *slices) {
        const Item *item = static_cast<const Item *>(items);
        for (std::size_t i = 0; i < size; ++i) {
            slices[i] = detail::slice_of(item[i]);
        }
    }

    const void *items_ = nullptr;
    std::size_t size_ = 0;
    // One call a batch, with the loop over the items compiled for their type.
    void (*write_)(const void *, std::size_t, bytestore_slice *) = &write_all<std::string_view>;
};

/// Keys with their values: anything contiguous of pairs whose two members convert to std::string_view.
class entry_list {
  public:
    entry_list() = default;

    entry_list(std::initializer_list<entry> items) noexcept : entry_list(items.begin(), items.size()) {}

    template <typename Range, typename = std::enable_if_t<detail::has_pairs<Range>>>
    entry_list(const Range &items) : entry_list(std::data(items), std::size(items)) {}

    template <typename Pair>
    entry_list(const Pair *items, std::size_t size) noexcept : items_(items), size_(size), write_(&write_all<Pair>) {}

    std::size_t size() const noexcept { return size_; }

    /// Writes the items where the C ABI can read them: size() slices of keys and of values.
    void write(bytestore_slice *keys, bytestore_slice *values) const { write_(items_, size_, keys, values); }

  private:
    template <typename Pair>
    static void write_all(const void *items, std::size_t size, bytestore_slice *keys, bytestore_slice *values) {
        const Pair *item = static_cast<const Pair *>(items);
        for (std::size_t i = 0; i < size; ++i) {
            keys[i] = detail::slice_of(item[i].first);
            values[i] = detail::slice_of(item[i].second);
        }
    }

    const void *items_ = nullptr;
    std::size_t size_ = 0;
    void (*write_)(const void *, std::size_t, bytestore_slice *, bytestore_slice *) = &write_all<entry>;
};

} // namespace bytestore

#endif
