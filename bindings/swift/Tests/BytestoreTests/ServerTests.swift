// Stores on a server: what they can and cannot do, what is said when one fails, and that tasks wait without a thread.

import Foundation
import XCTest

@testable import Bytestore

final class ServerTests: XCTestCase {
    /// Nobody listens there.
    private let nowhere = "redis://127.0.0.1:1?retries=0"

    private func assertRefused(_ error: any Error, _ name: String) {
        guard case .remoteFailure(let words)? = error as? ByteStoreError else {
            return XCTFail("\(name): \(error)")
        }
        XCTAssertTrue(words.contains("onnection refused"), "\(name): \(words)")
        XCTAssertEqual("\(error)", "remote_failure: \(words)", name)
    }

    func testCapabilities() throws {
        let all: ByteStore.Capabilities = [
            .insertionOrder, .atomicBatches, .prefixSteps, .positions, .snapshots, .sizes,
        ]
        let stores: [(String, ByteStore.Capabilities)] = [
            ("memory:", all), ("memory:capabilities?max_entries=10", all), (nowhere, [.atomicBatches]),
            (nowhere + "&batch=10", []), ("redis+unix:///nowhere", [.atomicBatches]),
            ("valkey+cluster://127.0.0.1:1,[::1]:2", []),
        ]
        for (url, capabilities) in stores {
            let store = try ByteStore(url: url)
            let space = try store.namespace("a/").namespace("b/")
            store.close()
            XCTAssertEqual(store.capabilities, capabilities, url)
            XCTAssertEqual(space.capabilities, capabilities, url)
        }
    }

    func testEveryCallSaysWhyAServerFailed() async throws {
        let store = try ByteStore(url: nowhere)
        let keys = try store.keys()
        let calls: [(String, () throws -> Void)] = [
            ("mset", { try store.mset([("a", "1")]) }),
            ("mset, timeToLive", { try store.mset([("a", "1")], timeToLive: .seconds(1)) }),
            ("mget", { _ = try store.mget(["a"]) }),
            ("mgetPacked", { _ = try store.mgetPacked(["a"]) }),
            ("withValues", { try store.withValues(of: ["a"]) { _ in XCTFail("was called") } }),
            ("mdelete", { try store.mdelete(["a"]) }),
            ("nextKey", { _ = try keys.nextKey() }),
            ("count", { _ = try store.count() }),
            ("count(prefix:)", { _ = try store.count(prefix: "a") }),
            ("mdelete(prefix:)", { try store.mdelete(prefix: "a") }),
            ("namespace", { _ = try store.namespace("a").count() }),
            ("mgetOrCompute", { _ = try store.mgetOrCompute(["a"]) { $0 } }),
        ]
        for (name, call) in calls {
            XCTAssertThrowsError(try call(), name) { assertRefused($0, name) }
        }
        let ofTasks: [(String, () async throws -> Void)] = [
            ("perform", { _ = try await store.perform { try $0.mget(["a"]) } }),
            ("mgetOrCompute", { _ = try await store.mgetOrCompute(["a"]) { $0 } }),
            ("async", { for try await _ in keys.async { XCTFail("a key") } }),
        ]
        for (name, call) in ofTasks {
            do {
                try await call()
                XCTFail("\(name) did not fail")
            } catch {
                assertRefused(error, name)
            }
        }
    }

    /// The store may go while its keys are read: they still say why there are no more.
    func testKeysOfAServerKeepTheStore() throws {
        let keys = try ByteStore(url: nowhere).keys()
        XCTAssertThrowsError(try keys.nextKey()) { assertRefused($0, "nextKey") }
    }

    func testWhatAServerCannotDo() throws {
        let store = try ByteStore(url: nowhere)
        let file = URL(fileURLWithPath: "/nowhere/file")
        let calls: [(String, () throws -> Void)] = [
            ("page", { _ = try store.page(limit: 10) }),
            ("page, from", { _ = try store.page(from: KeyPosition(rawValue: 1), limit: 10) }),
            ("save", { try store.save(to: file) }), ("load", { try store.load(from: file) }),
            ("snapshot", { _ = try store.snapshot() }),
            ("load(snapshot:)", { try store.load(snapshot: Data()) }),
        ]
        for (name, call) in calls {
            XCTAssertThrowsError(try call(), name) { error in
                XCTAssertEqual(error as? ByteStoreError, .unsupported, name)
            }
        }
        XCTAssertThrowsError(try store.advanceClock(by: .seconds(1))) { error in
            guard case .invalidArgument = error as? ByteStoreError else { return XCTFail("\(error)") }
        }
    }

