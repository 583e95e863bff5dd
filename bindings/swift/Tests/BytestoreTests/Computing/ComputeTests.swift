// Getting or computing, one thread at a time: what is asked, what is set, what is thrown.

import Foundation
import XCTest

@testable import Bytestore

final class ComputeTests: XCTestCase {
    func testWhatIsMissingIsComputedInOneCall() throws {
        let store = try ByteStore()
        try store.mset(["b": "old"])
        var asked: [[String]] = []
        let compute = { (missing: [String]) in
            asked.append(missing)
            return missing.map { $0 + "!" }
        }
        let keys = ["c", "b", "a", "c"]
        XCTAssertEqual(try store.mgetOrCompute(keys, compute: compute), data("c!", "old", "a!", "c!"))
        XCTAssertEqual(try store.mgetOrCompute(keys, compute: compute), data("c!", "old", "a!", "c!"))
        XCTAssertEqual(asked, [["c", "a"]])
        XCTAssertEqual(try Array(store.keys()), data("b", "c", "a"))
        XCTAssertEqual(try store.mgetOrCompute([String](), compute: compute), [])
        assertNothingIsComputed(store)
    }

    func testAllKindsOfBytes() throws {
        let store = try ByteStore()
        XCTAssertEqual(
            try store.mgetOrCompute(["a", "ab"].lazy.map { $0.dropFirst() }) { $0 }, data("", "b"))
        XCTAssertEqual(try store.mgetOrCompute([Data([0, 1])[1...]]) { [Array($0[0])] }, [Data([1])])
        let memory: [UInt8] = [0xFF, 0]
        let answer = try memory.withUnsafeBytes { bytes in
            try store.mgetOrCompute([bytes]) { [$0[0].reversed()] }
        }
        XCTAssertEqual(answer, [Data([0, 0xFF])])
        XCTAssertEqual(try store.mget([[0xFF, 0] as [UInt8], [1]]), [Data([0, 0xFF]), Data([1])])
    }

    func testStringsThatSwiftCallsEqualAreComputedEach() throws {
        let store = try ByteStore()
        let answer = try store.mgetOrCompute(["\u{E9}", "e\u{301}"]) { missing in
            XCTAssertEqual(missing.map(\.utf8.count), [2, 3])
            return ["one", "two"]
        }
        XCTAssertEqual(answer, data("one", "two"))
    }

    func testErrorsPassAndAreNotKept() throws {
        let store = try ByteStore()
        for number in 0..<2 {
            XCTAssertThrowsError(
                try store.mgetOrCompute(["a"]) { _ -> [Data] in throw Mine(number: number) }
            ) {
                XCTAssertEqual($0 as? Mine, Mine(number: number))
            }
            assertNothingIsComputed(store)
        }
        XCTAssertEqual(try store.count(), 0)
        XCTAssertEqual(try store.mgetOrCompute(["a"]) { _ in ["1"] }, data("1"))
    }

    func testTheWrongNumberOfValues() throws {
        let store = try ByteStore()
        for values in [[], ["1"], ["1", "2", "3"]] {
            XCTAssertThrowsError(try store.mgetOrCompute(["a", "b"]) { _ in values }) {
                XCTAssertEqual(
                    $0 as? ByteStoreError,
                    .invalidArgument("the computation was asked for 2 keys, and gave \(values.count) values"))
            }
        }
        XCTAssertEqual(try store.count(), 0)
        assertNothingIsComputed(store)
    }

    func testHowLongTheValuesLive() throws {
        let store = try ByteStore(options: .init(timeToLive: .seconds(1), manualClock: true))
        _ = try store.mgetOrCompute(["default"]) { $0 }
        _ = try store.mgetOrCompute(["longer"], timeToLive: .seconds(2)) { $0 }
        _ = try store.mgetOrCompute(["for ever"], timeToLive: nil) { $0 }
        try store.advanceClock(by: .seconds(1))
        XCTAssertEqual(try Array(store.keys()), data("longer", "for ever"))
        try store.advanceClock(by: .seconds(1))
        XCTAssertEqual(try Array(store.keys()), data("for ever"))
        XCTAssertThrowsError(
            try store.mgetOrCompute(["a"], timeToLive: .zero) { missing in
                XCTFail("computed")
                return missing
            }
        ) { XCTAssertEqual(($0 as? ByteStoreError)?.name, "invalid_argument") }
    }

    func testWhatCannotBeSetIsThrown() throws {
        let small = try ByteStore(options: .init(maxItemBytes: 2))
        XCTAssertThrowsError(try small.mgetOrCompute(["a"]) { _ in ["too long"] }) {
            XCTAssertEqual($0 as? ByteStoreError, .overLimit)
        }
        assertNothingIsComputed(small)
        let closing = try ByteStore()
        XCTAssertThrowsError(
            try closing.mgetOrCompute(["a"]) { missing in
                closing.close()
                return missing
            }
        ) { XCTAssertEqual($0 as? ByteStoreError, .closedHandle) }
        assertNothingIsComputed(closing)
    }

