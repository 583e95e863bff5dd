// What a Swift program would use instead: a dictionary behind a lock, and Foundation's cache. It must not know what is
// measured.

import Foundation

/// A dictionary behind a lock that is taken once a batch. Its values are references: nothing is copied.
private final class LockedDictionary<V: Value>: @unchecked Sendable {  // the lock guards `entries`
    private var entries: [String: V] = [:]
    // The fastest lock there is: NSLock is one of these, behind a call more.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(lock, nil) }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    private func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    func get(_ keys: Keys) -> Int { locked { keys.map { entries[$0] } }.glances() }

    func set(_ keys: Keys, _ values: ArraySlice<Data>) {
        locked {
            for (key, value) in zip(keys, values) { entries[key] = V(value) }
        }
    }

    func value(_ key: String) -> Data? { locked { entries[key] }.map { $0.data } }
}

// Classes that are not generic: their functions are compiled for their kind of values.

/// With values that are as in bytestore's answers.
final class DataDictionary: Store {
    private let entries = LockedDictionary<Data>()

    func get(_ keys: Keys) -> Int { entries.get(keys) }
    func set(_ keys: Keys, _ values: ArraySlice<Data>) { entries.set(keys, values) }
    func value(_ key: String) -> Data? { entries.value(key) }
}

/// With the fastest values: each is one object, where a `Data` is two.
final class ArrayDictionary: Store {
    private let entries = LockedDictionary<[UInt8]>()

    func get(_ keys: Keys) -> Int { entries.get(keys) }
    func set(_ keys: Keys, _ values: ArraySlice<Data>) { entries.set(keys, values) }
    func value(_ key: String) -> Data? { entries.value(key) }
}

/// NSCache without limits: it locks for each key, and its keys and values are objects.
final class Cache: Store, @unchecked Sendable {  // any thread may use an NSCache
    private let cache = NSCache<NSString, NSData>()

    func get(_ keys: Keys) -> Int {
        var sum = 0
        for key in keys {
            if let value = cache.object(forKey: NSString(string: key)) {
                sum += glance(UnsafeRawBufferPointer(start: value.bytes, count: value.length))
            }
        }
        return sum
    }

    func set(_ keys: Keys, _ values: ArraySlice<Data>) {
        for (key, value) in zip(keys, values) {
            cache.setObject(NSData(data: value), forKey: NSString(string: key))
        }
    }

    func value(_ key: String) -> Data? {
        cache.object(forKey: NSString(string: key)).map { Data(referencing: $0) }
    }
}
