// The store itself: the contract's operations, each one crossing into the library. Iterating over
// keys, errors and marshalling have files of their own.

import CBytestore
import Foundation

/// A byte store in this process, or on a server: keys and values are any bytes, empty ones included.
///
/// ```swift
/// let store = try ByteStore()
/// try store.mset([("key1", "value1"), ("key2", "value2")])
/// let values = try store.mget(["key1", "nothing"])  // [Data("value1".utf8), nil]
/// ```
///
/// Keys, values and prefixes can be `String` (its UTF-8 bytes), `Data` or `[UInt8]`, see
/// ``ByteSequence``. A batch is one atomic step: other threads see all of it or none of it. Values
/// are copied in and out. Keys keep the order of their insertion; overwriting keeps the place.
///
/// ``namespace(_:)`` makes a store of the keys that begin alike, ``Options/name`` one that the whole process shares, and
/// ``mgetOrCompute(_:compute:)-3vbpn`` computes what is missing, once for all who want it.
/// ``save(to:compressionLevel:)-6ehmw`` keeps it all in a file.
///
/// ``init(url:)`` opens stores on a Valkey or Redis server, too, which promise less, see ``Capabilities``, and block the
/// thread while they wait for it: tasks call them in ``perform(_:)``.
///
/// Any thread or task may use a store at any time, and closing it beside running calls is safe:
/// they finish or throw ``ByteStoreError/closedHandle``. The last reference closes the store. All
/// errors thrown are ``ByteStoreError``, but for those of your own code that a method calls; after
/// one nothing has changed, unless a server failed.
public final class ByteStore: Sendable {
    /// The library's handle: a number that it checks, not an address, so any thread may hold it.
    private let handle: UInt
    /// What all keys begin with, if this is a namespace; nobody else sees it.
    @usableFromInline let prefix: [UInt8]
    /// What is being computed, in this store and all namespaces made from it.
    @usableFromInline let flights: Flights
    /// What the store can promise: always the same, of a namespace what the whole store can.
    public let capabilities: Capabilities

    /// Opens an empty store.
    ///
    /// - Throws: ``ByteStoreError/outOfMemory``, ``ByteStoreError/incompatibleLibrary(found:needed:)``.
    public convenience init() throws {
        try self.init(url: "memory:")
    }

    /// Opens an empty store with bounds, a time to live, or a clock for tests; or the store that has a name.
    ///
    /// - Parameter options: bounds, time to live, name and clock.
    /// - Throws: ``ByteStoreError/invalidArgument(_:)`` that quotes the option at fault in its form in a URL.
    public convenience init(options: Options) throws {
        // Neither would be a name in a URL: the one is no name there, what follows the other are options.
        if let name = options.name, name.isEmpty || name.contains("?") {
            throw ByteStoreError.invalidArgument("\"\(name)\" cannot be the name of a store")
        }
        try self.init(url: options.url)
    }

    /// Opens the store that `url` describes: `memory:`, perhaps a name, and perhaps options after a question mark, as in
    /// `memory:?max_bytes=512MiB&max_entries=1000&max_item_bytes=1MiB&ttl=1h&clock=manual` or `memory:answers?ttl=1h`.
    /// They mean what they do in ``Options``; times have a unit (`ms`, `s`, `m`, `h`, `d`), bytes may have one (`KiB`,
    /// `KB` and so on to `TiB`). `snapshot:` and the path of a file, as it stands, without encoding, is a new store with
    /// the options and the entries of the one that was saved there, see ``save(to:compressionLevel:)-6ehmw``.
    ///
    /// A store on a Valkey or Redis server (6.0 and later), or on a cluster, is `redis://USER:PASSWORD@HOST:PORT/DATABASE`,
    /// through TLS `rediss://…`, `redis+unix:///PATH?db=…&user=…&pass=…`, or `redis+cluster://HOST:PORT,HOST:PORT` with
    /// some of a cluster's servers; or the same with `valkey` and `valkeys`:
    ///
    /// ```swift
    /// let store = try ByteStore(url: "redis://cache.internal:6379/0?namespace=users/&ttl=1h")
    /// ```
    ///
    /// Its options are `namespace`, which stands before all keys there, percent-encoded; `ttl`, as above; `timeout`
    /// (`5s`), for each connection, command and answer; `retries` (3) of what may succeed later; `batch`, the most keys of
    /// one command; and `replicas` (0) that must have what is written. Opening sends nothing: the first call does.
    ///
    /// - Parameter url: as above.
    /// - Throws: ``ByteStoreError/invalidArgument(_:)`` that quotes the part of `url` at fault; of a snapshot what
    ///   ``load(from:)-7nfyv`` throws; of a server ``ByteStoreError/unsupported``, where the library was built
    ///   without.
    public init(url: String) throws {
        try checkABI(found: bytestore_abi_version())
        guard !url.utf8.contains(0) else {
            throw ByteStoreError.invalidArgument("a store's URL cannot hold a NUL")
        }
        var store: OpaquePointer?
        try url.withCString { text in
            var badPart = bytestore_slice()
            let status = bytestore_open(text, &store, &badPart)
            try check(status, detail: describe(badPart, of: url))
        }
        var bits: UInt64 = 0
        _ = bytestore_capabilities(store, &bits)  // it fails for stores that are closed
        handle = UInt(bitPattern: store)
        prefix = []
        flights = Flights()
        capabilities = Capabilities(rawValue: bits)
    }

