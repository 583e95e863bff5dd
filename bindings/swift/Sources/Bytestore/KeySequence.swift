// Iterating over keys, a page at a time, synchronously and asynchronously. It must not know how
// keys are chosen.

import CBytestore
import Foundation

/// Keys of a store, in the order of their insertion, fetched a page at a time.
///
/// It gives the keys as of its first step, each once, whatever is written meanwhile; keys deleted
/// meanwhile may be left out. It holds no lock between steps, so its keys may be used to change the
/// store it comes from, and it goes on after the store was closed. Of a server keys come in any order,
/// each once, and those inserted meanwhile may come or not.
///
/// It is a single pass: what was taken is gone, also by a `for` loop that ended early. Ask the
/// store again for another pass. One thread or task at a time may use it.
///
/// In memory a step can fail only if that runs out. `next()` then stops the program, as failed allocations
/// do in Swift; ``nextKey()`` and ``async`` throw instead. Take these two where keys come from a server,
/// which may fail at any step.
public final class KeySequence: Sequence, IteratorProtocol {
    private var cursor: OpaquePointer?
    private var page: Answer?
    private var position = 0
    /// The store, if it is on a server: it says why a page does not come.
    private let server: ByteStore?

    init(_ cursor: OpaquePointer?, of store: ByteStore) {
        self.cursor = cursor
        server = store.isInMemory ? nil : store
    }

    deinit {
        bytestore_cursor_close(cursor)
    }

    /// The next key, or nil at the end.
    ///
    /// - Returns: A copy of its bytes.
    public func next() -> Data? {
        do {
            return try nextKey()
        } catch {
            fatalError("bytestore: reading keys failed: \(error)")
        }
    }

    /// The next key, or nil at the end; after an error it can be tried again.
    ///
    /// - Returns: A copy of its bytes.
    /// - Throws: ``ByteStoreError/outOfMemory``; of a server ``ByteStoreError/remoteFailure(_:)``.
    public func nextKey() throws -> Data? {
        if needsPage {
            turn(to: try Self.nextPage(cursorNumber, server))
        }
        return keyOnPage()
    }

    /// The same keys for `for try await`.
    public var async: AsyncKeySequence { AsyncKeySequence(keys: self) }

    /// For a task, which other tasks may come between at each page.
    fileprivate func nextKeyOfTask() async throws -> Data? {
        if needsPage {
            try Task.checkCancellation()
            if let server {
                let cursor = cursorNumber
                turn(to: try await server.onThread { try Self.nextPage(cursor, $0) })
            } else {
                await Task.yield()
            }
        }
        return try nextKey()
    }

    private var needsPage: Bool { cursor != nil && position == page?.count ?? 0 }

    /// A handle is a number, which any thread may use.
    private var cursorNumber: UInt { UInt(bitPattern: cursor) }

    private static func nextPage(_ cursor: UInt, _ server: ByteStore?) throws -> Answer {
        try Answer { page in
            let status = bytestore_cursor_next(OpaquePointer(bitPattern: cursor), 0, &page)
            try check(status, detail: server?.explanation(of: status))
        }
    }

    private func turn(to next: Answer) {
        page = nil
        position = 0
        if next.count > 0 {
            page = next
        } else {
            bytestore_cursor_close(cursor)
            cursor = nil
        }
    }

    private func keyOnPage() -> Data? {
        guard let page else { return nil }
        defer { position += 1 }
        return page[position].map { Data($0) }
    }
}

/// The keys of a ``KeySequence`` for `for try await`. Between pages it lets other tasks run and
/// throws `CancellationError` if its own was cancelled.
public struct AsyncKeySequence: AsyncSequence, AsyncIteratorProtocol {
    /// A key.
    public typealias Element = Data

    let keys: KeySequence

    /// Begins where the ``KeySequence`` is.
    ///
    /// - Returns: This sequence: there is one pass.
    public func makeAsyncIterator() -> Self { self }

    /// The next key, or nil at the end.
    ///
    /// - Returns: A copy of its bytes.
    /// - Throws: `CancellationError`; of a server ``ByteStoreError/remoteFailure(_:)``.
    public func next() async throws -> Data? {
        try await keys.nextKeyOfTask()
    }
}
