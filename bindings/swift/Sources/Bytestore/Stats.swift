// What a store counts, as a plain value. It must not know how the store is reached.

import CBytestore

extension ByteStore {
    /// What happened in a store since it was opened, and what is in it now: a plain value, that nobody else changes. Of a
    /// server it is what this store and its namespaces did there; all else is 0.
    public struct Stats: Hashable, Sendable {
        /// Keys that were looked up and found.
        public var hits = 0
        /// Keys that were looked up and not found.
        public var misses = 0
        /// Pairs that were set.
        public var sets = 0
        /// Entries that callers deleted.
        public var deletes = 0
        /// Entries that went because the store was over its `maxBytes`.
        public var evictionsByBytes = 0
        /// Entries that went because the store was over its `maxEntries`.
        public var evictionsByEntries = 0
        /// Entries whose time to live was over, as far as their memory was taken back.
        public var expirations = 0

        /// Entries that are there; those whose time is over until their memory is taken back, which
        /// ``ByteStore/count()`` leaves out.
        public var entries = 0
        /// Bytes of their keys.
        public var keyBytes = 0
        /// Bytes of their values.
        public var valueBytes = 0
        /// Bytes that they take beside; ``maxBytes`` is compared with the sum of the three.
        public var overheadBytes = 0

        /// The store's bound in bytes; nil for none.
        public var maxBytes: Int?
        /// The store's bound in entries; nil for none.
        public var maxEntries: Int?

        /// All zero, and without bounds.
        public init() {}

        /// The part of the keys looked up that was found, from 0 to 1; 0 before the first.
        public var hitRatio: Double {
            hits == 0 ? 0 : Double(hits) / (Double(hits) + Double(misses))
        }
    }
}

extension ByteStore.Stats {
    init(_ counters: bytestore_counters) {
        // A bound may be more than an `Int` holds; nothing else gets there.
        func number(_ counter: UInt64) -> Int { Int(clamping: counter) }
        func bound(_ counter: UInt64) -> Int? { counter == 0 ? nil : number(counter) }
        hits = number(counters.hits)
        misses = number(counters.misses)
        sets = number(counters.sets)
        deletes = number(counters.deletes)
        evictionsByBytes = number(counters.evictions_by_bytes)
        evictionsByEntries = number(counters.evictions_by_entries)
        expirations = number(counters.expirations)
        entries = number(counters.entries)
        keyBytes = number(counters.key_bytes)
        valueBytes = number(counters.value_bytes)
        overheadBytes = number(counters.overhead_bytes)
        maxBytes = bound(counters.max_bytes)
        maxEntries = bound(counters.max_entries)
    }
}
