// A batch of keys or values as one run of bytes and their lengths, the form in which a batch
// crosses into the library with a single call. It must not know what is done with them.

import CBytestore

// Inlinable, so that packing is compiled for the caller's kinds of items: per item, generic code costs more
// than the store does. One block of memory rather than two arrays, which ask at every step who else holds them.
@usableFromInline
struct PackedItems: ~Copyable {
    /// How many items there are, and how many bytes they have together.
    @usableFromInline var count = 0
    @usableFromInline var size = 0

    /// The block: room for so many lengths, and behind them for so many bytes.
    @usableFromInline var lengths: UnsafeMutablePointer<UInt32>
    @usableFromInline var bytes: UnsafeMutableRawPointer
    @usableFromInline var countRoom: Int
    @usableFromInline var sizeRoom: Int

    /// None yet, with room for so many.
    @usableFromInline
    init(countRoom: Int, sizeRoom: Int) {
        self.countRoom = countRoom
        self.sizeRoom = sizeRoom
        let lengthsSize = countRoom * MemoryLayout<UInt32>.stride
        let block = UnsafeMutableRawPointer.allocate(
            byteCount: lengthsSize + sizeRoom, alignment: MemoryLayout<UInt32>.alignment)
        lengths = block.bindMemory(to: UInt32.self, capacity: countRoom)
        bytes = block + lengthsSize
    }

    deinit {
        lengths.deallocate()
    }

    /// Packs copies of all items.
    @inlinable
    init(_ items: some Sequence<some ByteSequence>) throws {
        let count = items.underestimatedCount
        self.init(countRoom: count, sizeRoom: count * Self.usualKey)
        for item in items {
            try append(item)
        }
    }

    @inlinable
    mutating func append(_ item: some ByteSequence) throws {
        try item.withBytes { source in
            let length = try Self.length(source.count, of: count)
            if count == countRoom || source.count > sizeRoom - size {
                grow(for: source.count)
            }
            if let start = source.baseAddress {
                (bytes + size).copyMemory(from: start, byteCount: source.count)
            }
            lengths[count] = length
            size += source.count
            count += 1
        }
    }

    /// Makes room for one more item, and for as many again as there are.
    @usableFromInline
    mutating func grow(for length: Int) {
        var larger = PackedItems(
            countRoom: 2 * count + 16, sizeRoom: 2 * (size + length) + 16 * Self.usualKey)
        larger.lengths.update(from: lengths, count: count)
        larger.bytes.copyMemory(from: bytes, byteCount: size)
        larger.count = count
        larger.size = size
        self = larger
    }

    /// The length of item `index`, if the library can take an item so long.
    @inlinable
    static func length(_ count: Int, of index: Int) throws -> UInt32 {
        if count <= longest, let length = UInt32(exactly: count) {
            return length
        }
        throw ByteStoreError.invalidArgument(
            "item \(index) of the batch has \(count) bytes; the longest may have \(longest)")
    }

    @inlinable static var longest: Int { Int(BYTESTORE_MAX_ITEM_LEN) }
    /// Few keys have more bytes.
    @inlinable static var usualKey: Int { 64 }
}
