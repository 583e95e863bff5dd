/// Batches as parameters: views of the caller's keys and entries, however they are kept. Knows nothing of stores.
///
/// A list refers to its source and copies nothing. It is made to be a parameter: do not keep one.
#ifndef BYTESTORE_LISTS_HPP
#define BYTESTORE_LISTS_HPP

#include <bytestore.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
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

/// What the iterators of a range that knows its size give.
template <typename Range>
using item_of = std::enable_if_t<std::is_convertible_v<decltype(std::size(std::declval<const Range &>())), std::size_t>,
                                 decltype(*std::begin(std::declval<const Range &>()))>;

/// A range may give views by value, but no other bytes: those would be gone before they are read.
template <typename Item, typename View>
constexpr bool outlives_step = std::is_lvalue_reference_v<Item> || std::is_same_v<Item, View>;

template <typename T> constexpr bool is_bytes = std::is_convertible_v<const T &, std::string_view>;

template <typename Range, typename = void> constexpr bool has_bytes = false;
template <typename Range>
constexpr bool has_bytes<Range, std::void_t<item_of<Range>>> =
    is_bytes<std::remove_reference_t<item_of<Range>>> && outlives_step<item_of<Range>, std::string_view>;

template <typename Range, typename = void> constexpr bool has_views_side_by_side = false;
template <typename Range>
constexpr bool has_views_side_by_side<Range, std::void_t<decltype(std::data(std::declval<const Range &>()))>> =
    std::is_same_v<decltype(std::data(std::declval<const Range &>())), const std::string_view *>;

template <typename Range, typename = void> constexpr bool has_entries = false;
template <typename Range>
constexpr bool has_entries<Range, std::void_t<decltype(std::declval<item_of<Range>>().first),
                                              decltype(std::declval<item_of<Range>>().second)>> =
    is_bytes<decltype(std::declval<item_of<Range>>().first)> &&
    is_bytes<decltype(std::declval<item_of<Range>>().second)> && outlives_step<item_of<Range>, entry>;

} // namespace detail

/// Keys, or values: a container, array or span whose items convert to std::string_view.
class view_list {
  public:
    view_list() = default;

    view_list(std::initializer_list<std::string_view> items) noexcept : view_list(items.begin(), items.size()) {}

    view_list(const std::string_view *items, std::size_t size) noexcept : source_(items), size_(size) {}

    template <typename Item, typename = std::enable_if_t<detail::is_bytes<Item>>>
    view_list(const Item *items, std::size_t size) noexcept : source_(items), size_(size), write_(&write_array<Item>) {}

    template <typename Range, typename = std::enable_if_t<detail::has_bytes<Range>>>
    view_list(const Range &items) : size_(std::size(items)) {
        if constexpr (detail::has_views_side_by_side<Range>) {
            source_ = std::data(items);
        } else {
            source_ = std::addressof(items);
            write_ = &write_range<Range>;
        }
    }

    std::size_t size() const noexcept { return size_; }

    /// Writes the items where the C ABI can read them: size() slices.
    void write(bytestore_slice *slices) const {
        if (write_ == nullptr) {
            write_array<std::string_view>(source_, size_, slices);
        } else {
            write_(source_, size_, slices);
        }
    }

  private:
    template <typename Range> static void write_range(const void *source, std::size_t, bytestore_slice *slices) {
        for (const auto &item : *static_cast<const Range *>(source)) {
            *slices++ = detail::slice_of(item);
        }
    }

    template <typename Item> static void write_array(const void *source, std::size_t size, bytestore_slice *slices) {
        const Item *items = static_cast<const Item *>(source);
        for (std::size_t i = 0; i < size; ++i) {
            slices[i] = detail::slice_of(items[i]);
        }
    }

    const void *source_ = nullptr;
    std::size_t size_ = 0;
    // One call a batch, with the loop over the items compiled for their type; none for views that lie side by side.
    void (*write_)(const void *, std::size_t, bytestore_slice *) = nullptr;
};

/// Keys with their values: a container, array or span of pairs whose two members convert to
/// std::string_view, or a map of such.
class entry_list {
  public:
    entry_list() = default;

    entry_list(std::initializer_list<entry> items) noexcept : entry_list(items.begin(), items.size()) {}

    template <typename Range, typename = std::enable_if_t<detail::has_entries<Range>>>
    entry_list(const Range &items)
        : source_(std::addressof(items)), size_(std::size(items)), write_(&write_range<Range>) {}

    template <typename Pair, typename = std::enable_if_t<detail::is_bytes<decltype(Pair::first)> &&
                                                         detail::is_bytes<decltype(Pair::second)>>>
    entry_list(const Pair *items, std::size_t size) noexcept
        : source_(items), size_(size), write_(&write_array<Pair>) {}

    std::size_t size() const noexcept { return size_; }

    /// Writes the items where the C ABI can read them: size() slices of keys and of values.
    void write(bytestore_slice *keys, bytestore_slice *values) const { write_(source_, size_, keys, values); }

  private:
    template <typename Range>
    static void write_range(const void *source, std::size_t, bytestore_slice *keys, bytestore_slice *values) {
        for (const auto &item : *static_cast<const Range *>(source)) {
            *keys++ = detail::slice_of(item.first);
            *values++ = detail::slice_of(item.second);
        }
    }

    template <typename Pair>
    static void write_array(const void *source, std::size_t size, bytestore_slice *keys, bytestore_slice *values) {
        const Pair *items = static_cast<const Pair *>(source);
        for (std::size_t i = 0; i < size; ++i) {
            keys[i] = detail::slice_of(items[i].first);
            values[i] = detail::slice_of(items[i].second);
        }
    }

    const void *source_ = nullptr;
    std::size_t size_ = 0;
    void (*write_)(const void *, std::size_t, bytestore_slice *, bytestore_slice *) = &write_array<entry>;
};

} // namespace bytestore

#endif
