// What a store counts.

import Bytestore
import Foundation
import XCTest

final class StatsTests: XCTestCase {
    func testAFreshStoreHasCountedNothing() throws {
        XCTAssertEqual(try ByteStore().stats(), ByteStore.Stats())
    }

    func testEveryWayToReadAndWriteCounts() throws {
        let store = try ByteStore(options: .init(maxEntries: 4, manualClock: true))
        try store.mset([("a", "1"), ("bb", "22"), ("a", "333")])
        try store.mset([("c", "")], timeToLive: .milliseconds(1))
        _ = try store.mget(["a", "none"])
        _ = try store.mget(["a"], as: [UInt8].self)
        _ = try store.mgetPacked(["none", "bb"])
        try store.withValues(of: ["a", "a", "none"]) { _ in }
        try store.mdelete(["a", "none"])
        let stats = try store.stats()
        XCTAssertEqual(stats.hits, 5)
        XCTAssertEqual(stats.misses, 3)
        XCTAssertEqual(stats.hitRatio, 5.0 / 8)
        XCTAssertEqual(stats.sets, 4)
        XCTAssertEqual(stats.deletes, 1)
        XCTAssertEqual(stats.entries, 2)
        XCTAssertEqual(stats.keyBytes, 3)
        XCTAssertEqual(stats.valueBytes, 2)
        XCTAssertGreaterThanOrEqual(stats.overheadBytes, 2 * 40)
        XCTAssertLessThanOrEqual(stats.overheadBytes, 2 * 72)
        XCTAssertEqual(stats.evictionsByEntries, 0)
        XCTAssertEqual(stats.expirations, 0)
        XCTAssertNil(stats.maxBytes)
        XCTAssertEqual(stats.maxEntries, 4)
    }

    func testEntriesThatEndedAreCountedWhenTheirMemoryIsTakenBack() throws {
        let store = try ByteStore(options: .init(maxEntries: 2, manualClock: true))
        try store.mset([("a", ""), ("b", "")], timeToLive: .milliseconds(1))
        try store.advanceClock(by: .milliseconds(1))
        XCTAssertEqual(try store.count(), 0)
        try store.mset([("c", ""), ("d", "")])
        let stats = try store.stats()
        XCTAssertEqual(stats.expirations + stats.evictionsByEntries, 2)
        XCTAssertEqual(stats.entries, 2)
    }

    func testHitRatio() {
        let ratios: [(hits: Int, misses: Int, ratio: Double)] = [
            (0, 0, 0), (0, 5, 0), (5, 0, 1), (1, 3, 0.25), (.max, .max, 0.5),
        ]
        for (hits, misses, ratio) in ratios {
            var stats = ByteStore.Stats()
            stats.hits = hits
            stats.misses = misses
            XCTAssertEqual(stats.hitRatio, ratio)
        }
    }
}
