// Getting or computing from several tasks: waiting without a thread, cancelling, what belongs to a computation.

import Foundation
import XCTest

@testable import Bytestore

final class ComputeTasksTests: XCTestCase {
    private let tasks = 20

    func testTasksThatMissAKeyComputeItOnce() async throws {
        let store = try ByteStore()
        let gate = Gate()
        let asked = Record<[String]>()
        let answers = try await withThrowingTaskGroup(of: [Data].self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    try await store.mgetOrCompute(["a", "b"]) { missing in
                        asked.add(missing)
                        try await gate.pass()
                        return missing.map { $0 + "!" }
                    }
                }
            }
            try await until(store.waiters == tasks - 1)
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        XCTAssertEqual(answers, Array(repeating: data("a!", "b!"), count: tasks))
        XCTAssertEqual(asked.items, [["a", "b"]])
        XCTAssertEqual(try store.stats().hits, 0)
        assertNothingIsComputed(store)
    }

    /// One task that computes until the gate opens, and one that waits for it.
    private func computingAndWaiting(
        _ store: ByteStore, _ gate: Gate
    ) async throws -> (computing: Task<[Data], any Error>, waiting: Task<[Data], any Error>) {
        let computing = Task {
            try await store.mgetOrCompute(["a"]) { _ in
                while !gate.isOpen {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                return ["first"]
            }
        }
        try await until(store.flights.counts.keys == 1)
        let waiting = Task { try await store.mgetOrCompute(["a"]) { _ in ["second"] } }
        try await until(store.waiters == 1)
        return (computing, waiting)
    }

    func testWhenTheTaskThatComputesIsCancelledAnotherComputes() async throws {
        let store = try ByteStore()
        let (computing, waiting) = try await computingAndWaiting(store, Gate())
        computing.cancel()
        let answer = try await end(of: waiting).get()
        XCTAssertEqual(answer, data("second"))
        try await assertCancelled(computing)
        XCTAssertEqual(try store.mget(["a"]), data("second"))
        assertNothingIsComputed(store)
    }

    func testOfManyWhoWaitOneComputesInstead() async throws {
        let store = try ByteStore()
        let (computing, waiting) = try await computingAndWaiting(store, Gate())
        let computed = Record<Int>()
        let others = (0..<tasks).map { index in
            Task {
                try await store.mgetOrCompute(["a"]) { _ in
                    computed.add(index)
                    return ["second"]
                }
            }
        }
        // A thread waits among them.
        let thread = Running {
            try store.mgetOrCompute(["a"]) { _ in
                computed.add(-1)
                return ["second"]
            }
        }
        try await until(store.waiters == tasks + 2)
        computing.cancel()
        for task in others + [waiting] {
            let answer = try await end(of: task).get()
            XCTAssertEqual(answer, data("second"))
        }
        XCTAssertEqual(try thread.value(), data("second"))
        XCTAssertLessThanOrEqual(computed.items.count, 1)  // none where the first of all waiting computed
        XCTAssertEqual(try store.stats().sets, 1)
        assertNothingIsComputed(store)
    }

    func testATaskThatWaitsIsFreeWhenItIsCancelled() async throws {
        let store = try ByteStore()
        let gate = Gate()
        let (computing, waiting) = try await computingAndWaiting(store, gate)
        waiting.cancel()
        try await assertCancelled(waiting)
        XCTAssertEqual(store.flights.counts.keys, 1, "the computation goes on")
        XCTAssertEqual(store.waiters, 0)
        gate.open()
        let answer = try await end(of: computing).get()
        XCTAssertEqual(answer, data("first"))
        assertNothingIsComputed(store)
    }

    func testATaskThatIsCancelledBeforeItWaitsDoesNotWait() async throws {
        let store = try ByteStore()
        let gate = Gate()
        let (computing, waiting) = try await computingAndWaiting(store, gate)
        let cancelled = Task {
            try await store.mgetOrCompute(["a", "b"]) { missing in
                withUnsafeCurrentTask { $0?.cancel() }
                return missing
            }
        }
        try await assertCancelled(cancelled)
        XCTAssertEqual(try store.mget(["a", "b"]), [nil, Data("b".utf8)])
        gate.open()
        for task in [computing, waiting] {
            let answer = try await end(of: task).get()
            XCTAssertEqual(answer, data("first"))
        }
        assertNothingIsComputed(store)
    }

    func testACancelledTaskThatGivesItsValuesHasComputed() async throws {
        let store = try ByteStore()
        let task = Task {
            try await store.mgetOrCompute(["a"]) { missing in
                withUnsafeCurrentTask { $0?.cancel() }
                return missing
            }
        }
        let answer = try await end(of: task).get()
        XCTAssertEqual(answer, data("a"))
        XCTAssertEqual(try store.mget(["a"]), data("a"))
    }

    func testACancelledTaskComputesNothing() async throws {
        let store = try ByteStore()
        try store.mset(["there": "1"])
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let found = try await store.mgetOrCompute(["there"]) { $0 }
            XCTAssertEqual(found, data("1"))
            return try await store.mgetOrCompute(["a"]) { missing in
                XCTFail("computed")
                return missing
            }
        }
        try await assertCancelled(task)
        // It waits for nobody either, and leaves the one who computes alone.
        let computing = Task {
            try await store.mgetOrCompute(["a"]) { missing in
                let cancelled = Task.detached {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await store.mgetOrCompute(["a"]) { $0 }
                }
                try await assertCancelled(cancelled)
                return missing
            }
        }
        let answer = try await end(of: computing).get()
        XCTAssertEqual(answer, data("a"))
        assertNothingIsComputed(store)
    }

    func testErrorsGoToAllWhoWait() async throws {
        let store = try ByteStore()
        // Its own `CancellationError` is an error as any other: its task was not cancelled.
        for error in [Mine(), CancellationError()] as [any Error] {
            let gate = Gate()
            let running = (0..<tasks).map { _ in
                Task {
                    try await store.mgetOrCompute(["a"]) { _ -> [Data] in
                        try await gate.pass()
                        throw error
                    }
                }
            }
            try await until(store.waiters == tasks - 1)
            gate.open()
            for task in running {
                guard case .failure(let thrown) = try await end(of: task) else { return XCTFail("no error") }
                XCTAssertEqual("\(thrown)", "\(error)")
            }
            assertNothingIsComputed(store)
        }
        let answer = try await store.mgetOrCompute(["a"]) { $0 }
        XCTAssertEqual(answer, data("a"))
    }

    func testThreadsAndTasksWaitForEachOther() async throws {
        let store = try ByteStore()
        let gate = Gate()
        let thread = Running {
            try store.mgetOrCompute(["a"]) { _ in
                try gate.wait()
                return ["thread"]
            }
        }
        try await until(store.flights.counts.keys == 1)
        let task = Task {
            try await store.mgetOrCompute(["b", "a"]) { missing in
                XCTAssertEqual(missing, ["b"])
                try await gate.pass()
                return ["task"]
            }
        }
        try await until(store.flights.counts.keys == 2)
        let both = Running { try store.mgetOrCompute(["a", "b"]) { $0 } }
        try await until(store.waiters == 1)
        gate.open()
        let answer = try await end(of: task).get()
        XCTAssertEqual(answer, data("task", "thread"))
        XCTAssertEqual(try thread.value(), data("thread"))
        XCTAssertEqual(try both.value(), data("thread", "task"))
        assertNothingIsComputed(store)
    }

    func testTheTasksOfAComputationBelongToIt() async throws {
        let store = try ByteStore()
        let asking: @Sendable () async throws -> [Data] = { try await store.mgetOrCompute(["a"]) { $0 } }
        let computations: [@Sendable () async throws -> [Data]] = [
            asking, { try await Task(operation: asking).value },
            {
                async let child = asking()
                return try await child
            },
        ]
        for computation in computations {
            let asking = Task { try await store.mgetOrCompute(["a"]) { _ in try await computation() } }
            guard case .failure(let error) = try await end(of: asking) else { return XCTFail("computed") }
            XCTAssertEqual(
                error as? ByteStoreError,
                .invalidArgument("a computation asks for what it is computing itself: key 0 of the batch"))
        }
        assertNothingIsComputed(store)
    }

    func testCirclesOfSeveralTasksAreFound() async throws {
        let store = try ByteStore()
        let names = ["a", "b", "c", "d"]
        let computing = Record<String>()
        let running = names.indices.map { index in
            Task {
                try await store.mgetOrCompute([names[index]]) { missing in
                    computing.add(missing[0])
                    try await until(computing.items.count == names.count)
                    return try await store.mgetOrCompute([names[(index + 1) % names.count]]) { $0 }
                }
            }
        }
        for task in running {
            guard case .failure(let error) = try await end(of: task) else { return XCTFail("no error") }
            XCTAssertEqual((error as? ByteStoreError)?.name, "invalid_argument", "\(error)")
        }
        assertNothingIsComputed(store)
    }

    func testComputationsAtOnceWithinOne() async throws {
        let store = try ByteStore()
        let answer = try await store.mgetOrCompute(["all"]) { _ in
            let parts = try await withThrowingTaskGroup(of: [Data].self) { group in
                for index in 0..<10 {
                    group.addTask { try await store.mgetOrCompute(["part\(index % 3)"]) { $0 } }
                }
                return try await group.reduce(0) { $0 + $1.count }
            }
            return ["\(parts)"]
        }
        XCTAssertEqual(answer, data("10"))
        XCTAssertEqual(try store.stats().sets, 4)
        assertNothingIsComputed(store)
    }

    func testManyBatchesSomeCancelled() async throws {
        let store = try ByteStore()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<200 {
                group.addTask {
                    let batch = (0..<4).map { "key\((task * 3 + $0 * (task % 2 == 0 ? 1 : 7)) % 10)" }
                    let running = Task {
                        try await store.mgetOrCompute(batch) { missing in
                            for _ in 0..<task % 5 { await Task.yield() }
                            try Task.checkCancellation()
                            return missing.map { "value of " + $0 }
                        }
                    }
                    if task % 3 == 0 { running.cancel() }
                    switch await running.result {
                    case .success(let answer):
                        XCTAssertEqual(answer, batch.map { Data("value of \($0)".utf8) })
                    case .failure(let error):
                        XCTAssertTrue(error is CancellationError && task % 3 == 0, "\(task): \(error)")
                    }
                    if task % 4 == 0 { _ = try? store.mdelete(prefix: "key") }
                }
            }
        }
        assertNothingIsComputed(store)
    }

    private actor Model {
        private(set) var calls = 0
        private let store: ByteStore
        init(_ store: ByteStore) { self.store = store }

        func embed(_ texts: [String]) -> [[UInt8]] {
            calls += 1
            return texts.map { [UInt8(clamping: $0.count)] }
        }

        func vectors(_ texts: [String]) async throws -> [Data] {
            try await store.mgetOrCompute(texts, timeToLive: .seconds(60)) { await self.embed($0) }
        }
    }

    func testAnActorComputes() async throws {
        let model = Model(try ByteStore())
        for _ in 0..<2 {
            let vectors = try await model.vectors(["a", "abc"])
            XCTAssertEqual(vectors, [Data([1]), Data([3])])
        }
        let calls = await model.calls
        XCTAssertEqual(calls, 1)
    }
}

private func assertCancelled(_ task: Task<[Data], any Error>, line: UInt = #line) async throws {
    guard case .failure(let error) = try await end(of: task) else {
        return XCTFail("it was not cancelled", line: line)
    }
    XCTAssertTrue(error is CancellationError, "\(error)", line: line)
}
