// A batch of keys or values as one run of bytes and their lengths, the form in which a batch
// crosses into the library with a single call. It must not know what is done with them.

import CBytestore

struct PackedItems {
    private(set) var bytes: [UInt8] = []
    private(set) var lengths: [UInt32] = []

    /// Packs copies of all items.
    init(_ items: some Sequence<some ByteSequence>) throws {
        lengths.reserveCapacity(items.underestimatedCount)
        for item in items {
            try append(item)
        }
    }

    init() {}

    mutating func append(_ item: some ByteSequence) throws {
        try item.withBytes { source in
            lengths.append(try Self.length(source.count, of: lengths.count))
            bytes.append(contentsOf: source)
        }
    }

    /// The length of item `index`, if the library can take an item so long.
    static func length(_ count: Int, of index: Int) throws -> UInt32 {
        guard count <= BYTESTORE_MAX_ITEM_LEN, let length = UInt32(exactly: count) else {
            throw ByteStoreError.invalidArgument(
                "item \(index) of the batch has \(count) bytes; the longest may have \(BYTESTORE_MAX_ITEM_LEN)")
        }
        return length
    }
}
