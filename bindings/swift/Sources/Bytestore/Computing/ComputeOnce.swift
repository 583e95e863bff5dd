// Getting values or computing them, once for all who want them: for threads, and for tasks.

import Foundation

extension ByteStore {
    /// The value of each key, in the order of the keys; what the store does not have is computed, in one call, and set in
    /// one step.
    ///
    /// ```swift
    /// let vectors = try store.mgetOrCompute(texts) { missing in try model.embed(missing) }
    /// ```
    ///
    /// Of several threads and tasks that miss a key at the same time one computes, and the others wait for it and get
    /// its value, or its error. Errors are not kept: the next call computes again. A batch first computes what nobody
    /// else does, then waits for the rest. This method blocks its thread while it waits; tasks have the asynchronous one,
    /// which works together with this.
    ///
    /// No lock is held while computing: the computation may use the store, and compute other keys so. It must not ask for
    /// keys that it is computing itself, nor may computations wait for each other in a circle: both are
    /// ``ByteStoreError/invalidArgument(_:)``. Tasks belong to the computation that starts them, and so count here;
    /// detached tasks and threads that it starts do not, and would wait for ever.
    ///
    /// The store and all namespaces made from it know of each other's computations; another opening of the same name
    /// does not.
    ///
    /// - Parameters:
    ///   - keys: in any number, repeated ones too.
    ///   - compute: gets the missing keys, each once, in the order of their first places, and gives a value for each.
    ///     It runs at most once for each call, unless a task that computed some of the keys was cancelled.
    /// - Returns: A value for each key.
    /// - Throws: what `compute` throws; ``ByteStoreError/invalidArgument(_:)`` for another number of values than keys;
    ///   what setting the values throws. Those who wait get the same error.
    @available(*, noasync, message: "it blocks the thread: await the asynchronous one")
    @_disfavoredOverload  // else a computation that awaits nothing would choose it in a task
    @inlinable
    public func mgetOrCompute<K: ByteSequence, V: ByteSequence>(
        _ keys: some Sequence<K>, compute: ([K]) throws -> [V]
    ) throws -> [Data] {
        try getOrCompute(Array(keys), milliseconds: nil, compute)
    }

    /// The value of each key, computed where it is missing; says how long the computed ones live.
    ///
    /// - Parameters:
    ///   - keys: in any number, repeated ones too.
    ///   - timeToLive: rounded up to milliseconds; nil: until they are deleted, whatever the store's default.
    ///   - compute: gets the missing keys, each once, in the order of their first places, and gives a value for each.
    /// - Returns: A value for each key.
    /// - Throws: what it throws without a time to live, and ``ByteStoreError/invalidArgument(_:)`` for one that is not
    ///   above zero.
    @available(*, noasync, message: "it blocks the thread: await the asynchronous one")
    @_disfavoredOverload  // else a computation that awaits nothing would choose it in a task
    @inlinable
    public func mgetOrCompute<K: ByteSequence, V: ByteSequence>(
        _ keys: some Sequence<K>, timeToLive: Duration?, compute: ([K]) throws -> [V]
    ) throws -> [Data] {
        try getOrCompute(Array(keys), milliseconds: Self.milliseconds(timeToLive), compute)
    }

    /// The value of each key, in the order of the keys; what the store does not have is computed by an asynchronous
    /// computation, once for all tasks and threads that miss it at the same time.
    ///
    /// ```swift
    /// let vectors = try await store.mgetOrCompute(texts) { missing in try await model.embed(missing) }
    /// ```
    ///
    /// The computation runs in the task that calls. If that task is cancelled and the computation throws, one of those
    /// who wait computes instead; a task that waits is free as soon as it is cancelled, and throws `CancellationError`.
    /// All else is as in the method of this name for threads.
    ///
    /// - Parameters:
    ///   - keys: in any number, repeated ones too.
    ///   - compute: gets the missing keys, each once, in the order of their first places, and gives a value for each.
    /// - Returns: A value for each key.
    /// - Throws: what the method of this name for threads throws, and `CancellationError`.
    @inlinable
    public func mgetOrCompute<K: ByteSequence & Sendable, V: ByteSequence>(
        _ keys: some Sequence<K> & Sendable, compute: @Sendable ([K]) async throws -> [V]
    ) async throws -> [Data] {
        try await getOrCompute(Array(keys), milliseconds: nil, compute)
    }

    /// The value of each key, computed where it is missing by an asynchronous computation; says how long the computed
    /// ones live.
    ///
    /// - Parameters:
    ///   - keys: in any number, repeated ones too.
    ///   - timeToLive: rounded up to milliseconds; nil: until they are deleted, whatever the store's default.
    ///   - compute: gets the missing keys, each once, in the order of their first places, and gives a value for each.
    /// - Returns: A value for each key.
    /// - Throws: what it throws without a time to live, and ``ByteStoreError/invalidArgument(_:)`` for one that is not
    ///   above zero.
    @inlinable
    public func mgetOrCompute<K: ByteSequence & Sendable, V: ByteSequence>(
        _ keys: some Sequence<K> & Sendable, timeToLive: Duration?,
        compute: @Sendable ([K]) async throws -> [V]
    ) async throws -> [Data] {
        try await getOrCompute(Array(keys), milliseconds: Self.milliseconds(timeToLive), compute)
    }
}

