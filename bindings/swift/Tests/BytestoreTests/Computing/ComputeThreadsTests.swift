// Getting or computing from several threads: one computes, the others wait, and nobody for ever.

import Foundation
import XCTest

@testable import Bytestore

final class ComputeThreadsTests: XCTestCase {
    private let threads = 8

    func testThreadsThatMissAKeyComputeItOnce() throws {
        let store = try ByteStore()
        let gate = Gate()
        let asked = Record<[String]>()
        let running = (0..<threads).map { index in
            Running {
                // By the whole store, by a namespace, by a namespace of that.
                let space = try store.namespace("n/")
                let (asking, key) = [(store, "n/m/a"), (space, "m/a"), (try space.namespace("m/"), "a")][
                    index % 3]
                return try asking.mgetOrCompute([key]) { missing in
                    asked.add(missing)
                    try gate.wait()
                    return ["value"]
                }
            }
        }
        try until(store.waiters == threads - 1)
        gate.open()
        for thread in running {
            XCTAssertEqual(try thread.value(), data("value"))
        }
        XCTAssertEqual(asked.items.count, 1)
        let stats = try store.stats()
        XCTAssertEqual([stats.hits, stats.misses, stats.sets], [0, threads, 1], "the store was asked again")
        assertNothingIsComputed(store)
    }

    /// Starts one that computes and some that wait; `compute` runs when all of them do.
    private func together(
        _ store: ByteStore, _ compute: @escaping @Sendable ([String]) throws -> [String]
    ) throws -> [Running<[Data]>] {
        let gate = Gate()
        let first = Running {
            try store.mgetOrCompute(["a"]) { missing in
                try gate.wait()
                return try compute(missing)
            }
        }
        try until(store.flights.counts.keys == 1)
        let others = (1..<threads).map { _ in
            Running {
                try store.mgetOrCompute(["b", "a"]) { missing in
                    XCTAssertEqual(missing, ["b"])
                    return missing
                }
            }
        }
        try until(store.waiters >= threads - 1)
        gate.open()
        return [first] + others
    }

    func testErrorsGoToAllWhoWaitAndAreNotKept() throws {
        let store = try ByteStore()
        for thread in try together(store, { _ in throw Mine(number: 7) }) {
            XCTAssertThrowsError(try thread.value()) { XCTAssertEqual($0 as? Mine, Mine(number: 7)) }
        }
        XCTAssertEqual(try store.mget(["a", "b"]), [nil, Data("b".utf8)])
        XCTAssertEqual(try store.mgetOrCompute(["a"]) { $0 }, data("a"))
        assertNothingIsComputed(store)
    }

    func testTheWrongNumberOfValuesGoesToAllWhoWait() throws {
        let store = try ByteStore()
        for thread in try together(store, { _ in [] }) {
            XCTAssertThrowsError(try thread.value()) {
                XCTAssertEqual(
                    $0 as? ByteStoreError,
                    .invalidArgument("the computation was asked for 1 keys, and gave 0 values"))
            }
        }
        assertNothingIsComputed(store)
    }

    func testWhatCannotBeSetGoesToAllWhoWait() throws {
        let small = try ByteStore(options: .init(maxItemBytes: 2))
        for thread in try together(small, { _ in ["too long"] }) {
            XCTAssertThrowsError(try thread.value()) { XCTAssertEqual($0 as? ByteStoreError, .overLimit) }
        }
        assertNothingIsComputed(small)
    }

    func testClosingMeanwhile() throws {
        let store = try ByteStore()
        let running = try together(store) { missing in
            store.close()
            return missing
        }
        for thread in running {
            XCTAssertThrowsError(try thread.value()) { XCTAssertEqual($0 as? ByteStoreError, .closedHandle) }
        }
        assertNothingIsComputed(store)
    }

    func testABatchComputesItsOwnBeforeItWaits() throws {
        let store = try ByteStore()
        let gate = Gate()
        let first = Running {
            try store.mgetOrCompute(["a", "b"]) { missing in
                try gate.wait()
                return missing.map { "first " + $0 }
            }
        }
        try until(store.flights.counts.keys == 2)
        let second = Running {
            try store.mgetOrCompute(["b", "c", "a", "b"]) { missing in missing.map { "second " + $0 } }
        }
        try until(try store.count() == 1)
        XCTAssertEqual(try Array(store.keys()), data("c"))
        gate.open()
        XCTAssertEqual(try first.value(), data("first a", "first b"))
        XCTAssertEqual(try second.value(), data("first b", "second c", "first a", "first b"))
    }

    func testBatchesThatOverlapInBothOrders() throws {
        let store = try ByteStore()
        let keys = (0..<12).map { "key\($0)" }
        let running = (0..<threads).map { thread in
            Running {
                for round in 0..<300 {
                    let start = (thread * 5 + round * 7) % keys.count
                    var batch = (0..<6).map { keys[(start + $0) % keys.count] }
                    if thread % 2 == 1 { batch.reverse() }
                    let answer = try store.mgetOrCompute(batch) { missing in
                        sched_yield()
                        return missing.map { "value of " + $0 }
                    }
                    XCTAssertEqual(answer, batch.map { Data("value of \($0)".utf8) })
                    try store.mdelete(batch)
                }
            }
        }
        for thread in running { try thread.value() }
        assertNothingIsComputed(store)
    }

    func testCirclesOfSeveralThreadsAreFound() throws {
        // Also through another store, and through a computation within a computation.
        let (left, right) = (try ByteStore(), try ByteStore())
        for (one, two) in [(left, left), (left, right)] {
            let (oneComputes, twoComputes) = (Gate(), Gate())
            let first = Running {
                try one.mgetOrCompute(["a"]) { _ in
                    oneComputes.open()
                    try twoComputes.wait()
                    return try one.mgetOrCompute(["inner"]) { _ in try two.mgetOrCompute(["b"]) { $0 } }
                }
            }
            let second = Running {
                try two.mgetOrCompute(["b"]) { _ in
                    twoComputes.open()
                    try oneComputes.wait()
                    return try one.mgetOrCompute(["a"]) { $0 }
                }
            }
            for thread in [first, second] {
                XCTAssertThrowsError(try thread.value()) {
                    XCTAssertEqual(
                        $0 as? ByteStoreError,
                        .invalidArgument(
                            "computations wait for each other in a circle: each asks for a key of the next one"
                        ))
                }
            }
            assertNothingIsComputed(one)
            assertNothingIsComputed(two)
        }
    }

    func testAComputationMayWaitForAnother() throws {
        let store = try ByteStore()
        let gate = Gate()
        let first = Running {
            try store.mgetOrCompute(["a"]) { _ in
                try gate.wait()
                return ["1"]
            }
        }
        try until(store.flights.counts.keys == 1)
        let second = Running {
            try store.mgetOrCompute(["b"]) { _ in try store.mgetOrCompute(["a"]) { $0 } }
        }
        try until(store.waiters == 1)
        XCTAssertEqual(Wait.count, 1)
        gate.open()
        XCTAssertEqual(try first.value(), data("1"))
        XCTAssertEqual(try second.value(), data("1"))
        assertNothingIsComputed(store)
    }
}
