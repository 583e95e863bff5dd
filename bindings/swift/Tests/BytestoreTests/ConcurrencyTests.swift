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
