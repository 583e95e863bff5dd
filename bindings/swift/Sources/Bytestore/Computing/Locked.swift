// A value that one thread at a time may touch. It must not know what it is.

import Foundation

final class Locked<Value>: @unchecked Sendable {  // the lock guards `value`
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
        try lock.withLock { try body(&value) }
    }
}
