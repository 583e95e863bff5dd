// A store within a store: the keys that begin alike. It must not know what a store does.

import CBytestore

extension ByteStore {
    /// A view of the keys that begin with the bytes of `prefix`, as a store of their own: it gives and takes them without
    /// the prefix.
    ///
    /// ```swift
    /// let users = try store.namespace("user/")
    /// try users.mset(["1": "Ada"])
    /// try store.mget(["user/1"])  // [Data("Ada".utf8)]
    /// ```
    ///
    /// Counting, scanning and deleting see these keys only. Bounds, counters, clock and the default time to live are
    /// the whole store's, and the prefix counts as part of each key. A namespace may have namespaces. Each is closed on
    /// its own, in any order; the entries go with the last one, the store itself included.
    ///
    /// - Parameter prefix: what its keys begin with; an empty one makes a second handle of the same store.
    /// - Returns: A handle of its own.
    /// - Throws: ``ByteStoreError/closedHandle``, ``ByteStoreError/outOfMemory``.
    public func namespace(_ prefix: some ByteSequence) throws -> ByteStore {
        try prefix.withUInt8s { start, length in
            var view: OpaquePointer?
            try withHandle { bytestore_namespace($0, start, length, &view) }
            return ByteStore(view, prefix: Array(UnsafeBufferPointer(start: start, count: length)), of: self)
        }
    }
}
