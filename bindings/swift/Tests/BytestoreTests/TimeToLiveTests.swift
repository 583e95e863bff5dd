// Entries that end by themselves, with a clock that the tests turn.

import XCTest

@testable import Bytestore

final class TimeToLiveTests: XCTestCase {
    private func opened(timeToLive: Duration? = nil) throws -> ByteStore {
        try ByteStore(options: .init(timeToLive: timeToLive, manualClock: true))
    }

    /// Which keys are there.
    private func keys(_ store: ByteStore) throws -> [String] {
        try store.keys().map { String(decoding: $0, as: UTF8.self) }
    }

    func testABatchEndsAtOnce() throws {
        let store = try opened()
        try store.mset([("a", "1"), ("b", "2")], timeToLive: .seconds(1))
        try store.mset([("c", "3")])
        try store.advanceClock(by: .milliseconds(999))
        XCTAssertEqual(try keys(store), ["a", "b", "c"])
        XCTAssertEqual(try store.mget(["a", "c"], as: [UInt8].self), [Array("1".utf8), Array("3".utf8)])
        try store.advanceClock(by: .milliseconds(1))
        XCTAssertEqual(try keys(store), ["c"])
        XCTAssertEqual(try store.mget(["a", "b"]), [nil, nil])
        XCTAssertEqual(try store.mgetPacked(["a", "b"]).map { $0 }, [nil, nil])
        XCTAssertEqual(try store.count(), 1)
        XCTAssertEqual(try store.mdelete(["a", "b"]), 0)
    }

    func testTheStoresDefaultAndForEver() throws {
        let store = try opened(timeToLive: .seconds(60))
        try store.mset([("default", "")])
        try store.mset([("longer", "")], timeToLive: .seconds(120))
        try store.mset([("for ever", "")], timeToLive: nil)
        try store.advanceClock(by: .seconds(60))
        XCTAssertEqual(try keys(store), ["longer", "for ever"])
        try store.advanceClock(by: .seconds(Int64.max))
        XCTAssertEqual(try keys(store), ["for ever"])
    }

    func testSettingAgainGivesANewEnd() throws {
        let store = try opened()
        try store.mset([("a", ""), ("b", ""), ("c", "")], timeToLive: .milliseconds(5))
        try store.mset([("a", "")])
        try store.mset([("b", "")], timeToLive: .milliseconds(6))
        try store.advanceClock(by: .milliseconds(5))
        XCTAssertEqual(try keys(store), ["a", "b"])
        try store.advanceClock(by: .milliseconds(1))
        XCTAssertEqual(try keys(store), ["a"])
    }

    func testAllKindsOfPairs() throws {
        let store = try opened()
        let labelled: [(key: String, value: String)] = [("labelled", "")]
        try store.mset(labelled, timeToLive: .milliseconds(1))
        try store.mset(["dictionary": ""] as Dictionary, timeToLive: .milliseconds(1))
        try store.mset(["z": "", "a": "", "z": "last"], timeToLive: .milliseconds(1))
        try store.mset(["lazy"].lazy.map { ($0, "") }, timeToLive: .milliseconds(1))
        XCTAssertEqual(try keys(store), ["labelled", "dictionary", "z", "a", "lazy"])
        XCTAssertEqual(try store.mget(["z"], as: [UInt8].self), [Array("last".utf8)])
        try store.advanceClock(by: .milliseconds(1))
        XCTAssertEqual(try keys(store), [])
    }

    func testLessThanAMillisecondIsOne() throws {
        let store = try opened()
        try store.mset([("a", "")], timeToLive: .nanoseconds(1))
        XCTAssertEqual(try store.count(), 1)
        try store.advanceClock(by: .zero)
        XCTAssertEqual(try store.count(), 1)
        try store.advanceClock(by: .nanoseconds(1))
        XCTAssertEqual(try store.count(), 0)
    }

    func testMillisecondsAreRoundedUp() {
        /// About as long as the library counts: that is 614.
        func late(_ milliseconds: Int64) -> Duration {
            .seconds(18_446_744_073_709_551) + .milliseconds(milliseconds)
        }
        let durations: [(Duration, UInt64)] = [
            (.zero, 0), (.nanoseconds(-1), 0), (.seconds(-5), 0), (.seconds(Int64.min), 0),
            (Duration(secondsComponent: 0, attosecondsComponent: 1), 1),
            (.milliseconds(1), 1), (.microseconds(1001), 2), (.milliseconds(1999), 1999), (.seconds(2), 2000),
            (Duration(secondsComponent: 1, attosecondsComponent: 999_000_000_000_000_001), 2000),
            (late(613), .max - 2), (late(614), .max - 1), (late(615), .max - 1), (late(616), .max - 1),
            (.seconds(Int64.max), .max - 1),
        ]
        for (duration, milliseconds) in durations {
            XCTAssertEqual(duration.wholeMilliseconds, milliseconds, "\(duration)")
        }
    }

    func testATimeThatIsNotAboveZeroIsRefused() throws {
        let store = try opened()
        for duration in [Duration.zero, .nanoseconds(-1), .seconds(-5), .seconds(Int64.min)] {
            XCTAssertThrowsError(try store.mset([("a", "1")], timeToLive: duration)) { error in
                guard case .invalidArgument(let detail)? = error as? ByteStoreError else {
                    return XCTFail("\(error)")
                }
                XCTAssertTrue(detail.contains("\(duration)"), detail)
            }
        }
        XCTAssertEqual(try store.count(), 0)
    }

    func testAClockThatCannotBeTurned() throws {
        let systems = try ByteStore()
        let manual = try opened()
        try manual.mset([("a", "")], timeToLive: .milliseconds(1))
        let wrong: [(ByteStore, Duration, String)] = [
            (systems, .seconds(1), "without a manual clock"), (manual, .nanoseconds(-1), "cannot go back"),
        ]
        for (store, duration, reason) in wrong {
            XCTAssertThrowsError(try store.advanceClock(by: duration)) { error in
                guard case .invalidArgument(let detail)? = error as? ByteStoreError else {
                    return XCTFail("\(error)")
                }
                XCTAssertTrue(detail.contains(reason), detail)
            }
        }
        XCTAssertEqual(try manual.count(), 1)
    }
}
