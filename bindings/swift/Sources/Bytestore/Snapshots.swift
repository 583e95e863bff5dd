// Saving a store and loading one: in files, and as bytes in memory. It must not know what stands in them.

import CBytestore
import Foundation

extension ByteStore {
    /// Saves the store to a file: its entries at one moment, in order, each with the time that it still has to live, and
    /// the store's options. Of a namespace its own keys are saved.
    ///
    /// ```swift
    /// let file = URL(fileURLWithPath: "/var/lib/app/answers.bytestore")
    /// try store.save(to: file, compressionLevel: 3)
    /// try store.load(from: file)                                        // later, into a store that is there
    /// let same = try ByteStore(url: "snapshot:\(file.path)")            // or as a new one, with those options
    /// ```
    ///
    /// Others may write meanwhile; what they replace of what is not saved yet is kept until it is. Saves of one store
    /// take turns. The file is there in whole or not at all: it is written beside, as a temporary file that only its owner
    /// may read, and takes the old one's place when it is on disk; a symbolic link is replaced, not followed. After an
    /// error the old file stands.
    ///
    /// This method blocks its thread; tasks have the asynchronous one. ``progress()`` says how far it is.
    ///
    /// - Parameters:
    ///   - file: the URL of a file.
    ///   - compressionLevel: 0 for none; 1 to 22 as Zstandard has them, of which the usual one is 3.
    /// - Throws: ``ByteStoreError/ioFailure(errno:)``; ``ByteStoreError/invalidArgument(_:)`` for another level and for
    ///   a URL that is no file's; ``ByteStoreError/unsupported`` for a store on a server, and for a level, where the
    ///   library was built without Zstandard.
    public func save(to file: URL, compressionLevel: Int = 0) throws {
        try save(toFile: Self.path(of: file), compressionLevel: compressionLevel)
    }

    /// Saves the store to the file at a path: see ``save(to:compressionLevel:)-6ehmw``.
    ///
    /// - Parameters:
    ///   - path: of a file, as the system takes it.
    ///   - compressionLevel: 0 for none; 1 to 22 as Zstandard has them, of which the usual one is 3.
    /// - Throws: what saving to a URL throws.
    public func save(toFile path: String, compressionLevel: Int = 0) throws {
        try Self.withCPath(path) { path in
            try withHandle(detail: Self.wrong(compressionLevel)) {
                bytestore_save($0, path, Int32(clamping: compressionLevel))
            }
        }
    }

    /// Saves the store to memory: the bytes that ``save(to:compressionLevel:)-6ehmw`` writes to a file. They are the memory in
    /// which the library wrote them, not a copy.
    ///
    /// - Parameter compressionLevel: 0 for none; 1 to 22 as Zstandard has them, of which the usual one is 3.
    /// - Returns: The bytes of such a file.
    /// - Throws: what saving to a file throws, but for its own failures.
    public func snapshot(compressionLevel: Int = 0) throws -> Data {
        let answer = try Answer { buffer in
            try withHandle(detail: Self.wrong(compressionLevel)) {
                bytestore_save_buffer($0, Int32(clamping: compressionLevel), &buffer)
            }
        }
        return answer.asData
    }

    /// Loads a file that was saved: in one step its entries take the place of all that the store had; a namespace's, of
    /// what the namespace had.
    ///
    /// Options stay the store's own: what is more than it may hold is evicted. Entries have the time to live that the file
    /// says is left. Counters of what happened so far stay. Until that step the store is as it was, and in use; after any
    /// error it stays so. This method blocks its thread; tasks have the asynchronous one. ``progress()`` says how far it is.
    ///
    /// - Parameter file: the URL of a file.
    /// - Throws: ``ByteStoreError/badSnapshot`` for a file that is damaged, not whole or none of this kind;
    ///   ``ByteStoreError/unsupported`` for one of a later version, and for a store on a server;
    ///   ``ByteStoreError/overLimit`` for an entry that is more than the store may hold;
    ///   ``ByteStoreError/ioFailure(errno:)``; ``ByteStoreError/invalidArgument(_:)`` for a URL that is no file's.
    public func load(from file: URL) throws {
        try load(fromFile: Self.path(of: file))
    }

    /// Loads the file at a path: see ``load(from:)-7nfyv``.
    ///
    /// - Parameter path: of a file, as the system takes it.
    /// - Throws: what loading from a URL throws.
    public func load(fromFile path: String) throws {
        try Self.withCPath(path) { path in
            try withHandle { bytestore_load($0, path) }
        }
    }

    /// Loads what ``snapshot(compressionLevel:)-67yzz`` gave, or what stands in a file, as ``load(from:)-7nfyv`` does.
    ///
    /// - Parameter snapshot: the bytes of such a file.
    /// - Throws: what loading a file throws, but for its own failures.
    public func load(snapshot: some ByteSequence) throws {
        try snapshot.withUInt8s { start, length in
            try withHandle { bytestore_load_buffer($0, start, length) }
        }
    }

    /// How far the saving or loading of this store is that is under way on another thread; nil when none is. It may be
    /// asked as often as you like.
    ///
    /// - Returns: How far it is; nil: there is none.
    /// - Throws: ``ByteStoreError/closedHandle``; ``ByteStoreError/unsupported`` for a store on a server.
    public func progress() throws -> Progress? {
        var done: UInt64 = 0
        var total: UInt64 = 0
        try withHandle { bytestore_progress($0, &done, &total) }
        return total == 0 ? nil : Progress(done: Int(clamping: done), total: Int(clamping: total))
    }

    /// How far a call has come.
    public struct Progress: Hashable, Sendable {
        /// Of ``total``: entries that were saved, or bytes that were loaded.
        public var done: Int
        /// It may be some more than there is to do.
        public var total: Int

        /// From 0 to 1.
        public var fractionCompleted: Double { total == 0 ? 0 : min(1, Double(done) / Double(total)) }
    }

    private static func path(of file: URL) throws -> String {
        guard file.isFileURL else {
            throw ByteStoreError.invalidArgument("\"\(file.absoluteString)\" is not the URL of a file")
        }
        return file.path
    }

    private static func withCPath(_ path: String, _ body: (UnsafePointer<CChar>) throws -> Void) throws {
        guard !path.utf8.contains(0) else {
            throw ByteStoreError.invalidArgument("a file's path cannot hold a NUL")
        }
        try path.withCString(body)
    }

    private static func wrong(_ level: Int) -> String {
        "a compression level is 0, for none, or 1 to 22, and not \(level)"
    }
}
