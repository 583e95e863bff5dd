/// Room for the slices of one call: on the stack while the batch is small. Knows nothing of what it holds.
#ifndef BYTESTORE_SCRATCH_HPP
#define BYTESTORE_SCRATCH_HPP

#include <bytestore.h>

#include <cstddef>
#include <memory>

namespace bytestore {

/// So many keys or entries a call takes without any allocation of its own.
constexpr std::size_t small_batch = 256;

namespace detail {

/// `size` slices that are not initialised.
///
/// A std::string_view is the same two words as a bytestore_slice, in libstdc++ the other way round, and reading one
/// as the other is undefined anyway: so the words are written once more, never the bytes that they refer to.
class scratch {
  public:
    explicit scratch(std::size_t size) {
        if (size > small_batch) {
            large_.reset(new bytestore_slice[size]);
        }
    }

    bytestore_slice *data() noexcept { return large_ ? large_.get() : small_; }

  private:
    bytestore_slice small_[small_batch]; // 4 KiB
    std::unique_ptr<bytestore_slice[]> large_;
};

} // namespace detail
} // namespace bytestore

#endif