    /// A namespace: a further handle of the store that `parent` is a handle of.
    init(_ handle: OpaquePointer?, prefix: [UInt8], of parent: ByteStore) {
        self.handle = UInt(bitPattern: handle)
        self.prefix = parent.prefix + prefix
        flights = parent.flights
        capabilities = parent.capabilities
    }

    deinit {
        close()
    }

    /// Closes the store; a second time does nothing. Its memory is freed with the last handle: of its namespaces, and of
    /// all who opened its name.
    ///
    /// Later calls throw ``ByteStoreError/closedHandle``. Values that were read stay valid, and
    /// iterations that were begun go on.
    public func close() {
        // The one other answer is "closed already", and that is as good.
        _ = bytestore_close(OpaquePointer(bitPattern: handle))
    }

    /// Sets all pairs in one step. Of a key given twice, the last value and the first place stand.
    ///
    /// They live as long as the store's options say; without, until they are deleted.
    ///
    /// - Parameter pairs: keys and values, in any number.
    /// - Throws: ``ByteStoreError/overLimit`` for more than the store may hold; ``ByteStoreError/closedHandle``; of a
    ///   server ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func mset<K: ByteSequence, V: ByteSequence>(_ pairs: some Sequence<(K, V)>) throws {
        try set(pairs, milliseconds: nil)
    }

    /// Sets the pairs of a literal, in its order: `mset(["key1": "value1", "key2": "value2"])`.
    ///
    /// - Parameter pairs: a literal; a key may come twice.
    /// - Throws: ``ByteStoreError/overLimit`` for more than the store may hold; ``ByteStoreError/closedHandle``; of a
    ///   server ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func mset<K: ByteSequence, V: ByteSequence>(_ pairs: KeyValuePairs<K, V>) throws {
        try mset(pairs.lazy.map { ($0.key, $0.value) })
    }

    /// Sets the pairs of a dictionary, in whatever order it has them.
    ///
    /// - Parameter pairs: a dictionary.
    /// - Throws: ``ByteStoreError/overLimit`` for more than the store may hold; ``ByteStoreError/closedHandle``; of a
    ///   server ``ByteStoreError/remoteFailure(_:)``.
    @_disfavoredOverload  // a literal is no dictionary: it has an order, and may repeat a key
    @inlinable
    public func mset<K: ByteSequence, V: ByteSequence>(_ pairs: some Sequence<(key: K, value: V)>) throws {
        try mset(pairs.lazy.map { ($0.key, $0.value) })
    }

    /// Sets all pairs in one step, and says how long they live: then they are as good as deleted, for every call at
    /// once. Setting a key again, in either way, gives it a new end or none.
    ///
    /// - Parameters:
    ///   - pairs: keys and values, in any number.
    ///   - timeToLive: rounded up to milliseconds; nil: until they are deleted, whatever the store's default.
    /// - Throws: ``ByteStoreError/invalidArgument(_:)`` for a time to live that is not above zero,
    ///   ``ByteStoreError/overLimit`` for more than the store may hold; ``ByteStoreError/closedHandle``; of a server
    ///   ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func mset<K: ByteSequence, V: ByteSequence>(
        _ pairs: some Sequence<(K, V)>, timeToLive: Duration?
    ) throws {
        try set(pairs, milliseconds: Self.milliseconds(timeToLive))
    }

    /// Sets the pairs of a literal, in its order, and says how long they live:
    /// `mset(["key": "value"], timeToLive: .seconds(30))`.
    ///
    /// - Parameters:
    ///   - pairs: a literal; a key may come twice.
    ///   - timeToLive: rounded up to milliseconds; nil: until they are deleted, whatever the store's default.
    /// - Throws: ``ByteStoreError/invalidArgument(_:)`` for a time to live that is not above zero,
    ///   ``ByteStoreError/overLimit`` for more than the store may hold; ``ByteStoreError/closedHandle``; of a server
    ///   ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func mset<K: ByteSequence, V: ByteSequence>(
        _ pairs: KeyValuePairs<K, V>, timeToLive: Duration?
    ) throws {
        try mset(pairs.lazy.map { ($0.key, $0.value) }, timeToLive: timeToLive)
    }

    /// Sets the pairs of a dictionary, in whatever order it has them, and says how long they live.
    ///
    /// - Parameters:
    ///   - pairs: a dictionary.
    ///   - timeToLive: rounded up to milliseconds; nil: until they are deleted, whatever the store's default.
    /// - Throws: ``ByteStoreError/invalidArgument(_:)`` for a time to live that is not above zero,
    ///   ``ByteStoreError/overLimit`` for more than the store may hold; ``ByteStoreError/closedHandle``; of a server
    ///   ``ByteStoreError/remoteFailure(_:)``.
    @_disfavoredOverload
    @inlinable
    public func mset<K: ByteSequence, V: ByteSequence>(
        _ pairs: some Sequence<(key: K, value: V)>, timeToLive: Duration?
    ) throws {
        try mset(pairs.lazy.map { ($0.key, $0.value) }, timeToLive: timeToLive)
    }

    /// The value of each key, in the order of the keys: nil for a missing one, never for an empty one.
    ///
    /// - Parameter keys: in any number, repeated ones too.
    /// - Returns: An answer for each key, in the order of the keys.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func mget(_ keys: some Sequence<some ByteSequence>) throws -> [Data?] {
        // Not `Data($0)`: that is the one of any sequence.
        try withValues(of: keys) { $0.map { $0.map { Data(bytes: $0.baseAddress!, count: $0.count) } } }
    }

    /// The value of each key as another collection of bytes: `mget(keys, as: [UInt8].self)`.
    ///
    /// - Parameters:
    ///   - keys: in any number, repeated ones too.
    ///   - type: of the values.
    /// - Returns: An answer for each key, in the order of the keys.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func mget<Bytes: RangeReplaceableCollection<UInt8>>(
        _ keys: some Sequence<some ByteSequence>, as type: Bytes.Type
    ) throws -> [Bytes?] {
        try withValues(of: keys) { $0.map { $0.map { Bytes($0) } } }
    }

    /// The value of each key as a slice of one `Data`, which takes the library's memory over: see ``PackedValues``.
    ///
    /// - Parameter keys: in any number, repeated ones too.
    /// - Returns: An answer for each key, in the order of the keys: a collection.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func mgetPacked(_ keys: some Sequence<some ByteSequence>) throws -> PackedValues {
        try packedValues(of: PackedItems(keys))
    }

    /// Calls `body` with the values of the keys where they lie in the store's memory, without
    /// copying large ones. The views end with the call: nothing of them may leave it.
    ///
    /// - Parameters:
    ///   - keys: in any number, repeated ones too.
    ///   - body: gets the values, in the order of the keys.
    /// - Returns: What `body` returns.
    /// - Throws: what `body` throws; ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func withValues<R>(
        of keys: some Sequence<some ByteSequence>, _ body: (ByteViews) throws -> R
    ) throws -> R {
        let answer = try values(of: PackedItems(keys))
        return try withExtendedLifetime(answer) { try body(ByteViews(answer)) }
    }

    /// Deletes the keys that are there, in one step, and returns how many those were.
    ///
    /// - Parameter keys: in any number, repeated ones too.
    /// - Returns: How many entries were deleted.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    @discardableResult
    @inlinable
    public func mdelete(_ keys: some Sequence<some ByteSequence>) throws -> Int {
        try delete(PackedItems(keys))
    }

    /// All keys, in the order of their insertion, as of the first step of the iteration.
    ///
    /// - Returns: A sequence that can be walked once.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    public func keys() throws -> KeySequence {
        try keys(prefix: [UInt8]())
    }

    /// The keys that begin with the bytes of `prefix`, in the order of their insertion, as of the
    /// first step of the iteration. An empty prefix means all keys.
    ///
    /// - Parameter prefix: what the keys begin with.
    /// - Returns: A sequence that can be walked once.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    @inlinable
    public func keys(prefix: some ByteSequence) throws -> KeySequence {
        try prefix.withBytes { try keys(startingWith: $0) }
    }

    /// How many keys the store holds; those whose time is over do not count. On a server all keys are walked.
    ///
    /// - Returns: A number of entries.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    public func count() throws -> Int {
        var count = 0
        try withHandle { bytestore_len($0, &count) }
        return count
    }

    /// Reads what the store counts: a moment's work, whatever is in it.
    ///
    /// - Returns: What was counted so far.
    /// - Throws: ``ByteStoreError/closedHandle``.
    public func stats() throws -> Stats {
        var counters = bytestore_counters()
        counters.size = MemoryLayout<bytestore_counters>.size
        try withHandle { bytestore_read_counters($0, &counters) }
        return Stats(counters)
    }

    /// Turns the clock of a store with a manual clock forward: for tests of programs that use a time to live.
    ///
    /// - Parameter duration: rounded up to milliseconds; zero changes nothing.
    /// - Throws: ``ByteStoreError/invalidArgument(_:)`` for a store with the system's clock, and for less than zero;
    ///   ``ByteStoreError/unsupported`` for one on a server.
    ///   ``ByteStoreError/unsupported`` for one on a server.
    public func advanceClock(by duration: Duration) throws {
        guard duration >= .zero else {
            throw ByteStoreError.invalidArgument("the clock cannot go back, by \(duration)")
        }
        try withHandle(detail: "the store was opened without a manual clock") {
            bytestore_advance_clock($0, duration.wholeMilliseconds)
        }
    }
}

