/// Room for the slices of one call: on the stack while the batch is small. Knows nothing of what it holds.
#ifndef BYTESTORE_SCRATCH_HPP
#define BYTESTORE_SCRATCH_HPP

#include <bytestore.h>

#include <cstddef>
#include <memory>

namespace bytestore {
namespace detail {

/// `size` slices that are not initialised.
class scratch {
  public:
    explicit scratch(std::size_t size) {
        if (size > small) {
            large_.reset(new bytestore_slice[size]);
        }
    }

    bytestore_slice *data() noexcept { return large_ ? large_.get() : small_; }

  private:
    static constexpr std::size_t small = 64; // 1 KiB

    // std::string_view may have another layout than bytestore_slice: hence the conversion at all.
    bytestore_slice small_[small];
    std::unique_ptr<bytestore_slice[]> large_;
};

} // namespace detail
} // namespace bytestore

#endif
