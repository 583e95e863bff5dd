// bytestore in the forms in which its Swift binding answers, and what a store is for this benchmark. It must not know
// what is measured.

import Bytestore
import Foundation

typealias Keys = ArraySlice<String>

/// A store, or one form of it. Any thread may use it.
protocol Store: AnyObject, Sendable {
    /// Gets the values in one call and reads each: the sum of what `glance` gives.
    func get(_ keys: Keys) -> Int
    func set(_ keys: Keys, _ values: ArraySlice<Data>)
    /// The value of one key, copied; nil when it is missing.
    func value(_ key: String) -> Data?
}

/// A look at a value, as its user would take: its length and its first byte, wherever it is.
@inline(__always)
func glance(_ value: UnsafeRawBufferPointer) -> Int { value.count + Int(value.first ?? 0) }

/// What a value can be as.
protocol Value {
    init(_ data: Data)
    var data: Data { get }
    var glance: Int { get }
}

extension Data: Value {
    var data: Data { self }
    var glance: Int { withUnsafeBytes(Bench.glance) }
}

extension [UInt8]: Value {
    var data: Data { Data(self) }
    var glance: Int { withUnsafeBytes(Bench.glance) }
}

extension Sequence {
    /// The sum over the values that were found.
    @inline(__always)
    func glances<V: Value>() -> Int where Element == V? {
        var sum = 0
        for value in self {
            if let value { sum += value.glance }
        }
        return sum
    }
}

/// What all forms have in common.
class Bytestore: @unchecked Sendable {  // it has nothing but a store, which any thread may use
    let store: ByteStore

    init(_ store: ByteStore) { self.store = store }

    func set(_ keys: Keys, _ values: ArraySlice<Data>) { try! store.mset(zip(keys, values)) }
    func value(_ key: String) -> Data? { try! store.mget([key])[0] }
}

/// A closure over the library's memory.
final class Views: Bytestore, Store, @unchecked Sendable {
    func get(_ keys: Keys) -> Int {
        try! store.withValues(of: keys) { views in
            var sum = 0
            for view in views {
                if let view { sum += glance(view) }
            }
            return sum
        }
    }
}

/// One `Data` that takes the library's memory over, and its slices.
final class Slices: Bytestore, Store, @unchecked Sendable {
    func get(_ keys: Keys) -> Int { try! store.mgetPacked(keys).glances() }
}

/// A `Data` of its own for each value.
final class Copies: Bytestore, Store, @unchecked Sendable {
    func get(_ keys: Keys) -> Int { try! store.mget(keys).glances() }
}

/// An array of its own for each value.
final class Arrays: Bytestore, Store, @unchecked Sendable {
    func get(_ keys: Keys) -> Int { try! store.mget(keys, as: [UInt8].self).glances() }
}
