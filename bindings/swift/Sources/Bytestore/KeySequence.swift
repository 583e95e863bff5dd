// Iterating over keys, a page at a time, synchronously and asynchronously. It must not know how
// keys are chosen.

import CBytestore
import Foundation

/// Keys of a store, in the order of their insertion, fetched a page at a time.
///
/// It gives the keys as of its first step, each once, whatever is written meanwhile; keys deleted
/// meanwhile may be left out. It holds no lock between steps, so its keys may be used to change the
/// store it comes from, and it goes on after the store was closed.
///
/// It is a single pass: what was taken is gone, also by a `for` loop that ended early. Ask the
/// store again for another pass. One thread or task at a time may use it.
///
/// A step can fail only if memory runs out. `next()` then stops the program, as failed allocations
/// do in Swift; ``nextKey()`` and ``async`` throw instead.
public final class KeySequence: Sequence, IteratorProtocol {
    private var cursor: OpaquePointer?
    private var page: Answer?
    private var position = 0

    init(_ cursor: OpaquePointer?) {
        self.cursor = cursor
    }

    deinit {
        bytestore_cursor_close(cursor)
    }

    /// The next key, or nil at the end.
    public func next() -> Data? {
        do {
            return try nextKey()
        } catch {
            fatalError("bytestore: reading keys failed: \(error)")
        }
    }

    /// The next key, or nil at the end; after an error it can be tried again.
    public func nextKey() throws -> Data? {
        if needsPage {
            try turnPage()
        }
        return keyOnPage()
    }

    /// The same keys for `for try await`.
    public var async: AsyncKeySequence { AsyncKeySequence(keys: self) }

    fileprivate var needsPage: Bool { cursor != nil && position == page?.count ?? 0 }

    private func turnPage() throws {
        page = nil
        position = 0
        let next = try Answer { try check(bytestore_cursor_next(cursor, 0, &$0)) }
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
    public typealias Element = Data

    let keys: KeySequence

    public func makeAsyncIterator() -> Self { self }

    public func next() async throws -> Data? {
        if keys.needsPage {
            try Task.checkCancellation()
            await Task.yield()
        }
        return try keys.nextKey()
    }
}