// The same for all kinds of keys and values: a computation is asked for places in the batch.
extension ByteStore {
    @inlinable
    func getOrCompute<K: ByteSequence, V: ByteSequence>(
        _ keys: [K], milliseconds: UInt64?, _ compute: ([K]) throws -> [V]
    ) throws -> [Data] {
        let landed = flights.landed
        let answers = try mget(keys)
        guard answers.contains(nil) else { return answers.map { $0! } }
        let gaps = Gaps(in: answers, landed: landed) { keys[$0].withBytes { prefix + $0 } }
        return try fill(gaps, milliseconds: milliseconds) { places in
            try compute(places.map { keys[$0] }).map { $0.withBytes { Data($0) } }
        }
    }

    @inlinable
    func getOrCompute<K: ByteSequence & Sendable, V: ByteSequence>(
        _ keys: [K], milliseconds: UInt64?, _ compute: @Sendable ([K]) async throws -> [V]
    ) async throws -> [Data] {
        let landed = flights.landed
        let answers = try await ask { try $0.mget(keys) }
        guard answers.contains(nil) else { return answers.map { $0! } }
        let gaps = Gaps(in: answers, landed: landed) { keys[$0].withBytes { prefix + $0 } }
        return try await fill(gaps, milliseconds: milliseconds) { places in
            try await compute(places.map { keys[$0] }).map { $0.withBytes { Data($0) } }
        }
    }

    @usableFromInline
    func fill(_ gaps: Gaps, milliseconds: UInt64?, by compute: ([Int]) throws -> [Data]) throws -> [Data] {
        var gaps = gaps
        while !gaps.open.isEmpty {
            let claim = try flights.claim(&gaps)
            if let own = claim.own {
                do {
                    let missing = try lookAgain(for: own.gaps, of: &gaps, isStale: claim.isStale)
                    if !missing.isEmpty {
                        let values = try Computation.$current.withValue(own.flight.computation) {
                            try compute(missing.map { gaps.places[$0] })
                        }
                        try keep(values, of: missing, in: &gaps, milliseconds)
                    }
                    flights.end(own.flight, gaps.outcome(of: own.gaps))
                } catch {
                    flights.end(own.flight, Task.isCancelled ? .abandoned : .failed(error))
                    throw error
                }
            }
            for flight in claim.others {
                try gaps.fill(from: flight.wait())
            }
        }
        return gaps.filled
    }

    @usableFromInline
    func fill(
        _ gaps: Gaps, milliseconds: UInt64?, by compute: @Sendable ([Int]) async throws -> [Data]
    ) async throws -> [Data] {
        var gaps = gaps
        while !gaps.open.isEmpty {
            try Task.checkCancellation()
            let claim = try flights.claim(&gaps)
            if let own = claim.own {
                do {
                    let missing = try await lookAgain(for: own.gaps, of: &gaps, isStale: claim.isStale)
                    if !missing.isEmpty {
                        let places = missing.map { gaps.places[$0] }
                        let values = try await Computation.$current.withValue(own.flight.computation) {
                            try await compute(places)
                        }
                        try await keep(values, of: missing, in: &gaps, milliseconds)
                    }
                    flights.end(own.flight, gaps.outcome(of: own.gaps))
                } catch {
                    flights.end(own.flight, Task.isCancelled ? .abandoned : .failed(error))
                    throw error
                }
            }
            for flight in claim.others {
                try await gaps.fill(from: flight.ended())
            }
        }
        return gaps.filled
    }

    /// What is left to compute of the gaps that a call has claimed. The store is asked again only if something came
    /// between: nobody computes what just arrived, and lookups are not counted twice without need.
    private func lookAgain(for own: [Int], of gaps: inout Gaps, isStale: Bool) throws -> [Int] {
        guard isStale else { return own }
        return gaps.fill(own, with: try mget(keys(of: own, in: gaps)))
    }

    private func lookAgain(for own: [Int], of gaps: inout Gaps, isStale: Bool) async throws -> [Int] {
        guard isStale else { return own }
        let keys = keys(of: own, in: gaps)
        return gaps.fill(own, with: try await ask { try $0.mget(keys) })
    }

    /// Sets what was computed.
    private func keep(
        _ values: [Data], of missing: [Int], in gaps: inout Gaps, _ milliseconds: UInt64?
    ) throws {
        try set(pairs(missing, values, in: gaps), milliseconds: milliseconds)
        gaps.fill(missing, with: values)
    }

    private func keep(
        _ values: [Data], of missing: [Int], in gaps: inout Gaps, _ milliseconds: UInt64?
    ) async throws {
        let pairs = try pairs(missing, values, in: gaps)
        try await ask { try $0.set(pairs, milliseconds: milliseconds) }
        gaps.fill(missing, with: values)
    }

    private func pairs(
        _ missing: [Int], _ values: [Data], in gaps: Gaps
    ) throws -> [(ArraySlice<UInt8>, Data)] {
        guard values.count == missing.count else {
            throw ByteStoreError.invalidArgument(
                "the computation was asked for \(missing.count) keys, and gave \(values.count) values")
        }
        return Array(zip(keys(of: missing, in: gaps), values))
    }

    /// The keys as this store's own calls take them.
    private func keys(of some: [Int], in gaps: Gaps) -> [ArraySlice<UInt8>] {
        some.map { gaps.keys[$0].bytes.dropFirst(prefix.count) }
    }
}
