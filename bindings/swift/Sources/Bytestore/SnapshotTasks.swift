// Saving and loading for tasks. It must not know what that does.

import Foundation

extension ByteStore {
    /// Saves the store to a file while the task waits and its thread does other work; all else is as in the method of this
    /// name for threads.
    ///
    /// What was begun is not interrupted: a task that is cancelled before throws `CancellationError`.
    ///
    /// - Parameters:
    ///   - file: the URL of a file.
    ///   - compressionLevel: 0 for none; 1 to 22 as Zstandard has them, of which the usual one is 3.
    /// - Throws: what the method of this name for threads throws, and `CancellationError`.
    public func save(to file: URL, compressionLevel: Int = 0) async throws {
        try await perform { try $0.save(to: file, compressionLevel: compressionLevel) }
    }

    /// Saves the store to the file at a path while the task waits.
    ///
    /// - Parameters:
    ///   - path: of a file, as the system takes it.
    ///   - compressionLevel: 0 for none; 1 to 22 as Zstandard has them, of which the usual one is 3.
    /// - Throws: what the method of this name for threads throws, and `CancellationError`.
    public func save(toFile path: String, compressionLevel: Int = 0) async throws {
        try await perform { try $0.save(toFile: path, compressionLevel: compressionLevel) }
    }

    /// Saves the store to memory while the task waits.
    ///
    /// - Parameter compressionLevel: 0 for none; 1 to 22 as Zstandard has them, of which the usual one is 3.
    /// - Returns: The bytes of such a file.
    /// - Throws: what the method of this name for threads throws, and `CancellationError`.
    public func snapshot(compressionLevel: Int = 0) async throws -> Data {
        try await perform { try $0.snapshot(compressionLevel: compressionLevel) }
    }

    /// Loads a file that was saved while the task waits and its thread does other work; all else is as in the method of
    /// this name for threads.
    ///
    /// What was begun is not interrupted: a task that is cancelled before throws `CancellationError`.
    ///
    /// - Parameter file: the URL of a file.
    /// - Throws: what the method of this name for threads throws, and `CancellationError`.
    public func load(from file: URL) async throws {
        try await perform { try $0.load(from: file) }
    }

    /// Loads the file at a path while the task waits.
    ///
    /// - Parameter path: of a file, as the system takes it.
    /// - Throws: what the method of this name for threads throws, and `CancellationError`.
    public func load(fromFile path: String) async throws {
        try await perform { try $0.load(fromFile: path) }
    }

    /// Loads bytes that were saved while the task waits.
    ///
    /// - Parameter snapshot: the bytes of such a file.
    /// - Throws: what the method of this name for threads throws, and `CancellationError`.
    public func load(snapshot: some ByteSequence & Sendable) async throws {
        try await perform { try $0.load(snapshot: snapshot) }
    }
}