    func testTheComputationMayUseTheStore() throws {
        let store = try ByteStore()
        let space = try store.namespace("n/")
        let answer = try store.mgetOrCompute(["a", "b"]) { missing in
            try store.mset(["other": "1"])
            let inner = try space.mgetOrCompute(["a"]) { _ in
                try store.mgetOrCompute(["c", "other"]) { $0.map { _ in "2" } }.map { $0 + Data("n".utf8) }[
                    ..<1
                ]
                .map { $0 }
            }
            return missing.map { Data($0.utf8) + inner[0] }
        }
        XCTAssertEqual(answer, data("a2n", "b2n"))
        XCTAssertEqual(try Array(store.keys()), data("other", "c", "n/a", "a", "b"))
        assertNothingIsComputed(store)
    }

    func testAskingForWhatIsBeingComputed() throws {
        // On a thread of its own: what is not found out would wait for ever.
        try Running {
            let store = try ByteStore()
            let space = try store.namespace("n/")
            for asking in [store, try store.namespace("")] {
                var caught: ByteStoreError?
                let answer = try store.mgetOrCompute(["a", "n/b"]) { missing in
                    try space.mgetOrCompute(["c"]) { _ in
                        XCTAssertThrowsError(
                            try asking.mgetOrCompute(["new", "n/b"]) { missing in
                                XCTFail("computed")
                                return missing
                            }
                        ) { caught = $0 as? ByteStoreError }
                        XCTAssertThrowsError(try space.mgetOrCompute(["b"]) { $0 })
                        XCTAssertThrowsError(try space.mgetOrCompute(["c"]) { $0 })
                        return ["3"]
                    } + data("2")
                }
                XCTAssertEqual(
                    caught,
                    .invalidArgument("a computation asks for what it is computing itself: key 1 of the batch")
                )
                XCTAssertEqual(answer, data("3", "2"))
                assertNothingIsComputed(store)
                XCTAssertEqual(try store.mdelete(prefix: ""), 3)
            }
        }.value()
    }

    func testAComputationThatAsksForItselfFails() throws {
        let store = try ByteStore()
        let asking = Running { try store.mgetOrCompute(["a"]) { try store.mgetOrCompute($0) { $0 } } }
        XCTAssertThrowsError(try asking.value()) {
            XCTAssertEqual(($0 as? ByteStoreError)?.name, "invalid_argument")
        }
        XCTAssertEqual(try store.mgetOrCompute(["a"]) { $0 }, data("a"))
    }

    func testLookingAgainOnlyWhereSomethingCame() throws {
        let store = try ByteStore()
        /// As a call that has looked into the store, and has not yet claimed what it missed.
        func missed(_ keys: [String]) throws -> Gaps {
            let landed = store.flights.landed
            return Gaps(in: try store.mget(keys), landed: landed) { Array(keys[$0].utf8) }
        }
        let early = try missed(["a", "b", "c"])
        _ = try store.mgetOrCompute(["b"]) { _ in ["came"] }
        let before = try store.stats()
        let answer = try store.fill(early, milliseconds: nil) { places in
            XCTAssertEqual(places, [0, 2])
            return data("1", "3")
        }
        XCTAssertEqual(answer, data("1", "came", "3"))
        var after = try store.stats()
        XCTAssertEqual([after.hits - before.hits, after.misses - before.misses], [1, 2])

        let all = try missed(["d"])
        _ = try store.mgetOrCompute(["d"]) { $0 }
        let unasked = try store.fill(all, milliseconds: nil) { places in
            XCTFail("computed")
            return places.map { _ in Data() }
        }
        XCTAssertEqual(unasked, data("d"))

        let late = try missed(["e"])
        XCTAssertThrowsError(try store.mgetOrCompute(["f"]) { _ -> [Data] in throw Mine() })
        after = try store.stats()
        XCTAssertEqual(try store.fill(late, milliseconds: nil) { _ in data("5") }, data("5"))
        XCTAssertEqual(try store.stats().misses, after.misses)
        assertNothingIsComputed(store)
    }

    func testNothingOfAComputationStaysBehind() throws {
        let store = try ByteStore()
        final class Held {}
        weak var held: Held?
        weak var computation: Computation?
        _ = try store.mgetOrCompute(["a"]) { [object = Held()] missing in
            held = object
            computation = Computation.current
            XCTAssertNotNil(computation)
            XCTAssertEqual(store.flights.counts.keys, 1)
            return missing
        }
        XCTAssertNil(held)
        XCTAssertNil(computation)
        XCTAssertNil(Computation.current)
    }
}
