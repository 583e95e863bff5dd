// Takes the time of two stores that do the same work in turns. It must not know which stores they are.

import Foundation

enum Operation: String {
    case get = "mget_hit"
    case set = "mset"
}

/// How one operation is asked for.
struct Case: Sendable {
    var operation = Operation.get
    var batch = 64
    var threads = 1
}

/// How long a turn takes, and how many each store has.
struct Pace: Sendable {
    var turn = 0.05
    var rounds = 3
}

/// So many keys are made at once, before the time is taken: they are in the cache, as if just made, and new objects.
private let keysMadeAtOnce = 4096

/// Fills a store in the order of the entries.
func fill(_ store: Store, _ shape: Shape, _ values: Values) {
    for start in stride(from: 0, to: shape.entries, by: 1024) {
        let entries = start..<min(start + 1024, shape.entries)
        store.set(entries.map(key(of:))[...], entries.map { values[$0] }[...])
    }
}

/// Million keys a second of both stores, round by round; who begins changes.
func inTurns(
    _ ours: Store, _ theirs: Store, _ shape: Shape, _ values: Values, _ work: Case, _ pace: Pace
) -> (ours: [Double], theirs: [Double]) {
    func rate(_ store: Store, _ round: Int) -> Double {
        onThreads(work.threads) { thread in
            turn(store, shape, values, work, pace.turn, Numbers(3 + round * work.threads + thread))
        }
    }
    _ = (rate(ours, pace.rounds), rate(theirs, pace.rounds))  // warms up
    var rates: (ours: [Double], theirs: [Double]) = ([], [])
    for round in 0..<pace.rounds {
        if round % 2 == 0 {
            rates.ours.append(rate(ours, round))
            rates.theirs.append(rate(theirs, round))
        } else {
            rates.theirs.append(rate(theirs, round))
            rates.ours.append(rate(ours, round))
        }
    }
    return rates
}

/// The sum of what the threads give.
private func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Double) -> Double {
    if count == 1 { return work(0) }
    let sum = Sum()
    let running = DispatchGroup()
    for thread in 0..<count {
        running.enter()
        Thread.detachNewThread {
            sum.add(work(thread))
            running.leave()
        }
    }
    running.wait()
    return sum.total
}

private final class Sum: @unchecked Sendable {  // the lock guards `total`
    private let lock = NSLock()
    private(set) var total = 0.0
    func add(_ number: Double) { lock.withLock { total += number } }
}

private func turn(
    _ store: Store, _ shape: Shape, _ values: Values, _ work: Case, _ seconds: Double, _ stream: Numbers
) -> Double {
    var numbers = stream
    var spent = 0.0
    var done = 0
    var sum = 0
    while spent < seconds {
        let entries = (0..<keysMadeAtOnce).map { _ in numbers.below(shape.entries) }
        let keys = entries.map(key(of:))
        let written = work.operation == .set ? entries.map { values[$0] } : []
        let start = now()
        for first in stride(from: 0, to: keysMadeAtOnce, by: work.batch) {
            let batch = first..<first + work.batch
            switch work.operation {
            case .get: sum += store.get(keys[batch])
            case .set: store.set(keys[batch], written[batch])
            }
        }
        spent += now() - start
        done += keysMadeAtOnce
    }
    precondition(work.operation == .set || sum >= done * shape.value, "a value is missing")
    return Double(done) / spent / 1e6
}

private func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
