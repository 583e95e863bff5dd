// Saving and loading for tasks: the calls block, and so have threads of their own. It must not know what they do.

import Foundation

extension ByteStore {
    /// Saves the store to a file while the task waits and its thread does other work; all else is as in the method of this
    /// name for threads.
    ///
    /// What was begun is not interrupted: a task that is cancelled before throws `CancellationError`.
    public func save(to file: URL, compressionLevel: Int = 0) async throws {
        try await waiting { try self.save(to: file, compressionLevel: compressionLevel) }
    }

    /// Saves the store to the file at a path while the task waits.
    public func save(toFile path: String, compressionLevel: Int = 0) async throws {
        try await waiting { try self.save(toFile: path, compressionLevel: compressionLevel) }
    }

    /// Saves the store to memory while the task waits.
    public func snapshot(compressionLevel: Int = 0) async throws -> Data {
        try await waiting { try self.snapshot(compressionLevel: compressionLevel) }
    }

    /// Loads a file that was saved while the task waits and its thread does other work; all else is as in the method of
    /// this name for threads.
    ///
    /// What was begun is not interrupted: a task that is cancelled before throws `CancellationError`.
    public func load(from file: URL) async throws {
        try await waiting { try self.load(from: file) }
    }

    /// Loads the file at a path while the task waits.
    public func load(fromFile path: String) async throws {
        try await waiting { try self.load(fromFile: path) }
    }

    /// Loads bytes that were saved while the task waits.
    public func load(snapshot: some ByteSequence & Sendable) async throws {
        try await waiting { try self.load(snapshot: snapshot) }
    }

    /// Not one of the few threads that all tasks share: they would stand still with the disk.
    private static let threads = DispatchQueue(label: "bytestore.snapshots", attributes: .concurrent)

    private func waiting<R: Sendable>(_ call: @escaping @Sendable () throws -> R) async throws -> R {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            Self.threads.async { continuation.resume(with: Result(catching: call)) }
        }
    }
}
