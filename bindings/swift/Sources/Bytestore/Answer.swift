// The library's answer to a batch: slices of memory that it keeps alive until the buffer is freed.
// It must not know who asked.

import CBytestore

/// Owns one buffer of the library and frees it with itself. Nobody changes what is in it, and any thread may free it.
@usableFromInline
final class Answer: @unchecked Sendable {
    let buffer: bytestore_buffer
    @usableFromInline let slices: UnsafeBufferPointer<bytestore_slice>

    /// Keeps what `fill` writes into the buffer; after an error there is nothing to free.
    init(_ fill: (inout bytestore_buffer) throws -> Void) rethrows {
        var buffer = bytestore_buffer()
        try fill(&buffer)
        self.buffer = buffer
        slices = UnsafeBufferPointer(start: buffer.slices, count: buffer.count)
    }

    deinit {
        if buffer.count > 0 {  // without answers it owns nothing
            var buffer = buffer
            bytestore_free_buffer(&buffer)
        }
    }

    @inlinable
    var count: Int { slices.count }

    /// The bytes at `index`, valid as long as the answer; nil for a missing one.
    @inlinable
    subscript(index: Int) -> UnsafeRawBufferPointer? {
        precondition(index >= 0 && index < slices.count, "index out of range")
        let slice = slices[index]
        return slice.ptr.map { UnsafeRawBufferPointer(start: $0, count: slice.len) }
    }
}

/// The values of a batch where they lie in the store's memory, in the order of the keys; nil for a
/// missing one. They are read-only and valid inside the closure they were given to.
public struct ByteViews: RandomAccessCollection {
    @usableFromInline let answer: Answer

    @inlinable
    init(_ answer: Answer) {
        self.answer = answer
    }

    /// 0.
    @inlinable
    public var startIndex: Int { 0 }

    /// How many keys were asked for.
    @inlinable
    public var endIndex: Int { answer.count }

    /// The value of key `index`, in the store's memory; nil if it is missing.
    ///
    /// - Parameter index: the place of the key in the batch.
    @inlinable
    public subscript(index: Int) -> UnsafeRawBufferPointer? { answer[index] }
}
