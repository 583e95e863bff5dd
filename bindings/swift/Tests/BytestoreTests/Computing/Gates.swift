// How tests of several threads and tasks wait for each other: for what is so, never for a time.

import Foundation
import XCTest

@testable import Bytestore

/// Closed, until it is opened for good.
final class Gate: Sendable {
    private let state = Locked(false)

    var isOpen: Bool { state.withLock { $0 } }

    func open() { state.withLock { $0 = true } }

    func wait() throws { try until(isOpen) }

    func pass() async throws { try await until(isOpen) }
}

/// A test that waits in vain fails instead of standing still.
private struct InVain: Error {}

private func deadline() -> ContinuousClock.Instant { .now + .seconds(120) }

func until(_ condition: @autoclosure () throws -> Bool) throws {
    let deadline = deadline()
    while try !condition() {
        guard .now < deadline else { throw InVain() }
        sched_yield()
    }
}

func until(_ condition: @autoclosure () throws -> Bool) async throws {
    let deadline = deadline()
    while try !condition() {
        guard .now < deadline else { throw InVain() }
        await Task.yield()
    }
}

/// Runs a body on a thread of its own; pools may run one after the other.
final class Running<R: Sendable>: Sendable {
    private let result = Locked<Result<R, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> R) {
        Thread.detachNewThread { [result] in
            let end = Result { try body() }
            result.withLock { $0 = end }
        }
    }

    /// What it returned or threw.
    func value() throws -> R {
        try until(result.withLock { $0 != nil })
        return try result.withLock { try $0!.get() }
    }
}

/// What a task returned or threw; unlike its own `result`, not awaited in vain.
func end<R>(of task: Task<R, any Error>) async throws -> Result<R, any Error> {
    let ends = Record<Result<R, any Error>>()
    Task { ends.add(await task.result) }
    try await until(!ends.items.isEmpty)
    return ends.items[0]
}

/// Keeps what several threads and tasks bring.
final class Record<Item: Sendable>: Sendable {
    private let state = Locked<[Item]>([])

    var items: [Item] { state.withLock { $0 } }

    func add(_ item: Item) { state.withLock { $0.append(item) } }
}

extension ByteStore {
    /// How many threads and tasks wait for a computation.
    var waiters: Int { flights.counts.waiters }
}

/// That nothing stays behind.
func assertNothingIsComputed(_ store: ByteStore, file: StaticString = #filePath, line: UInt = #line) {
    XCTAssertEqual(store.flights.counts.keys, 0, file: file, line: line)
    XCTAssertEqual(store.flights.counts.waiters, 0, file: file, line: line)
    XCTAssertEqual(Wait.count, 0, file: file, line: line)
}

struct Mine: Error, Equatable {
    var number = 0
}

func data(_ texts: String...) -> [Data] { texts.map { Data($0.utf8) } }
