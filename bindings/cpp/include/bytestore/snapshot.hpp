/// A store that was saved to memory. Knows buffers, and nothing of stores.
#ifndef BYTESTORE_SNAPSHOT_HPP
#define BYTESTORE_SNAPSHOT_HPP

#include <cstddef>
#include <string_view>

#include "values.hpp"

namespace bytestore {

/// What store::save_to_memory gives: the bytes of such a file as store::save writes.
///
/// Owns them: they stay where they are, whatever happens to the store, until this is destroyed or assigned to. Moving
/// hands them over, still valid, and leaves this empty. Move-only.
class snapshot {
  public:
    snapshot() = default;

    const char *data() const noexcept { return view().data(); }
    std::size_t size() const noexcept { return view().size(); }
    bool empty() const noexcept { return size() == 0; }

    std::string_view bytes() const & noexcept { return view(); }
    /// They would not live as long as the view: give the snapshot a name first.
    std::string_view bytes() const && = delete;

  private:
    friend class store;

    std::string_view view() const noexcept {
        return buffer_.size() == 0 ? std::string_view() : detail::view_of(buffer_[0]);
    }

    detail::buffer buffer_;
};

} // namespace bytestore

#endif
