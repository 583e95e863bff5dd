// Stores that a process shares by their names.

import Bytestore
import CBytestore
import Foundation
import XCTest

final class NamedStoreTests: XCTestCase {
    func testTwoOpeningsAreOneStore() throws {
        let first = try ByteStore(options: .init(name: "two-openings", maxEntries: 10))
        let joined = [
            try ByteStore(options: .init(name: "two-openings")),
            try ByteStore(options: .init(name: "two-openings", maxEntries: 10)),
            try ByteStore(url: "memory:two-openings"),
        ]
        try first.mset(["a": "1"])
        for store in joined {
            XCTAssertEqual(try store.mget(["a"]), [Data("1".utf8)])
            XCTAssertEqual(try store.stats().maxEntries, 10)
        }
        first.close()
        XCTAssertEqual(try joined[0].count(), 1)
        XCTAssertEqual(try ByteStore(options: .init(name: "Two-openings")).count(), 0)
    }

    func testOtherLanguagesShareIt() throws {
        let store = try ByteStore(options: .init(name: "other-languages"))
        var handle: OpaquePointer?
        XCTAssertEqual(bytestore_open("memory:other-languages", &handle, nil), BYTESTORE_OK)
        var length = UInt32(1)
        XCTAssertEqual(bytestore_mset(handle, 1, "k", &length, "v", &length), BYTESTORE_OK)
        XCTAssertEqual(try store.mget(["k"]), [Data("v".utf8)])
        XCTAssertEqual(bytestore_close(handle), BYTESTORE_OK)
        XCTAssertEqual(try store.count(), 1)
    }

    func testTheLastReferenceEndsTheStore() throws {
        var store: ByteStore? = try ByteStore(options: .init(name: "last-reference"))
        var space: ByteStore? = try store?.namespace("a/")
        try store?.mset(["a/1": ""])
        store = nil
        XCTAssertEqual(try ByteStore(options: .init(name: "last-reference")).count(), 1)
        XCTAssertEqual(try space?.count(), 1)
        space = nil
        XCTAssertEqual(try ByteStore(options: .init(name: "last-reference", maxEntries: 1)).count(), 0)
    }

    func testWhatCannotBeOpenedSaysWhy() throws {
        let store = try ByteStore(options: .init(name: "why", maxEntries: 10))
        let wrong: [(ByteStore.Options, String)] = [
            (
                .init(name: "why", maxEntries: 11),
                "\"max_entries=11\" in the URL \"memory:why?max_entries=11\" is"
            ),
            (.init(name: "why", maxBytes: 5, maxEntries: 10), "\"max_bytes=5&max_entries=10\""),
            (.init(name: "why", maxEntries: 11), "not as the store was made"),
            (.init(name: "a b"), "\"a b\" in the URL \"memory:a b\" is no name of a store"),
            (.init(name: "é"), "is no name of a store"),
            (.init(name: String(repeating: "n", count: 256)), "is no name of a store"),
            (.init(name: ""), "\"\" cannot be the name of a store"),
            (.init(name: "why?"), "\"why?\" cannot be the name of a store"),
            (.init(name: "new?max_entries=1"), "cannot be the name of a store"),
        ]
        for (options, reason) in wrong {
            XCTAssertThrowsError(try ByteStore(options: options), reason) { error in
                guard case .invalidArgument(let detail)? = error as? ByteStoreError else {
                    return XCTFail("\(reason): \(error)")
                }
                XCTAssertTrue(detail.contains(reason), "\(detail), expected \(reason)")
            }
        }
        XCTAssertEqual(try store.count(), 0)
        XCTAssertNoThrow(try ByteStore(options: .init(name: String(repeating: "n", count: 255))))
    }

    func testEachOpeningComputesForItself() throws {
        let first = try ByteStore(options: .init(name: "computes-for-itself"))
        let second = try ByteStore(options: .init(name: "computes-for-itself"))
        let answer = try first.mgetOrCompute(["a"]) { _ in
            try second.mgetOrCompute(["a"]) { _ in ["second"] }
        }
        XCTAssertEqual(answer, [Data("second".utf8)])
    }
}
