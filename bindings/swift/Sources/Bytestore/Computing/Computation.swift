// Whose part the running code is, and which computation waits for which: so that nobody waits for itself. It must not
// know what is computed.

/// One run of a caller's computation.
final class Computation: Sendable {
    /// The innermost one that the running code is part of. Tasks inherit it, but for detached ones.
    @TaskLocal static var current: Computation?

    /// The one that this was started in.
    private let outer: Computation?

    init() {
        outer = Self.current
    }

    /// All that the running code is part of, the innermost first.
    static var running: [Computation] {
        current.map { Array(sequence(first: $0, next: \.outer)) } ?? []
    }
}

/// Waiting for a computation. Code that is part of a computation holds it up while it waits, and all around it.
struct Wait {
    /// For each computation that is held up, by its identity: those it waits for.
    private static let all = Locked<[ObjectIdentifier: [Computation]]>([:])

    private let heldUp: [Computation]
    private let awaited: Computation

    /// Begins, or throws where `awaited` waits for the running code itself, however many others are between.
    init(for awaited: Computation) throws {
        self.awaited = awaited
        heldUp = Computation.running
        if heldUp.isEmpty { return }
        try Self.all.withLock { all in
            var reached: Set<ObjectIdentifier> = []
            var next = [awaited]
            while let computation = next.popLast() {
                guard !heldUp.contains(where: { $0 === computation }) else {
                    throw ByteStoreError.invalidArgument(
                        "computations wait for each other in a circle: each asks for a key of the next one")
                }
                if reached.insert(ObjectIdentifier(computation)).inserted {
                    next += all[ObjectIdentifier(computation)] ?? []
                }
            }
            for computation in heldUp {
                all[ObjectIdentifier(computation), default: []].append(awaited)
            }
        }
    }

    func end() {
        if heldUp.isEmpty { return }
        Self.all.withLock { all in
            for computation in heldUp {
                let identity = ObjectIdentifier(computation)
                var others = all[identity] ?? []
                others.remove(at: others.firstIndex { $0 === awaited }!)
                all[identity] = others.isEmpty ? nil : others
            }
        }
    }

    /// How many computations are held up, in the whole process.
    static var count: Int { all.withLock { $0.count } }
}
