// The values of a batch in one piece of memory, as one `Data` and its slices. It must not know who asked.

import CBytestore
import Foundation

/// The values of a batch in one `Data`, in the order of the keys; nil for a missing one, never for an empty one.
///
/// Each value is a slice of ``data``: making one copies nothing, and keeps all of the batch in memory. As of any slice
/// of a `Data`, its first index is `startIndex`, which need not be 0. Changing a slice changes nothing elsewhere.
public struct PackedValues: RandomAccessCollection, Sendable {
    /// All values side by side, without gaps.
    ///
    /// It is the memory in which the library answered, taken over and freed with the last slice. Only if some value has
    /// 4096 bytes or more, of which the library has no copy yet, is it a copy of them all.
    public let data: Data
    /// Where in ``data`` each value is.
    public let ranges: [Range<Int>?]

    init(_ answer: Answer) {
        var end = 0
        ranges = answer.slices.map { slice in
            guard slice.ptr != nil else { return nil }
            defer { end += slice.len }
            return end..<end + slice.len
        }
        data = answer.asData
    }

    /// 0.
    @inlinable
    public var startIndex: Int { 0 }

    /// How many keys were asked for.
    @inlinable
    public var endIndex: Int { ranges.count }

    /// The value of key `index`: a slice of ``data``.
    ///
    /// - Parameter index: the place of the key in the batch.
    @inlinable
    public subscript(index: Int) -> Data? { ranges[index].map { data[$0] } }
}

extension Answer {
    /// All answers side by side, as one `Data`: the library's own memory, where it has them so.
    var asData: Data { takeOver() ?? copy() }

    /// All values as one `Data` that keeps this alive; nil where they are not side by side.
    private func takeOver() -> Data? {
        guard let start = buffer.data else { return nil }
        if buffer.data_len == 0 { return Data() }
        // A `Data` that nobody shares is changed in place: these bytes are the buffer's own, and nobody else's.
        return Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: buffer.data_len,
            deallocator: .custom { [self] _, _ in withExtendedLifetime(self) {} })
    }

    private func copy() -> Data {
        var copy = Data(capacity: slices.reduce(0) { $0 + $1.len })
        for slice in slices where slice.len > 0 {
            copy.append(slice.ptr, count: slice.len)
        }
        return copy
    }
}
