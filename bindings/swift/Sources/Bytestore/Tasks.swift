// Calls that block, made for tasks: they have threads of their own. It must not know what they do.

import Foundation

extension ByteStore {
    /// Makes calls of this store while the task waits and its thread does other work: for stores on a server, where each
    /// call waits for the network.
    ///
    /// ```swift
    /// let values = try await store.perform { try $0.mget(keys) }
    /// ```
    ///
    /// Of a store in memory tasks call the methods as they are: what takes a moment is not worth a thread.
    ///
    /// What was begun is not interrupted: a task that is cancelled before throws `CancellationError`.
    ///
    /// - Parameter calls: gets this store; it runs once, on a thread of its own.
    /// - Returns: What `calls` returns.
    /// - Throws: what `calls` throws, and `CancellationError`.
    public func perform<R: Sendable>(
        _ calls: @escaping @Sendable (ByteStore) throws -> R
    ) async throws -> R {
        try Task.checkCancellation()
        return try await onThread(calls)
    }

    /// `perform` where an answer takes time: not in memory.
    @usableFromInline
    func ask<R: Sendable>(_ calls: @escaping @Sendable (ByteStore) throws -> R) async throws -> R {
        isInMemory ? try calls(self) : try await onThread(calls)
    }

    /// Not one of the few threads that all tasks share: they would stand still with the disk or the network. A serial
    /// queue gets a thread at once; a concurrent one waits for a core to be free, though its threads only wait.
    func onThread<R: Sendable>(_ calls: @escaping @Sendable (ByteStore) throws -> R) async throws -> R {
        let computation = Computation.current  // these calls are part of it, too
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "bytestore").async {
                continuation.resume(
                    with: Result { try Computation.$current.withValue(computation) { try calls(self) } })
            }
        }
    }
}
