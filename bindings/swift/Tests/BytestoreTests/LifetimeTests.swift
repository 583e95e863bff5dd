// Closing, what outlives it, and that nothing is kept for ever.

import Bytestore
import Foundation
import XCTest

final class LifetimeTests: XCTestCase {
    func testClosingTwice() throws {
        let store = try ByteStore()
        let other = try ByteStore()
        store.close()
        store.close()
        try other.mset([("a", "1")])
        XCTAssertEqual(try other.count(), 1)
    }

    func testAClosedStoreRefusesEveryOperation() throws {
        let store = try ByteStore()
        store.close()
        let operations: [(String, () throws -> Void)] = [
            ("mset", { try store.mset([("a", "1")]) }),
            ("mget", { _ = try store.mget(["a"]) }),
            ("mget as", { _ = try store.mget(["a"], as: [UInt8].self) }),
            ("withValues", { try store.withValues(of: ["a"]) { _ in XCTFail("was called") } }),
            ("mdelete", { try store.mdelete(["a"]) }),
            ("keys", { _ = try store.keys() }),
            ("keys(prefix:)", { _ = try store.keys(prefix: "a") }),
            ("count", { _ = try store.count() }),
            ("mset, timeToLive", { try store.mset([("a", "1")], timeToLive: .seconds(1)) }),
            ("mset, for ever", { try store.mset([("a", "1")], timeToLive: nil) }),
            ("count(prefix:)", { _ = try store.count(prefix: "a") }),
            ("mdelete(prefix:)", { try store.mdelete(prefix: "a") }),
            ("page", { _ = try store.page(limit: 1) }),
            ("namespace", { _ = try store.namespace("a") }),
            ("mgetOrCompute", { _ = try store.mgetOrCompute(["a"]) { $0 } }),
            ("save(to:)", { try store.save(to: URL(fileURLWithPath: "/nowhere/file")) }),
            ("save(toFile:)", { try store.save(toFile: "/nowhere/file") }),
            ("snapshot", { _ = try store.snapshot() }),
            ("load(from:)", { try store.load(from: URL(fileURLWithPath: "/nowhere/file")) }),
            ("load(fromFile:)", { try store.load(fromFile: "/nowhere/file") }),
            ("load(snapshot:)", { try store.load(snapshot: Data()) }),
            ("progress", { _ = try store.progress() }),
            ("stats", { _ = try store.stats() }),
            ("advanceClock", { try store.advanceClock(by: .seconds(1)) }),
        ]
        for (name, operation) in operations {
            XCTAssertThrowsError(try operation(), name) { error in
                XCTAssertEqual(error as? ByteStoreError, .closedHandle, name)
            }
        }
    }

    func testTheLastReferenceClosesTheStoreButNotWhatWasTakenFromIt() throws {
        let large = Data(repeating: 5, count: 50_000)
        var store: ByteStore? = try ByteStore()
        try store?.mset([("a", large), ("b", Data("small".utf8))])
        let values = try XCTUnwrap(store).mget(["a", "b"])
        let keys = try XCTUnwrap(store).keys()
        let begun = try XCTUnwrap(store).keys()
        XCTAssertEqual(begun.next(), Data("a".utf8))
        store = nil
        XCTAssertEqual(values, [large, Data("small".utf8)])
        XCTAssertEqual(Array(keys), [Data("a".utf8), Data("b".utf8)])
        XCTAssertEqual(Array(begun), [Data("b".utf8)])
    }

    func testViewsOutliveAClose() throws {
        let store = try ByteStore()
        let large = [UInt8](repeating: 5, count: 50_000)
        try store.mset([("a", large), ("b", [1])])
        try store.withValues(of: ["a", "b"]) { views in
            store.close()
            XCTAssertEqual(views.map { $0.map { Array($0) } }, [large, [1]])
        }
    }

    func testAHundredThousandObjectsLeaveNothing() throws {
        let kept = try ByteStore()
        try kept.mset([("key", [UInt8](repeating: 1, count: 4000))])
        let value = [UInt8](repeating: 1, count: 10_000)
        func round(_ count: Int) throws {
            for _ in 0..<count {
                let dropped = try ByteStore()
                try dropped.mset([("key", value)])
                _ = try kept.mget(["key"])
                _ = try dropped.keys()
                _ = try dropped.keys().next()
                for _ in try dropped.keys() {}
                _ = try dropped.page(limit: 1)
                let space = try dropped.namespace("a")
                _ = try space.mgetOrCompute(["new"]) { $0.map { _ in value } }
                try dropped.load(snapshot: dropped.snapshot())
                _ = try? space.mgetOrCompute(["failed"]) { _ -> [Data] in throw CancellationError() }
            }
        }
        try round(1000)
        let before = try residentBytes()
        try round(100_000)
        // Any of them kept for ever would be 0.4 GB or more: cursors and namespaces keep their store's memory.
        XCTAssertLessThan(try residentBytes() - before, 100 << 20)
    }
}

/// The memory of this process that is really there.
func residentBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try XCTUnwrap(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try XCTUnwrap(Int(line.split(separator: " ", omittingEmptySubsequences: true)[1])) * 1024
}
