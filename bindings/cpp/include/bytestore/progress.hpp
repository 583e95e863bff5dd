/// How far a long call has come. Knows nothing of how.
#ifndef BYTESTORE_PROGRESS_HPP
#define BYTESTORE_PROGRESS_HPP

#include <cstdint>

namespace bytestore {

/// Of a store that is being saved entries, of one that is being loaded bytes; both 0 when neither is under way. A plain
/// value: nobody else changes it.
struct progress {
    std::uint64_t done = 0;
    std::uint64_t total = 0; ///< may be some more than there is to do
};

} // namespace bytestore

#endif
