// A batch of keys or values as one run of bytes and their lengths, the form in which a batch
// crosses into the library with a single call. It must not know what is done with them.

import CBytestore

// Inlinable, so that packing is compiled for the caller's kinds of items: per item, generic code costs more
// than the store does.
@usableFromInline
struct PackedItems {
    @usableFromInline var bytes: [UInt8] = []
    @usableFromInline var lengths: [UInt32] = []

    /// None yet, with memory for so many.
    @inlinable
    init(expecting count: Int, bytes size: Int = 0) {
        lengths.reserveCapacity(count)
        bytes.reserveCapacity(size)
    }

    /// Packs copies of all items.
    @inlinable
    init(_ items: some Sequence<some ByteSequence>) throws {
        self.init(expecting: items.underestimatedCount)
        for item in items {
            try append(item)
        }
    }

    @inlinable
    mutating func append(_ item: some ByteSequence) throws {
        try item.withBytes { source in
            lengths.append(try Self.length(source.count, of: lengths.count))
            bytes.append(contentsOf: source)
        }
    }

    /// The length of item `index`, if the library can take an item so long.
    @usableFromInline
    static func length(_ count: Int, of index: Int) throws -> UInt32 {
        guard let length = UInt32(exactly: count), length <= longest else {
            throw ByteStoreError.invalidArgument(
                "item \(index) of the batch has \(count) bytes; the longest may have \(longest)")
        }
        return length
    }

    static let longest = BYTESTORE_MAX_ITEM_LEN
}
