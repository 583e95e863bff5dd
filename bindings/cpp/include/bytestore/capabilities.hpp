/// What a store can promise. Knows the bits of the C ABI, and nothing of stores.
#ifndef BYTESTORE_CAPABILITIES_HPP
#define BYTESTORE_CAPABILITIES_HPP

#include <bytestore.h>

#include <cstdint>

namespace bytestore {

/// What a store can promise beside the four operations: in memory all of it, on a server less. A plain value.
struct capabilities {
    bool insertion_order = false; ///< keys come in the order in which they were inserted; else in any, each once
    bool atomic_batches = false;  ///< others see all of a batch or nothing, and a failed one has changed nothing
    bool prefix_steps = false;    ///< prefixes are one step, in time by what is found; else all keys are walked
    bool positions = false;       ///< store::page can be asked
    bool snapshots = false;       ///< the store can be saved and loaded
    bool sizes = false;           ///< stats know how many entries and bytes there are; else they are 0, or of copies
};

namespace detail {

/// What the bits say that are known here.
inline capabilities capabilities_of(std::uint64_t bits) noexcept {
    capabilities all;
    all.insertion_order = (bits & BYTESTORE_CAN_KEEP_ORDER) != 0;
    all.atomic_batches = (bits & BYTESTORE_CAN_BATCH_ATOMICALLY) != 0;
    all.prefix_steps = (bits & BYTESTORE_CAN_FIND_PREFIXES) != 0;
    all.positions = (bits & BYTESTORE_CAN_SEEK) != 0;
    all.snapshots = (bits & BYTESTORE_CAN_SAVE) != 0;
    all.sizes = (bits & BYTESTORE_CAN_MEASURE) != 0;
    return all;
}

} // namespace detail
} // namespace bytestore

#endif
