// How a store is made, in Swift's types. It knows the form of the URL, and leaves it to the library to judge values.

extension ByteStore {
    /// Bounds, times and the clock of a store. By default there are no bounds, and entries stay until they are deleted.
    ///
    /// ```swift
    /// let cache = try ByteStore(options: .init(maxBytes: 512 << 20, timeToLive: .seconds(3600)))
    /// ```
    ///
    /// A number or a time that is not above zero is ``ByteStoreError/invalidArgument(_:)`` when the store is opened.
    public struct Options: Hashable, Sendable {
        /// The store's name; nil for a store of its own. One name is one store for the whole process, whichever language
        /// opens it: 1 to 255 of `A-Z a-z 0-9 . _ -`.
        ///
        /// The first to open it makes it. Who opens it later gives no other options, or those it was made with: all
        /// else is ``ByteStoreError/invalidArgument(_:)``. The last to close it ends it, namespaces included.
        public var name: String?
        /// What all entries may take, in bytes: keys, values, and beside them 40 to 72 bytes an entry, 72 to 200 for one
        /// of 4 KiB and more, up to 4.2 kB from 1.3 MiB on (see ``ByteStore/Stats/overheadBytes``); nil for no bound.
        ///
        /// A store that is full lets the entries go that it will probably miss least, one at a time, as new ones come.
        /// A batch that is more than this by itself is ``ByteStoreError/overLimit``.
        public var maxBytes: Int?
        /// How many entries there may be; nil for no bound. A store that is full does as for ``maxBytes``.
        public var maxEntries: Int?
        /// What one key and its value may have together, in bytes; nil for no bound. A batch with a pair that has more
        /// is ``ByteStoreError/overLimit``.
        public var maxItemBytes: Int?
        /// How long an entry lives that is set without saying, rounded up to milliseconds; nil: until it is deleted.
        public var timeToLive: Duration?
        /// Time stands still but for ``ByteStore/advanceClock(by:)``: for tests of programs that use a time to live.
        public var manualClock: Bool
        /// Keys and values are overwritten with zeroes where the store had them, as soon as they are deleted,
        /// overwritten, evicted or closed and their last view is gone; those that have ended, with the next write.
        /// What you gave and were given, as `Data` or in closures of your own, is not.
        public var erase: Bool

        /// All bounds are off unless given.
        ///
        /// - Parameters:
        ///   - name: see ``name``.
        ///   - maxBytes: see ``maxBytes``.
        ///   - maxEntries: see ``maxEntries``.
        ///   - maxItemBytes: see ``maxItemBytes``.
        ///   - timeToLive: see ``timeToLive``.
        ///   - manualClock: see ``manualClock``.
        ///   - erase: see ``erase``.
        public init(
            name: String? = nil, maxBytes: Int? = nil, maxEntries: Int? = nil, maxItemBytes: Int? = nil,
            timeToLive: Duration? = nil, manualClock: Bool = false, erase: Bool = false
        ) {
            self.name = name
            self.maxBytes = maxBytes
            self.maxEntries = maxEntries
            self.maxItemBytes = maxItemBytes
            self.timeToLive = timeToLive
            self.manualClock = manualClock
            self.erase = erase
        }

        /// What ``ByteStore/init(url:)`` takes for the same store: `memory:cache?max_entries=1000&ttl=3600000ms`.
        public var url: String {
            let parts = [
                maxBytes.map { "max_bytes=\($0)" },
                maxEntries.map { "max_entries=\($0)" },
                maxItemBytes.map { "max_item_bytes=\($0)" },
                timeToLive.map { "ttl=\($0.wholeMilliseconds)ms" },
                manualClock ? "clock=manual" : nil,
                erase ? "erase=true" : nil,
            ].compactMap { $0 }
            return "memory:" + (name ?? "") + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&"))
        }
    }
}
