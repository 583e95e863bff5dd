/// The keys of a store, a page at a time. Knows cursors, and nothing of stores.
#ifndef BYTESTORE_KEY_RANGE_HPP
#define BYTESTORE_KEY_RANGE_HPP

#include <bytestore.h>

#include <cstddef>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include "remote.hpp"
#include "values.hpp"

namespace bytestore {
namespace detail {

struct cursor_closer {
    void operator()(bytestore_cursor *cursor) const noexcept { bytestore_cursor_close(cursor); }
};

/// Owns a cursor of the library.
using cursor = std::unique_ptr<bytestore_cursor, cursor_closer>;

} // namespace detail

/// Keys in insertion order, on a server in any, for one pass: an input range of std::string_view.
///
/// A key stays valid until the next step. The keys are those of the first step, which begin()
/// makes; others may write, or close the store, meanwhile. A second begin() goes on where the
/// first pass stands. Move-only; iterators end with the range, also when it is moved. One thread
/// at a time. begin() and ++ throw bytestore::error when memory runs out or a server fails, and may be repeated.
class key_range {
  public:
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = std::string_view;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = std::string_view;

        iterator() = default;
        explicit iterator(key_range *range) : range_(range) { stop_at_end(); }

        std::string_view operator*() const noexcept { return detail::view_of(range_->page_[range_->place_]); }
        iterator &operator++() {
            range_->step();
            stop_at_end();
            return *this;
        }
        // What it gave would end with the page: there is nothing to return.
        void operator++(int) { ++*this; }

        friend bool operator==(iterator a, iterator b) noexcept { return a.range_ == b.range_; }
        friend bool operator!=(iterator a, iterator b) noexcept { return a.range_ != b.range_; }

      private:
        void stop_at_end() noexcept {
            if (range_->page_.size() == 0) {
                range_ = nullptr;
            }
        }

        key_range *range_ = nullptr; // nullptr: the end
    };

    /// Takes a cursor over. `store`: whose it is, to be asked why a server failed; it may be closed.
    explicit key_range(bytestore_cursor *cursor, bytestore_store *store = nullptr) noexcept
        : store_(store), cursor_(cursor) {}

    iterator begin() & { // needs a range that has a name, or a range-based for
        if (page_.size() == 0) {
            next_page();
        }
        return iterator(this);
    }
    iterator end() const noexcept { return iterator(); }

  private:
    void step() {
        if (place_ + 1 < page_.size()) {
            ++place_;
        } else {
            next_page();
        }
    }

    /// An error leaves the page and the place as they are.
    void next_page() {
        detail::buffer next;
        detail::check(store_, bytestore_cursor_next(cursor_.get(), 0, next.out()));
        page_ = std::move(next);
        place_ = 0;
    }

    bytestore_store *store_;
    detail::cursor cursor_;
    detail::buffer page_; // empty before the first step, and at the end
    std::size_t place_ = 0;
};

} // namespace bytestore

#endif
