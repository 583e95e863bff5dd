// The bytes: keys, values, and which keys are asked for. All of it follows from one seed. It must not know any store.

import Foundation

/// How many entries a store has, and how long their values are. Keys have 35 bytes.
struct Shape: Equatable, Sendable {
    var entries = 1_000_000
    var value = 100
    static let key = 35
}

/// A stream of random numbers (splitmix64).
struct Numbers {
    private var state: UInt64

    init(_ stream: Int) { state = mix(UInt64(stream)) }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Int(mix(state).multipliedFullWidth(by: UInt64(limit)).high)
    }
}

private func mix(_ number: UInt64) -> UInt64 {
    var z = number &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}

private let namespace = Array("doc/embeddings/text".utf8)
private let digits = Array("0123456789abcdef".utf8)

/// The key of an entry, newly made: a namespace, then 16 digits that no other key has.
func key(of entry: Int) -> String {
    String(unsafeUninitializedCapacity: Shape.key) { bytes in
        _ = bytes.initialize(from: namespace)
        var number = mix(UInt64(entry))
        for at in namespace.count..<Shape.key {
            bytes[at] = digits[Int(number & 15)]
            number >>= 4
        }
        return Shape.key
    }
}

/// Where all values come from: random bytes, of which the entry's number picks a stretch.
struct Values: Sendable {
    private let area: [UInt8]
    let length: Int

    init(_ length: Int) {
        var numbers = Numbers(1)
        area = (0..<(1 << 18) + length).map { _ in UInt8(numbers.below(256)) }
        self.length = length
    }

    subscript(entry: Int) -> Data {
        let start = Int(mix(UInt64(entry)) % (1 << 18))
        return area.withUnsafeBytes { Data($0[start..<start + length]) }
    }
}
