// The four operations as Swift programs use them.

import Bytestore
import Foundation
import XCTest

final class OperationsTests: XCTestCase {
    func testTheGuide() throws {
        let store = try ByteStore()
        try store.mset([("key1", "value1"), ("key2", "value2")])
        XCTAssertEqual(try store.mget(["key1", "key2"]), [Data("value1".utf8), Data("value2".utf8)])
        try store.mdelete(["key1"])
        XCTAssertEqual(try store.mget(["key1", "key2"]), [nil, Data("value2".utf8)])
        XCTAssertEqual(try store.count(), 1)
    }

    func testMissingIsNotEmpty() throws {
        let store = try ByteStore()
        try store.mset([("empty", Data())])
        XCTAssertEqual(try store.mget(["empty", "missing", "empty"]), [Data(), nil, Data()])
        XCTAssertEqual(try store.mget(["empty", "missing"], as: [UInt8].self), [[], nil])
    }

    func testEmptyBatches() throws {
        let store = try ByteStore()
        try store.mset([(String, Data)]())
        try store.mset([String: Data]())
        XCTAssertEqual(try store.mget([String]()), [])
        XCTAssertEqual(try store.mdelete([Data]()), 0)
    }

    func testAllKindsOfBytesAreOneKey() throws {
        let store = try ByteStore()
        let text = "..k\u{0}é.."
        let bytes: [UInt8] = [0x6B, 0, 0xC3, 0xA9]
        try store.mset([(bytes, bytes)])
        let expected: [Data?] = [Data(bytes)]
        XCTAssertEqual(try store.mget(["k\u{0}é"]), expected)
        XCTAssertEqual(try store.mget([text.dropFirst(2).dropLast(2)]), expected)
        XCTAssertEqual(try store.mget([Data(bytes)]), expected)
        XCTAssertEqual(try store.mget([Data([1, 2] + bytes).dropFirst(2)]), expected)
        XCTAssertEqual(try store.mget([([9] + bytes).dropFirst()]), expected)
        XCTAssertEqual(try store.mget(["k\u{0}é".utf8]), expected)
        XCTAssertEqual(try store.mget([text.dropFirst(2).dropLast(2).utf8]), expected)
        try bytes.withUnsafeBytes { XCTAssertEqual(try store.mget([$0]), expected) }
        XCTAssertEqual(try Array(store.keys(prefix: "k\u{0}")), [Data(bytes)])
    }

    func testStringsThatSwiftCallsEqualAreDifferentKeys() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        XCTAssertEqual(composed, decomposed)
        let store = try ByteStore()
        try store.mset([(composed, "one"), (decomposed, "two")])
        XCTAssertEqual(try store.count(), 2)
        XCTAssertEqual(try store.mget([decomposed, composed]), [Data("two".utf8), Data("one".utf8)])
        XCTAssertEqual(try Array(store.keys(prefix: "e")), [Data(decomposed.utf8)])
    }

    func testStringsOfOtherStorage() throws {
        let store = try ByteStore()
        let long = String(repeating: "ä", count: 1000)
        let lossy = String(decoding: [0x61, 0xFF] as [UInt8], as: UTF8.self)
        try store.mset([(long, "long"), (lossy, "lossy"), ("", "empty")])
        XCTAssertEqual(
            try store.mget([NSString(string: long) as String, "a\u{FFFD}", ""], as: [UInt8].self),
            [Array("long".utf8), Array("lossy".utf8), Array("empty".utf8)])
    }

    func testAllKindsOfPairs() throws {
        let store = try ByteStore()
        let labelled: [(key: String, value: Data)] = [("labelled", Data([1]))]
        let dictionary = ["dictionary": Data([2])]
        try store.mset(labelled)
        try store.mset(dictionary)
        try store.mset(zip(["zip"], [[3] as [UInt8]]))
        try store.mset(["map"].map { ($0, Data([4])) })
        try store.mset(["lazy"].lazy.map { ($0, Data([5])) })
        try store.mset(["literal": [6] as [UInt8]])
        XCTAssertEqual(
            try store.mget(["labelled", "dictionary", "zip", "map", "lazy", "literal"]),
            (1...6).map { Data([$0]) })
    }

    func testALiteralKeepsItsOrderAndItsLastValue() throws {
        let store = try ByteStore()
        try store.mset(["z": "1", "a": "2", "m": "3", "b": "4", "z": "5"])
        XCTAssertEqual(try Array(store.keys()), ["z", "a", "m", "b"].map { Data($0.utf8) })
        XCTAssertEqual(try store.mget(["z"]), [Data("5".utf8)])
    }

    func testInputMayUseTheStore() throws {
        let store = try ByteStore()
        try store.mset([("a", "1"), ("b", "2")])
        let keys = ["a", "b"].lazy.map { key -> Data in
            try! store.mset([(key, "new")])
            return Data(key.utf8)
        }
        XCTAssertEqual(try store.mget(keys), [Data("new".utf8), Data("new".utf8)])
        XCTAssertEqual(try store.mdelete(store.keys(prefix: "a")), 1)
        XCTAssertEqual(try Array(store.keys()), [Data("b".utf8)])
    }

    func testDeletingCountsEachEntryOnce() throws {
        let store = try ByteStore()
        try store.mset([("a", ""), ("b", ""), ("c", "")])
        XCTAssertEqual(try store.mdelete(["a", "none", "a", "c"]), 2)
        XCTAssertEqual(try store.count(), 1)
    }

    func testAnswersAreCopies() throws {
        for size in [1, 4095, 4096, 100_000] {
            let store = try ByteStore()
            let value = Data(repeating: 7, count: size)
            try store.mset([("key", value)])
            var data = try XCTUnwrap(store.mget(["key"])[0])
            var array = try XCTUnwrap(store.mget(["key"], as: [UInt8].self)[0])
            XCTAssertEqual(data.startIndex, 0)
            data[0] = 8
            array[0] = 8
            XCTAssertEqual(try store.mget(["key"]), [value], "\(size) bytes")
        }
    }

    func testViewsShowValuesInPlace() throws {
        let store = try ByteStore()
        let large = [UInt8](repeating: 9, count: 10_000)
        try store.mset([("small", [1, 2, 3]), ("large", large), ("empty", [])])
        try store.withValues(of: ["large", "none", "small", "empty"]) { views in
            XCTAssertEqual(views.count, 4)
            XCTAssertEqual(views.map { $0.map { Array($0) } }, [large, nil, [1, 2, 3], []])
            try store.mset([("large", "overwritten")])
            XCTAssertEqual(views[0].map { Array($0) }, large)
        }
        XCTAssertEqual(try store.mget(["large"]), [Data("overwritten".utf8)])
    }

    func testErrorsOfTheBodyPassThrough() throws {
        struct Mine: Error {}
        let store = try ByteStore()
        XCTAssertThrowsError(try store.withValues(of: ["a"]) { _ in throw Mine() }) { error in
            XCTAssertTrue(error is Mine)
        }
    }
}
