// One store, many threads and tasks.

import Bytestore
import Foundation
import XCTest

final class ConcurrencyTests: XCTestCase {
    private actor Owner {
        private let store: ByteStore
        init(_ store: ByteStore) { self.store = store }
        func set(_ key: String, _ value: String) throws { try store.mset([(key, value)]) }
    }

    func testTasksAndActorsShareAStore() async throws {
        let store = try ByteStore()
        let owner = Owner(store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<50 {
                group.addTask {
                    try store.mset((0..<100).map { ("task\(task)/\($0)", "\(task)") })
                    try await owner.set("owner/\(task)", "")
                }
            }
            try await group.waitForAll()
        }
        XCTAssertEqual(try store.count(), 50 * 101)
        for task in 0..<50 {
            let keys = (0..<100).map { Data("task\(task)/\($0)".utf8) }
            XCTAssertEqual(try Array(store.keys(prefix: "task\(task)/")), keys, "a batch came apart")
        }
    }

    func testTheClockTurnsBesideWritersAndReaders() async throws {
        let store = try ByteStore(options: .init(maxEntries: 100, manualClock: true))
        let keys = (0..<10).map { "key\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for _ in 0..<500 {
                        try store.mset(keys.map { ($0, "\(task)") }, timeToLive: .milliseconds(2))
                        try store.advanceClock(by: .milliseconds(1))
                        let values = try store.mget(keys)
                        XCTAssertTrue(
                            values.allSatisfy { $0 == values[0] }, "a batch ended in part: \(values)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let stats = try store.stats()
        XCTAssertEqual(stats.sets, 4 * 500 * 10)
        XCTAssertEqual(stats.hits + stats.misses, 4 * 500 * 10)
        try store.advanceClock(by: .milliseconds(2))
        XCTAssertEqual(try store.count(), 0)
    }

    func testClosingBesideRunningCalls() throws {
        for _ in 0..<50 {
            let store = try ByteStore()
            let ready = DispatchGroup()
            let running = DispatchGroup()
            for _ in 0..<3 {
                ready.enter()
                running.enter()
                Thread.detachNewThread {
                    ready.leave()
                    defer { running.leave() }
                    while true {
                        do {
                            try store.mset([("key", [UInt8](repeating: 1, count: 5000))])
                            try store.mset([("key", [1] as [UInt8])], timeToLive: .seconds(3600))
                            let stats = try store.stats()
                            XCTAssertGreaterThan(stats.sets, 0)
                            let value = try store.mget(["key"])[0]
                            XCTAssertEqual(value?.allSatisfy { $0 == 1 }, true)
                            try store.mdelete(store.keys(prefix: "none"))
                        } catch {
                            XCTAssertEqual(error as? ByteStoreError, .closedHandle)
                            return
                        }
                    }
                }
            }
            ready.wait()
            store.close()
            running.wait()
        }
    }
}
