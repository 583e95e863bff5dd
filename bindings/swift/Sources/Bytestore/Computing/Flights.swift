// All keys of a store that are on their way, and the claims of who needs some. It must not know the store.

/// The table of a store and of all its namespaces.
@usableFromInline
final class Flights: Sendable {
    private struct Table {
        var byKey: [FullKey: Flight] = [:]
        /// How many flights have brought values to the store.
        var landed = 0
    }
    private let table = Locked(Table())

    /// Read before a look into the store: tells later whether something came since.
    @usableFromInline
    var landed: Int { table.withLock { $0.landed } }

    /// What a call has to do for its gaps.
    struct Claim {
        /// Computing these: the flight, and which gaps its keys are.
        var own: (flight: Flight, gaps: [Int])?
        /// Waiting for these.
        var others: [Flight] = []
        /// Others brought values since the call last looked: its own may be among them.
        var isStale = false
    }

    /// Takes the keys that nobody computes yet, all or, on an error, none.
    func claim(_ gaps: inout Gaps) throws -> Claim {
        let running = Computation.running
        return try table.withLock { table in
            var claim = Claim()
            var mine: [Int] = []
            var seen: Set<ObjectIdentifier> = []
            for gap in gaps.open {
                guard let flight = table.byKey[gaps.keys[gap]] else {
                    mine.append(gap)
                    continue
                }
                guard !running.contains(where: { $0 === flight.computation }) else {
                    throw ByteStoreError.invalidArgument(
                        "a computation asks for what it is computing itself: key \(gaps.places[gap]) of the batch"
                    )
                }
                if seen.insert(ObjectIdentifier(flight)).inserted {
                    claim.others.append(flight)
                }
            }
            if !mine.isEmpty {
                let flight = Flight(of: mine.map { gaps.keys[$0] })
                for key in flight.keys {
                    table.byKey[key] = flight
                }
                claim.own = (flight, mine)
            }
            claim.isStale = table.landed != gaps.landed
            gaps.landed = table.landed
            return claim
        }
    }

    /// Ends a flight. Who claims its keys from now on starts anew, and sees that values came.
    func end(_ flight: Flight, _ outcome: Outcome) {
        table.withLock { table in
            for key in flight.keys {
                table.byKey[key] = nil
            }
            if case .values = outcome {
                table.landed += 1
            }
        }
        flight.end(outcome)
    }

    /// How many keys are on their way, and how many threads and tasks wait for them.
    var counts: (keys: Int, waiters: Int) {
        let all = table.withLock { Array($0.byKey.values) }
        let flights = Dictionary(all.map { (ObjectIdentifier($0), $0) }) { flight, _ in flight }
        return (all.count, flights.values.reduce(0) { $0 + $1.waiterCount })
    }
}
