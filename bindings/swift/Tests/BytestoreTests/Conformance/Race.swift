// The race step: a batch that others see in part would show here.

import Bytestore
import Foundation

/// Keeps the first failure of several threads.
private final class FirstFailure: @unchecked Sendable {  // the lock guards `error`
    private let lock = NSLock()
    private var error: Error?

    func catching(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            lock.withLock { self.error = self.error ?? error }
        }
    }

    func rethrow() throws {
        if let error = lock.withLock({ error }) { throw error }
    }
}

func race(_ store: ByteStore, _ step: Fields) throws {
    var fields = step
    let keys = try list(fields.take("keys", as: Any.self))
    let writers: Int = try fields.take("writers")
    let rounds: Int = try fields.take("rounds")
    let with: String = try fields.take("with")
    try fields.end()
    guard ["mset", "mdelete"].contains(with) else { throw Failure("unknown race: \(with)") }

    let failure = FirstFailure()
    let running = DispatchGroup()
    for writer in 0..<writers {
        running.enter()
        // Threads of their own: a pool may run one after the other.
        Thread.detachNewThread {
            defer { running.leave() }
            failure.catching {
                for round in 0..<rounds {
                    if with == "mdelete" && round % 2 == 1 {
                        try store.mdelete(keys)
                    } else {
                        try store.mset(keys.map { ($0, "\(writer)-\(round)") })
                    }
                }
            }
        }
    }

    var isLastLook = false
    while true {
        let answer = try store.mget(keys)
        guard answer.allSatisfy({ $0 == answer.first }) else { throw Failure("a torn batch: \(answer)") }
        if isLastLook { break }
        isLastLook = running.wait(timeout: .now()) == .success
    }
    try failure.rethrow()
}
