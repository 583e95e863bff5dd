// Work on all keys that begin alike: count them, delete them, read a page of them.

import CBytestore
import Foundation

extension ByteStore {
    /// How many keys begin with the bytes of `prefix`; those whose time is over do not count. An empty prefix means all.
    ///
    /// The first question about a prefix makes a large store keep its keys in their order, too: some 0.1 s for a
    /// million. From then on it takes as much time as it finds keys, however many there are. A server finds no key by its
    /// beginning: there all of them are walked each time.
    ///
    /// - Parameter prefix: what the keys begin with.
    /// - Returns: A number of entries.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    public func count(prefix: some ByteSequence) throws -> Int {
        var count = 0
        try prefix.withUInt8s { start, length in
            try withHandle { bytestore_count($0, start, length, &count) }
        }
        return count
    }

    /// Deletes all keys that begin with the bytes of `prefix`, in one step, and returns how many those were. An empty
    /// prefix means all. On a server these are many steps.
    ///
    /// - Parameter prefix: what the keys begin with.
    /// - Returns: How many entries were deleted.
    /// - Throws: ``ByteStoreError/closedHandle``; of a server ``ByteStoreError/remoteFailure(_:)``.
    @discardableResult
    public func mdelete(prefix: some ByteSequence) throws -> Int {
        var removed = 0
        try prefix.withUInt8s { start, length in
            try withHandle { bytestore_delete_prefix($0, start, length, &removed) }
        }
        return removed
    }

    /// The next `limit` keys that begin with the bytes of `prefix`, in the order of their insertion, from a position on
    /// where an earlier page ended: for who goes on later, as a web handler does.
    ///
    /// ```swift
    /// let page = try store.page(prefix: "user/", from: KeyPosition(request["after"]) ?? .start, limit: 50)
    /// ```
    ///
    /// - Parameters:
    ///   - prefix: what the keys begin with; an empty one means all.
    ///   - position: where an earlier page ended; by default the beginning.
    ///   - limit: how many keys at most; fewer come only where there are no more now.
    /// - Returns: The keys, and where it goes on.
    /// - Throws: ``ByteStoreError/invalidArgument(_:)`` for a limit below zero; ``ByteStoreError/unsupported`` for a
    ///   store on a server, which has no positions.
    public func page(
        prefix: some ByteSequence, from position: KeyPosition = .start, limit: Int
    ) throws -> KeyPage {
        guard limit >= 0 else {
            throw ByteStoreError.invalidArgument("a page cannot have \(limit) keys")
        }
        var cursor: OpaquePointer?
        try prefix.withUInt8s { start, length in
            try withHandle { bytestore_keys_from($0, start, length, position.rawValue, &cursor) }
        }
        defer { bytestore_cursor_close(cursor) }
        guard capabilities.contains(.positions) else {  // also for the first page: there would be no second
            throw ByteStoreError.unsupported
        }
        var page = KeyPage(keys: [], next: position)
        while page.keys.count < limit {
            let more = try Answer { try check(bytestore_cursor_next(cursor, limit - page.keys.count, &$0)) }
            if more.count == 0 { break }
            page.keys += more.slices.map { Data(bytes: $0.ptr, count: $0.len) }
        }
        try check(bytestore_cursor_position(cursor, &page.next.rawValue))
        return page
    }

    /// A page of all keys.
    ///
    /// - Parameters:
    ///   - position: where an earlier page ended; by default the beginning.
    ///   - limit: how many keys at most.
    /// - Returns: The keys, and where it goes on.
    /// - Throws: what ``page(prefix:from:limit:)`` throws.
    public func page(from position: KeyPosition = .start, limit: Int) throws -> KeyPage {
        try page(prefix: [UInt8](), from: position, limit: limit)
    }
}

/// Some keys of a store, and where it goes on.
public struct KeyPage: Hashable, Sendable {
    /// The keys, in the order of their insertion.
    public var keys: [Data]
    /// Where the next page begins. After the last one it is where keys that are inserted from now on will come.
    public var next: KeyPosition
}

/// A place in the order of a store's keys, to be handed back to ``ByteStore/page(prefix:from:limit:)``.
///
/// It is good for as long as the store is, with any prefix, whatever was set or deleted since. As JSON it is a number, as
/// text the digits of one; what the number means is the store's business.
public struct KeyPosition: RawRepresentable, Hashable, Codable, Sendable, LosslessStringConvertible {
    /// The library's number.
    public var rawValue: UInt64

    /// Before the first key.
    public static let start = KeyPosition(rawValue: 0)

    /// The position that had this number.
    ///
    /// - Parameter rawValue: the library's number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The position that had this text; nil for what is none.
    ///
    /// - Parameter description: digits.
    public init?(_ description: String) {
        guard let number = UInt64(description) else { return nil }
        rawValue = number
    }

    /// The number in digits.
    public var description: String { String(rawValue) }
}

extension ByteSequence {
    /// Calls `body` with the bytes in the form of the library's prefixes.
    func withUInt8s<R>(_ body: (UnsafePointer<UInt8>?, Int) throws -> R) rethrows -> R {
        try withBytes { try body($0.bindMemory(to: UInt8.self).baseAddress, $0.count) }
    }
}
