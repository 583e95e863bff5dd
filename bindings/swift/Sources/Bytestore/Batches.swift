// The batches themselves, one crossing into the library each. It must not know in which types their items came.

import CBytestore

extension ByteStore {
    /// `milliseconds`: nil for the store's default.
    @inlinable
    func set<K: ByteSequence, V: ByteSequence>(_ pairs: some Sequence<(K, V)>, milliseconds: UInt64?) throws {
        let count = pairs.underestimatedCount
        // Values may be large: where they can be counted beforehand, they are copied only once.
        let size = pairs.withContiguousStorageIfAvailable { $0.reduce(0) { $0 + $1.1.withBytes(\.count) } }
        var keys = PackedItems(countRoom: count, sizeRoom: count * PackedItems.usualKey)
        var values = PackedItems(countRoom: count, sizeRoom: size ?? count * PackedItems.usualKey)
        for (key, value) in pairs {
            try keys.append(key)
            try values.append(value)
        }
        try set(keys, to: values, milliseconds: milliseconds)
    }

    @usableFromInline
    func set(_ keys: borrowing PackedItems, to values: borrowing PackedItems, milliseconds: UInt64?) throws {
        try withHandle {
            if let milliseconds {
                bytestore_mset_ttl(
                    $0, keys.count, keys.bytes, keys.lengths, values.bytes, values.lengths, milliseconds)
            } else {
                bytestore_mset($0, keys.count, keys.bytes, keys.lengths, values.bytes, values.lengths)
            }
        }
    }

    /// A time to live as the library takes it; nil for ever.
    @usableFromInline
    static func milliseconds(_ timeToLive: Duration?) throws -> UInt64 {
        guard let timeToLive else { return bytestore_no_ttl }
        guard timeToLive > .zero else {
            throw ByteStoreError.invalidArgument("a time to live must be above zero, and is \(timeToLive)")
        }
        return timeToLive.wholeMilliseconds
    }

    @usableFromInline
    func values(of keys: borrowing PackedItems) throws -> Answer {
        try Answer { buffer in
            try withHandle { bytestore_mget($0, keys.count, keys.bytes, keys.lengths, &buffer) }
        }
    }

    @usableFromInline
    func packedValues(of keys: borrowing PackedItems) throws -> PackedValues {
        PackedValues(try values(of: keys))
    }

    @usableFromInline
    func delete(_ keys: borrowing PackedItems) throws -> Int {
        var removed = 0
        try withHandle { bytestore_mdelete($0, keys.count, keys.bytes, keys.lengths, &removed) }
        return removed
    }

    @usableFromInline
    func keys(startingWith prefix: UnsafeRawBufferPointer) throws -> KeySequence {
        var cursor: OpaquePointer?
        let start = prefix.bindMemory(to: UInt8.self).baseAddress
        try withHandle { bytestore_keys($0, start, prefix.count, &cursor) }
        return KeySequence(cursor, of: self)
    }
}
