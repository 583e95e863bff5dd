// What can be a key or a value. It must not know what a store is.

import Foundation

/// Bytes that can be read in one piece: what a key, a value or a prefix is made of.
///
/// A string stands for its UTF-8 bytes, exactly as they are. Keys are compared byte by byte, so
/// strings that Swift calls equal because they are canonically equivalent (`"é"` as one scalar, or
/// as `e` with an accent) are different keys.
public protocol ByteSequence {
    /// Calls `body` with the bytes, which are valid for the time of the call only.
    ///
    /// - Parameter body: is called once, at once.
    /// - Returns: What `body` returns.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

extension Array: ByteSequence where Element == UInt8 {
    /// Calls `body` with the elements.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(body)
    }
}

extension ArraySlice: ByteSequence where Element == UInt8 {
    /// Calls `body` with the elements.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(body)
    }
}

extension Data: ByteSequence {
    /// Calls `body` with the bytes.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(body)
    }
}

extension String: ByteSequence {
    /// Calls `body` with the UTF-8 bytes.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try utf8.withBytes(body)
    }
}

extension Substring: ByteSequence {
    /// Calls `body` with the UTF-8 bytes.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try utf8.withBytes(body)
    }
}

extension String.UTF8View: ByteSequence {
    /// Calls `body` with the code units.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        if let result = try withContiguousStorageIfAvailable({ try body(UnsafeRawBufferPointer($0)) }) {
            return result
        }
        return try Array(self).withUnsafeBytes(body)
    }
}

extension Substring.UTF8View: ByteSequence {
    /// Calls `body` with the code units.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        if let result = try withContiguousStorageIfAvailable({ try body(UnsafeRawBufferPointer($0)) }) {
            return result
        }
        return try Array(self).withUnsafeBytes(body)
    }
}

extension UnsafeRawBufferPointer: ByteSequence {
    /// Calls `body` with the memory itself, which must be valid then.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(self)
    }
}
