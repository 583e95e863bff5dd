// Saving and loading beside others: writers, who asks for progress, who closes, and tasks.

import Bytestore
import Foundation
import XCTest

final class SnapshotConcurrencyTests: XCTestCase {
    /// Something that one thread tells others, once.
    private final class Flag: @unchecked Sendable {  // the lock guards `value`
        private let lock = NSLock()
        private var value = false
        var isUp: Bool { lock.withLock { value } }
        func raise() { lock.withLock { value = true } }
    }

    /// Runs `body` on a thread of its own; the group ends with it.
    private func start(_ running: DispatchGroup, _ body: @escaping @Sendable () throws -> Void) {
        running.enter()
        Thread.detachNewThread {
            defer { running.leave() }
            do {
                try body()
            } catch {
                XCTFail("\(error)")
            }
        }
    }

    func testASnapshotNeverHasHalfABatch() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("store")
        let store = try ByteStore()
        let keys = (0..<200).map { "key \($0)" }
        try store.mset(keys.map { ($0, "first") })
        let running = DispatchGroup()
        let enough = Flag()
        for writer in 0..<2 {
            start(running) {
                var round = 0
                while !enough.isUp {
                    // Small values and large ones are kept in different ways.
                    let value = String(repeating: "\(writer)-\(round) ", count: round % 2 == 0 ? 1 : 1000)
                    try store.mset(keys.map { ($0, value) })
                    round += 1
                }
            }
        }
        let loaded = try ByteStore()
        for round in 0..<30 {
            if round % 2 == 0 {
                try store.save(to: file)
                try loaded.load(from: file)
            } else {
                try loaded.load(snapshot: store.snapshot(compressionLevel: 1))
            }
            XCTAssertEqual(try loaded.count(), keys.count)
            let values = try loaded.mget(keys)
            XCTAssertTrue(values.allSatisfy { $0 == values[0] && $0 != nil }, "half a batch")
        }
        enough.raise()
        running.wait()
        XCTAssertEqual(try folder.names(), ["store"])
    }

    /// Asks for the progress of `call`, which is made again and again, until it was seen.
    private func firstProgress(
        of store: ByteStore, during call: @escaping @Sendable () throws -> Void
    ) throws -> ByteStore.Progress? {
        let running = DispatchGroup()
        let seen = Flag()
        let over = Flag()
        start(running) {
            defer { over.raise() }
            for _ in 0..<1000 where !seen.isUp { try call() }
        }
        var progress: ByteStore.Progress?
        while progress == nil && !over.isUp {
            progress = try store.progress()
        }
        seen.raise()
        running.wait()
        XCTAssertNil(try store.progress())
        return progress
    }

    func testProgressIsSeenFromAnotherThread() throws {
        let store = try ByteStore()
        try store.mset((0..<20_000).map { ("key \($0)", "value \($0)") })
        XCTAssertNil(try store.progress())
        let ofSave = try XCTUnwrap(firstProgress(of: store) { _ = try store.snapshot(compressionLevel: 3) })
        XCTAssertGreaterThanOrEqual(ofSave.total, 20_000)
        let snapshot = try store.snapshot()
        let ofLoad = try XCTUnwrap(firstProgress(of: store) { try store.load(snapshot: snapshot) })
        XCTAssertGreaterThan(ofLoad.total, 20_000 * 10)
        XCTAssertLessThanOrEqual(ofLoad.total, snapshot.count)
        for progress in [ofSave, ofLoad] {
            XCTAssertTrue((0...1).contains(progress.fractionCompleted), "\(progress)")
        }
    }

    func testClosingBesideSavingAndLoading() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("store")
        let saved = try ByteStore()
        try saved.mset((0..<1000).map { ("key \($0)", "value") })
        try saved.save(to: file)
        let snapshot = try saved.snapshot()
        for _ in 0..<20 {
            let store = try ByteStore()
            try store.load(snapshot: snapshot)
            let ready = DispatchGroup()
            let running = DispatchGroup()
            let calls: [@Sendable () throws -> Void] = [
                { try store.save(to: file) },
                { _ = try store.snapshot() },
                { try store.load(from: file) },
                { try store.load(snapshot: snapshot) },
                { _ = try store.progress() },
            ]
            for call in calls {
                ready.enter()
                start(running) {
                    ready.leave()
                    do {
                        while true { try call() }
                    } catch ByteStoreError.closedHandle {}
                }
            }
            ready.wait()
            store.close()
            running.wait()
            XCTAssertEqual(try folder.names(), ["store"])
            XCTAssertEqual(try ByteStore(url: "snapshot:\(file.path)").count(), 1000)
        }
    }

    func testTasksSaveAndLoad() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try ByteStore()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<20 {
                let file = folder.file("\(task)")
                group.addTask {
                    let space = try store.namespace("\(task)/")
                    try space.mset((0..<100).map { ("\($0)", "\(task)") })
                    try await space.save(to: file, compressionLevel: task % 4)
                    try await space.save(toFile: file.path)
                    let snapshot = try await space.snapshot()
                    XCTAssertEqual(snapshot, try Data(contentsOf: file))
                    try space.mdelete(prefix: "")
                    try await space.load(snapshot: snapshot)
                    try await space.load(fromFile: file.path)
                    try await space.load(from: file)
                }
            }
            try await group.waitForAll()
        }
        XCTAssertEqual(try store.count(), 20 * 100)
        do {
            try await store.load(from: folder.file("none"))
            XCTFail("it is not there")
        } catch ByteStoreError.ioFailure(errno: ENOENT) {}
    }

    func testACancelledTaskBeginsNothing() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("store")
        let store = try ByteStore()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await store.save(to: file)
        }
        task.cancel()
        do {
            try await task.value
            XCTFail("it was cancelled")
        } catch is CancellationError {}
        XCTAssertEqual(try folder.names(), [])
    }
}
