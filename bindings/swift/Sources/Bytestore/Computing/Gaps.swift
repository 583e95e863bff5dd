// What a batch's answer lacks, and how it is filled. It must not know where values come from.

import Foundation

/// The keys of a batch that the store did not have: each once, in the order of their first places.
@usableFromInline
struct Gaps: Sendable {
    private(set) var keys: [FullKey] = []
    /// The first place of each in the batch.
    private(set) var places: [Int] = []
    private var values: [Data?] = []
    /// How many flights had landed when the store was last looked into.
    var landed: Int

    private let answers: [Data?]
    /// Which gap each missing answer is.
    private var gapOfPlace: [Int: Int] = [:]

    @usableFromInline
    init(in answers: [Data?], landed: Int, key: (Int) -> [UInt8]) {
        self.answers = answers
        self.landed = landed
        var gapOfKey: [FullKey: Int] = [:]
        for place in answers.indices where answers[place] == nil {
            let key = FullKey(bytes: key(place))
            if gapOfKey[key] == nil {
                gapOfKey[key] = keys.count
                keys.append(key)
                places.append(place)
                values.append(nil)
            }
            gapOfPlace[place] = gapOfKey[key]
        }
    }

    /// Those without a value so far.
    var open: [Int] { values.indices.filter { values[$0] == nil } }

    /// Fills gaps one by one; nil leaves one open. Returns those.
    @discardableResult
    mutating func fill(_ gaps: [Int], with found: [Data?]) -> [Int] {
        for (gap, value) in zip(gaps, found) {
            values[gap] = value
        }
        return gaps.filter { values[$0] == nil }
    }

    /// Fills what another computation brought; throws its error.
    mutating func fill(from outcome: Outcome) throws {
        switch outcome {
        case .values(let values): fill(open, with: open.map { values[keys[$0]] })
        case .failed(let error): throw error
        case .abandoned: break
        }
    }

    /// Gaps that are filled, for those who wait for them.
    func outcome(of gaps: [Int]) -> Outcome {
        .values(Dictionary(uniqueKeysWithValues: gaps.map { (keys[$0], values[$0]!) }))
    }

    /// The whole batch; all gaps are filled.
    var filled: [Data] {
        answers.indices.map { answers[$0] ?? values[gapOfPlace[$0]!]! }
    }
}