    /// So many that they would wait for one another, if they stood in the way of the threads that tasks share.
    private let tasks = 40

    /// All calls wait for an answer at the same time; before that the server does not let them go.
    private func assertTasksWaitTogether(
        _ call: @escaping @Sendable (ByteStore) async throws -> Void
    ) async throws {
        let server = try SilentServer(connections: tasks)
        let store = try ByteStore(url: "redis://127.0.0.1:\(server.port)?retries=0&timeout=60s")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    do {
                        try await call(store)
                        XCTFail("nobody answers")
                    } catch {
                        XCTAssertTrue(server.satisfied.isOpen, "\(error)")
                    }
                }
            }
        }
    }

    func testPerformingTasksWaitTogether() async throws {
        try await assertTasksWaitTogether { _ = try await $0.perform { try $0.mget(["a"]) } }
    }

    func testComputingTasksWaitTogether() async throws {
        try await assertTasksWaitTogether { _ = try await $0.mgetOrCompute(["a"]) { $0 } }
    }

    func testTasksThatReadKeysWaitTogether() async throws {
        try await assertTasksWaitTogether { for try await _ in try $0.keys().async {} }
    }

    func testWhatIsPerformedBelongsToTheComputation() async throws {
        let store = try ByteStore()
        do {
            _ = try await store.mgetOrCompute(["a"]) { missing in
                try await store.perform { try $0.mgetOrCompute(["a"]) { $0 } }
            }
            XCTFail("it asked for what it computes")
        } catch ByteStoreError.invalidArgument {}
    }

    func testACancelledTaskPerformsNothing() async throws {
        let store = try ByteStore()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await store.perform { try $0.mset(["a": "1"]) }
        }
        task.cancel()
        do {
            try await task.value
            XCTFail("it was cancelled")
        } catch is CancellationError {}
        XCTAssertEqual(try store.count(), 0)
    }

    /// Copies of what a server has, which others change.
    func testTwoTiers() throws {
        let server = try RealServer()
        defer { XCTAssertNoThrow(try server.stop()) }
        let other = try ByteStore(url: server.url)
        let store = try ByteStore(url: "memory:?max_bytes=1MiB&over=" + server.url)
        for value in ["1", "2"].map({ Data($0.utf8) }) {
            try other.mset([("a", value)])
            try until(store.mget(["a"]) == [value] && store.stats().entries > 0)
        }
        try store.mset([("a", "3")])
        for each in [store, other] {
            XCTAssertEqual(try each.mget(["a"]), [Data("3".utf8)])
        }
    }

    func testARealServer() async throws {
        let server = try RealServer()
        defer { XCTAssertNoThrow(try server.stop()) }
        let store = try ByteStore(url: server.url + "&namespace=app/")
        let large = Data(repeating: 7, count: 3 << 20)
        try store.mset([("a", Data("1".utf8)), ("", Data()), ("large", large)])
        try store.mset([("short", "")], timeToLive: .milliseconds(1))
        try await until(store.mget(["short"]) == [nil])
        let keys = ["a", "none", "", "large", "a"]
        let values: [Data?] = [Data("1".utf8), nil, Data(), large, Data("1".utf8)]
        XCTAssertEqual(try store.mget(keys), values)
        XCTAssertEqual(try store.mgetPacked(keys).map { $0 }, values)
        let performed = try await store.perform { try $0.mget(keys) }
        XCTAssertEqual(performed, values)

        let before = try store.stats()
        let computed = try await store.mgetOrCompute(["a", "b"]) { $0.map { $0 + "!" } }
        XCTAssertEqual(computed, [Data("1".utf8), Data("b!".utf8)])
        let stats = try store.stats()
        XCTAssertEqual([stats.hits - before.hits, stats.misses - before.misses, stats.sets], [1, 1, 5])

        let space = try ByteStore(url: server.url).namespace("app/")
        let all = Set(["", "a", "b", "large"].map { Data($0.utf8) })
        var read: [Data] = []
        let asked = try space.keys()
        while let key = try asked.nextKey() { read.append(key) }
        XCTAssertEqual(read.count, all.count)
        XCTAssertEqual(Set(read), all)
        var awaited: [Data] = []
        for try await key in try space.keys().async { awaited.append(key) }
        XCTAssertEqual(awaited.count, all.count)
        XCTAssertEqual(Set(awaited), all)
        XCTAssertEqual(try [space.count(), store.count(prefix: "la")], [4, 1])
        XCTAssertEqual(try store.mdelete(["a", "none"]), 1)
        XCTAssertEqual(try [store.mdelete(prefix: ""), space.count()], [3, 0])
    }
}
