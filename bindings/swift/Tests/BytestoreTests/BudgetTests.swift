// What a call costs, without a clock: how often it crosses into the library, and what it allocates outside of it.

import Bytestore
import CCounting
import Foundation
import XCTest

final class BudgetTests: XCTestCase {
    /// Too long for a string or a `Data` that needs no memory of its own.
    private func keys(_ count: Int) -> [String] { (0..<count).map { "a key that is not short \(1000 + $0)" } }

    private func filled(_ keys: [String]) throws -> ByteStore {
        let store = try ByteStore()
        try store.mset(keys.map { ($0, Data(repeating: 1, count: 100)) })
        return store
    }

    private func cost(_ body: () throws -> Void) rethrows -> (crossings: Int, allocations: Int) {
        let before = counting_now()
        try body()
        let after = counting_now()
        return (after.crossings - before.crossings, after.allocations - before.allocations)
    }

    func testACallCrossesOnceAndGivesItsAnswerBack() throws {
        for count in [0, 1, 64, 1000] {
            let keys = keys(count)
            let pairs = keys.map { ($0, $0) }
            let store = try filled(keys)
            let back = count == 0 ? 0 : 1
            XCTAssertEqual(try cost { try store.mset(pairs) }.crossings, 1)
            XCTAssertEqual(try cost { try store.mset(pairs, timeToLive: .seconds(60)) }.crossings, 1)
            XCTAssertEqual(try cost { try store.mset(pairs, timeToLive: nil) }.crossings, 1)
            XCTAssertEqual(try cost { _ = try store.mget(keys) }.crossings, 1 + back)
            XCTAssertEqual(try cost { _ = try store.mget(keys, as: [UInt8].self) }.crossings, 1 + back)
            XCTAssertEqual(try cost { _ = try store.mgetPacked(keys) }.crossings, 1 + back)
            XCTAssertEqual(try cost { try store.withValues(of: keys) { _ in } }.crossings, 1 + back)
            XCTAssertEqual(try cost { _ = try store.mgetOrCompute(keys) { $0 } }.crossings, 1 + back)
            XCTAssertEqual(try cost { _ = try store.count() }.crossings, 1)
            XCTAssertEqual(try cost { _ = try store.count(prefix: "a key") }.crossings, 1)
            XCTAssertEqual(try cost { try store.mdelete(keys) }.crossings, 1)
        }
    }

    func testWhatIsMissingIsLookedUpOnceAndSetOnce() throws {
        let keys = keys(1000)
        let store = try filled(Array(keys[..<500]))
        // The lookup, giving its answer back, setting.
        XCTAssertEqual(try cost { _ = try store.mgetOrCompute(keys) { $0 } }.crossings, 3)
        XCTAssertEqual(try store.count(), 1000)
    }

    func testPrefixesCrossOnceEach() throws {
        let store = try filled(keys(1000))
        XCTAssertEqual(try cost { _ = try store.namespace("a key") }.crossings, 1)
        // Opened, one page, giving it back, the position, closed.
        XCTAssertEqual(try cost { _ = try store.page(prefix: "a key", limit: 1000) }.crossings, 5)
        XCTAssertEqual(try cost { try store.mdelete(prefix: "a key") }.crossings, 1)
    }

    func testCountersAndTheClockCrossOnceAndAllocateNothing() throws {
        let store = try ByteStore(options: .init(manualClock: true))
        let calls = [{ _ = try store.stats() }, { try store.advanceClock(by: .seconds(1)) }]
        for call in calls {
            try call()  // the first finds the library's function
            let cost = try cost(call)
            XCTAssertEqual(cost.crossings, 1)
            XCTAssertEqual(cost.allocations, 0)
        }
    }

    func testAllocationsAreCounted() {
        XCTAssertEqual(
            cost { UnsafeMutableRawPointer.allocate(byteCount: 10, alignment: 8).deallocate() }.allocations, 1
        )
    }

    #if !DEBUG  // code that is not optimised allocates for each item
        func testAllocationsOutsideOfTheLibrary() throws {
            for count in [64, 1000] {
                let keys = keys(count)
                let pairs = keys.map { ($0, Data(repeating: 2, count: 100)) }
                let store = try filled(keys)
                var seen = 0
                // Two blocks: keys and values.
                XCTAssertEqual(try cost { try store.mset(pairs) }.allocations, 2)
                XCTAssertEqual(try cost { try store.mset(pairs, timeToLive: .seconds(60)) }.allocations, 2)
                // The block of keys, and the owner of the answer.
                let views = try cost {
                    try store.withValues(of: keys) { views in
                        for view in views { seen += view?.count ?? 0 }
                    }
                }
                XCTAssertEqual(views.allocations, 2)
                // And the ranges, and the storage of the one `Data`.
                let slices = try cost {
                    for value in try store.mgetPacked(keys) { seen += value?.count ?? 0 }
                }
                XCTAssertEqual(slices.allocations, 4)
                // And the array, with one object in each array of bytes, two in each `Data`.
                XCTAssertEqual(try cost { _ = try store.mget(keys, as: [UInt8].self) }.allocations, 3 + count)
                XCTAssertEqual(try cost { _ = try store.mget(keys) }.allocations, 3 + 2 * count)
                // And the array without its optionals.
                XCTAssertEqual(
                    try cost { _ = try store.mgetOrCompute(keys) { $0 } }.allocations, 4 + 2 * count)
                XCTAssertEqual(seen, 2 * 100 * count)
                XCTAssertEqual(try cost { try store.mdelete(keys) }.allocations, 1)
            }
        }
    #endif
}
