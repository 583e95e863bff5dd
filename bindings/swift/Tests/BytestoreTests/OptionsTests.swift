// Options in Swift's types: the URL they stand for, what the library makes of it, and what a bound refuses.

import Bytestore
import Foundation
import XCTest

final class OptionsTests: XCTestCase {
    func testOptionsAreAURL() {
        let urls: [(ByteStore.Options, String)] = [
            (.init(), "memory:"),
            (.init(maxBytes: 512 << 20), "memory:?max_bytes=536870912"),
            (.init(maxEntries: 1000), "memory:?max_entries=1000"),
            (.init(maxItemBytes: 1 << 20), "memory:?max_item_bytes=1048576"),
            (.init(timeToLive: .seconds(3600)), "memory:?ttl=3600000ms"),
            (.init(timeToLive: .microseconds(1001)), "memory:?ttl=2ms"),
            (.init(timeToLive: .seconds(Int64.max)), "memory:?ttl=18446744073709551614ms"),
            (.init(manualClock: true), "memory:?clock=manual"),
            (.init(erase: true), "memory:?erase=true"),
            (
                .init(
                    maxBytes: 1, maxEntries: 2, maxItemBytes: 3, timeToLive: .milliseconds(4),
                    manualClock: true, erase: true),
                "memory:?max_bytes=1&max_entries=2&max_item_bytes=3&ttl=4ms&clock=manual&erase=true"
            ),
        ]
        for (options, url) in urls {
            XCTAssertEqual(options.url, url)
            XCTAssertNoThrow(try ByteStore(options: options), url)
        }
    }

    func testTheStoreSaysTheSame() throws {
        let none = try ByteStore(options: .init()).stats()
        XCTAssertNil(none.maxBytes)
        XCTAssertNil(none.maxEntries)
        for options in [
            ByteStore.Options(maxBytes: 512 << 20, maxEntries: 1000), .init(maxBytes: 1 << 40),
            .init(maxEntries: .max),
        ] {
            let stats = try ByteStore(options: options).stats()
            XCTAssertEqual(stats.maxBytes, options.maxBytes)
            XCTAssertEqual(stats.maxEntries, options.maxEntries)
        }
        let written = try ByteStore(url: "memory:?max_bytes=512MiB&max_entries=1000").stats()
        XCTAssertEqual(written, try ByteStore(options: .init(maxBytes: 512 << 20, maxEntries: 1000)).stats())
    }

    func testABoundBeyondAnInt() throws {
        XCTAssertEqual(try ByteStore(url: "memory:?max_bytes=18446744073709551614").stats().maxBytes, .max)
    }

    func testOptionsOutOfTheirRangeAreQuoted() {
        let wrong: [(ByteStore.Options, String)] = [
            (.init(maxBytes: 0), "max_bytes=0"),
            (.init(maxBytes: -1), "max_bytes=-1"),
            (.init(maxBytes: 1, maxEntries: .min), "max_entries=-9223372036854775808"),
            (.init(maxItemBytes: 0), "max_item_bytes=0"),
            (.init(timeToLive: .zero), "ttl=0ms"),
            (.init(timeToLive: .seconds(-1)), "ttl=0ms"),
        ]
        for (options, part) in wrong {
            XCTAssertThrowsError(try ByteStore(options: options), part) { error in
                guard case .invalidArgument(let detail)? = error as? ByteStoreError else {
                    return XCTFail("\(part): \(error)")
                }
                XCTAssertTrue(detail.hasPrefix("\"\(part)\" in the URL \"\(options.url)\""), detail)
            }
        }
    }

    func testMoreThanTheStoreMayHold() throws {
        let large = Data(repeating: 1, count: 9000)
        let limits: [(ByteStore.Options, [(String, Data)])] = [
            (.init(maxBytes: 4096), [("large", large)]),
            (.init(maxEntries: 2), [("a", Data()), ("b", Data()), ("c", Data())]),
            (.init(maxItemBytes: 9), [("fits", Data()), ("0123456789", Data())]),
        ]
        for (options, pairs) in limits {
            let store = try ByteStore(options: options)
            try store.mset([("before", "1")])
            for refused in [
                { try store.mset(pairs) }, { try store.mset(pairs, timeToLive: .seconds(1)) },
                { try store.mset(pairs, timeToLive: nil) },
            ] {
                XCTAssertThrowsError(try refused(), options.url) { error in
                    XCTAssertEqual(error as? ByteStoreError, .overLimit)
                    XCTAssertEqual((error as? ByteStoreError)?.name, "over_limit")
                }
            }
            XCTAssertEqual(
                try Array(store.keys()), [Data("before".utf8)], "nothing has changed: \(options.url)")
            XCTAssertEqual(try store.stats().sets, 1)
        }
    }

    func testAFullStoreLetsEntriesGo() throws {
        let byEntries = try ByteStore(options: .init(maxEntries: 10))
        let byBytes = try ByteStore(options: .init(maxBytes: 10_000))
        for index in 0..<100 {
            try byEntries.mset([("key\(index)", "")])
            try byBytes.mset([("key\(index)", Data(repeating: 1, count: 900))])
        }
        XCTAssertEqual(try byEntries.count(), 10)
        XCTAssertEqual(try byEntries.stats().evictionsByEntries, 90)
        XCTAssertEqual(try byEntries.stats().evictionsByBytes, 0)
        let stats = try byBytes.stats()
        XCTAssertEqual(stats.entries + stats.evictionsByBytes, 100)
        XCTAssertGreaterThan(stats.evictionsByBytes, 0)
        XCTAssertLessThanOrEqual(stats.keyBytes + stats.valueBytes + stats.overheadBytes, 10_000)
    }
}
