// What a store can promise, which depends on where it is. It must not know how that is asked.

import CBytestore

extension ByteStore {
    /// What a store can promise beside its operations: in memory all of it, on a server less.
    ///
    /// ```swift
    /// if store.capabilities.contains(.snapshots) { try store.save(to: file) }
    /// ```
    ///
    /// Later versions of the library may know more, which then are in ``rawValue``.
    public struct Capabilities: OptionSet, Hashable, Sendable {
        /// The library's bits.
        public let rawValue: UInt64

        /// The capabilities that have these bits.
        ///
        /// - Parameter rawValue: the library's bits.
        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        private init(_ bit: Int32) {
            self.init(rawValue: UInt64(bit))
        }

        /// Keys come in the order in which they were inserted; otherwise in any order, each once.
        public static let insertionOrder = Self(BYTESTORE_CAN_KEEP_ORDER)
        /// Others see all of a batch or nothing, and a batch that failed has changed nothing.
        public static let atomicBatches = Self(BYTESTORE_CAN_BATCH_ATOMICALLY)
        /// Counting, deleting and reading by prefix is one step, in time that grows with what is found.
        public static let prefixSteps = Self(BYTESTORE_CAN_FIND_PREFIXES)
        /// ``ByteStore/page(prefix:from:limit:)`` works.
        public static let positions = Self(BYTESTORE_CAN_SEEK)
        /// ``ByteStore/save(to:compressionLevel:)-6ehmw``, ``ByteStore/load(from:)-7nfyv`` and their like work.
        public static let snapshots = Self(BYTESTORE_CAN_SAVE)
        /// ``ByteStore/Stats`` know how many entries and bytes there are.
        public static let sizes = Self(BYTESTORE_CAN_MEASURE)
    }

    /// Whether calls are answered in this process.
    var isInMemory: Bool { capabilities.contains(.sizes) }
}