extension ByteStore {
    /// Every call into the library passes here: the store outlives it, and its status is checked.
    func withHandle(
        detail: @autoclosure () -> String? = nil, _ call: (OpaquePointer?) -> bytestore_status
    ) throws {
        try withExtendedLifetime(self) {
            let status = call(OpaquePointer(bitPattern: handle))
            try check(status, detail: explanation(of: status) ?? detail())
        }
    }

    /// Of the failure of a server what it said; another thread's call that failed since is as good an answer.
    func explanation(of status: bytestore_status) -> String? {
        guard status == BYTESTORE_ERR_REMOTE_FAILURE else { return nil }
        let handle = OpaquePointer(bitPattern: handle)
        let asked = try? Answer { try check(bytestore_remote_message(handle, &$0)) }
        guard let answer = asked else { return nil }
        return withExtendedLifetime((self, answer)) {
            let words = ByteViews(answer).first ?? nil
            return words.flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
        }
    }
}

/// Refuses a library whose C interface is not the one this package was written against.
func checkABI(found: UInt32) throws {
    let needed = UInt32(BYTESTORE_ABI_VERSION)
    if found != needed {
        throw ByteStoreError.incompatibleLibrary(found: found, needed: needed)
    }
}

private func describe(_ badPart: bytestore_slice, of url: String) -> String? {
    badPart.ptr.map { start in
        let part = String(decoding: UnsafeBufferPointer(start: start, count: badPart.len), as: UTF8.self)
        let isServer = url.contains("://")
        let fault =
            if url.hasPrefix("memory:" + part) {
                "is no name of a store: those have 1 to 255 of A-Z a-z 0-9 . _ -"
            } else if !part.contains("=") {
                isServer ? "is unknown, or no place of a server" : "is unknown"
            } else if isServer || url.hasPrefix("memory:?") {
                "is an unknown option, given twice, or has a wrong value"
            } else {
                "is an unknown option, given twice, has a wrong value, or is not as the store was made"
            }
        // Who reads errors need not know the password.
        return "\"\(part)\" in the URL \(isServer ? "of a server" : "\"\(url)\"") \(fault)"
    }
}
