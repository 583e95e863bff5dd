// Keys on their way: one computation has taken them upon itself, others wait for the values. It must not know how values
// are computed, nor where they are kept.

import Foundation

/// A key of the whole store: in a namespace, with its prefix.
struct FullKey: Hashable, Sendable {
    let bytes: [UInt8]

    /// In one piece: an array would feed the hasher byte by byte.
    func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

/// How a flight ended.
enum Outcome: Sendable {
    case values([FullKey: Data])
    case failed(any Error)
    /// The task that computed was cancelled: whoever still wants the keys computes them.
    case abandoned
}

/// The keys that one call computes.
final class Flight: Sendable {
    let keys: [FullKey]
    let computation = Computation()

    private struct State {
        var outcome: Outcome?
        var waiters: [ObjectIdentifier: @Sendable (Result<Outcome, any Error>) -> Void] = [:]
    }
    private let state = Locked(State())

    init(of keys: [FullKey]) {
        self.keys = keys
    }

    /// Ends it for all who wait, now or later.
    func end(_ outcome: Outcome) {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.outcome = outcome
            return state.waiters.values
        }
        for waiter in waiters {
            waiter(.success(outcome))
        }
    }

    /// Blocks the thread until the flight has ended.
    func wait() throws -> Outcome {
        let wait = try Wait(for: computation)
        defer { wait.end() }
        let ended = DispatchSemaphore(value: 0)
        add(ObjectIdentifier(ended), isCancelled: false) { _ in ended.signal() }
        ended.wait()
        return state.withLock { $0.outcome! }
    }

    /// Suspends the task until the flight has ended; throws `CancellationError` as soon as the task is cancelled.
    func ended() async throws -> Outcome {
        final class Token: Sendable {}
        let wait = try Wait(for: computation)
        defer { wait.end() }
        let token = Token()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A task that was cancelled before this came too early for the handler to find a waiter.
                add(ObjectIdentifier(token), isCancelled: Task.isCancelled) { continuation.resume(with: $0) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: ObjectIdentifier(token)) }
            waiter?(.failure(CancellationError()))
        }
    }

    var waiterCount: Int { state.withLock { $0.waiters.count } }

    private func add(
        _ identity: ObjectIdentifier, isCancelled: @autoclosure () -> Bool,
        waiter: @escaping @Sendable (Result<Outcome, any Error>) -> Void
    ) {
        let known: Result<Outcome, any Error>? = state.withLock { state in
            if let outcome = state.outcome { return .success(outcome) }
            if isCancelled() { return .failure(CancellationError()) }
            state.waiters[identity] = waiter
            return nil
        }
        if let known {
            waiter(known)
        }
    }
}
