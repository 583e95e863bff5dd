// Stores within a store.

import Bytestore
import Foundation
import XCTest

final class NamespaceTests: XCTestCase {
    private func strings(_ keys: some Sequence<Data>) -> [String] {
        keys.map { String(decoding: $0, as: UTF8.self) }
    }

    func testNamespacesBesideEachOther() throws {
        let store = try ByteStore()
        let users = try store.namespace("user/")
        let drafts = try store.namespace(Data("draft/".utf8))
        try users.mset(["1": "Ada", "2": "Grace"])
        try drafts.mset(["1": "empty"])
        XCTAssertEqual(try users.mget(["1", "user/1"]), [Data("Ada".utf8), nil])
        XCTAssertEqual(try drafts.mget(["1", "2"]), [Data("empty".utf8), nil])
        XCTAssertEqual(strings(try store.keys()), ["user/1", "user/2", "draft/1"])
        XCTAssertEqual(strings(try users.keys()), ["1", "2"])
        XCTAssertEqual(try users.mdelete(prefix: ""), 2)
        XCTAssertEqual(try [store.count(), users.count(), drafts.count()], [1, 0, 1])
    }

    func testEveryOperationWorksOnANamespace() async throws {
        let store = try ByteStore(options: .init(maxEntries: 100, timeToLive: .seconds(1), manualClock: true))
        let space = try store.namespace([0xFF, 0])
        try space.mset([("a", "1"), ("b", "2"), ("ab", "3")])
        try space.mset([("c", "4")], timeToLive: nil)
        XCTAssertEqual(try space.mget(["a"], as: [UInt8].self), [Array("1".utf8)])
        XCTAssertEqual(try space.mgetPacked(["b", "none"]).map { $0 }, [Data("2".utf8), nil])
        XCTAssertEqual(try space.withValues(of: ["ab"]) { $0.map { $0?.count } }, [1])
        XCTAssertEqual(strings(try space.keys(prefix: "a")), ["a", "ab"])
        var awaited: [Data] = []
        for try await key in try space.keys(prefix: "b").async { awaited.append(key) }
        XCTAssertEqual(strings(awaited), ["b"])
        let page = try space.page(limit: 2)
        XCTAssertEqual(strings(page.keys), ["a", "b"])
        XCTAssertEqual(strings(try space.page(from: page.next, limit: 2).keys), ["ab", "c"])
        XCTAssertEqual(try space.count(prefix: "a"), 2)
        XCTAssertEqual(try space.mdelete(["a", "none"]), 1)
        try space.advanceClock(by: .seconds(1))
        XCTAssertEqual(strings(try space.keys()), ["c"])
        XCTAssertEqual(try space.stats(), try store.stats())
        XCTAssertEqual(try space.stats().maxEntries, 100)
    }

    func testNamespacesOfNamespaces() throws {
        let store = try ByteStore()
        let inner = try store.namespace("a/").namespace("b/")
        try inner.mset(["c": "1"])
        XCTAssertEqual(strings(try store.keys()), ["a/b/c"])
        let computed = try inner.mgetOrCompute(["c", "d"]) { missing in
            XCTAssertEqual(missing, ["d"])
            return ["2"]
        }
        XCTAssertEqual(computed, [Data("1".utf8), Data("2".utf8)])
        XCTAssertEqual(strings(try store.keys()), ["a/b/c", "a/b/d"])
    }

    func testEachClosesAlone() throws {
        var store: ByteStore? = try ByteStore()
        let space = try XCTUnwrap(store).namespace("a/")
        let other = try XCTUnwrap(store).namespace("a/")
        try space.mset(["1": "one"])
        other.close()
        XCTAssertThrowsError(try other.count()) { XCTAssertEqual($0 as? ByteStoreError, .closedHandle) }
        XCTAssertThrowsError(try other.namespace("")) {
            XCTAssertEqual($0 as? ByteStoreError, .closedHandle)
        }
        store = nil
        XCTAssertEqual(try space.mget(["1"]), [Data("one".utf8)])
    }

    func testAnEmptyPrefixIsASecondHandle() throws {
        let store = try ByteStore()
        let second = try store.namespace("")
        try store.mset(["a": "1"])
        store.close()
        XCTAssertEqual(strings(try second.keys()), ["a"])
    }

    func testTasksShareNamespaces() async throws {
        let store = try ByteStore()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<20 {
                group.addTask {
                    let space = try store.namespace("\(task)/")
                    try space.mset((0..<100).map { ("\($0)", "\(task)") })
                    XCTAssertEqual(try space.count(), 100)
                    XCTAssertEqual(try space.mdelete(prefix: "9"), 11)
                }
            }
            try await group.waitForAll()
        }
        XCTAssertEqual(try store.count(), 20 * 89)
    }
}
