// Where the cases are, and where a case's own store is: in memory, or on the server that the environment names.

import Bytestore
import Foundation

enum Place {
    private static let environment = ProcessInfo.processInfo.environment
    private static let server = environment["BYTESTORE_TEST_URL"]

    /// The folder of the cases: all, or those of another one.
    static let cases =
        environment["BYTESTORE_TEST_CASES"].map { URL(fileURLWithPath: $0) }
        ?? URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../../../../tests/conformance").standardized

    /// A server gives keys in any order.
    static let keepsOrder = server == nil

    /// An empty store with no options. On a server it has a part of the keys that no other process has, from
    /// which goes what the case before left: every scan would walk it.
    static func ownStore() throws -> ByteStore {
        guard let server else { return try ByteStore() }
        let separator = server.contains("?") ? "&" : "?"
        let number = ProcessInfo.processInfo.processIdentifier
        let store = try ByteStore(url: "\(server)\(separator)namespace=swift-\(number)/")
        _ = try store.mdelete(prefix: Bytes())
        return store
    }

    static func expectKeys(_ answer: [Bytes], toBe expected: [Bytes]) throws {
        try expect(comparable(answer), toBe: comparable(expected))
    }

    private static func comparable(_ keys: [Bytes]) -> [Bytes] {
        keepsOrder ? keys : keys.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
