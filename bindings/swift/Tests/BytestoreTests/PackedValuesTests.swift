// The values of a batch as slices of one `Data`: whose memory that is, and for how long.

import Bytestore
import Foundation
import XCTest

final class PackedValuesTests: XCTestCase {
    /// With the largest the library copies side by side, or with one more byte, which it keeps in place.
    private func filled(_ largest: Int) throws -> ByteStore {
        let store = try ByteStore()
        try store.mset([
            ("a", Data(repeating: 1, count: 100)), ("empty", Data()), ("b", Data([2, 3])),
            ("large", Data(repeating: 4, count: largest)),
        ])
        return store
    }

    private let keys = ["large", "none", "b", "empty", "a", "b"]

    func testTheValuesInTheOrderOfTheKeys() throws {
        for largest in [4095, 4096, 100_000] {
            let store = try filled(largest)
            let values = try store.mgetPacked(keys)
            XCTAssertEqual(Array(values), try store.mget(keys))
            XCTAssertEqual(values.data, values.compactMap { $0 }.reduce(Data(), +))
            XCTAssertEqual(values.ranges[1], nil)
            XCTAssertEqual(values.ranges[3]?.count, 0)
            XCTAssertEqual(values.ranges[2], largest..<largest + 2)
        }
    }

    func testNothingAndNothingButEmpty() throws {
        let store = try filled(1)
        XCTAssertEqual(try Array(store.mgetPacked([String]())), [])
        XCTAssertEqual(try Array(store.mgetPacked(["none"])), [nil])
        XCTAssertEqual(try Array(store.mgetPacked(["empty", "none", "empty"])), [Data(), nil, Data()])
    }

    func testASliceOutlivesAllElse() throws {
        for largest in [4095, 4096] {
            var store: ByteStore? = try filled(largest)
            var values: PackedValues? = try store?.mgetPacked(keys)
            let slice = try XCTUnwrap(values?[4])
            values = nil
            store?.close()
            store = nil
            XCTAssertEqual(slice, Data(repeating: 1, count: 100))
        }
    }

    func testChangingASliceChangesNothingElse() throws {
        for largest in [4095, 4096, 100_000] {
            let store = try filled(largest)
            let before = try store.mget(keys)
            // Shared with other slices, and the last of its memory: that one is changed in place.
            let values = try store.mgetPacked(keys)
            var shared = try XCTUnwrap(values[0])
            var alone = try XCTUnwrap(store.mgetPacked(keys)[0])
            var all = try store.mgetPacked(keys).data
            for index in shared.indices { shared[index] = 9 }
            for index in alone.indices { alone[index] = 9 }
            for index in all.indices { all[index] = 9 }
            alone.append(Data(repeating: 8, count: 100_000))
            all.removeFirst()
            XCTAssertEqual(shared, Data(repeating: 9, count: largest))
            XCTAssertEqual(alone.prefix(largest), shared)
            XCTAssertEqual(alone.count, largest + 100_000)
            XCTAssertEqual(all, Data(repeating: 9, count: largest + 103))
            XCTAssertEqual(Array(values), before)
            XCTAssertEqual(try store.mget(keys), before)
        }
    }

    func testItCanBeSent() async throws {
        let values = try filled(10).mgetPacked(keys)
        let sent = await Task.detached { Array(values) }.value
        XCTAssertEqual(sent, Array(values))
    }
}
