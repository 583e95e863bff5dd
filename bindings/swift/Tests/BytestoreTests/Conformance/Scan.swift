// What the steps of a scan compare.

import Bytestore

/// A scan under way. On a server, which keeps no order, what it gives altogether is compared at its end.
final class Scan {
    private let keys: KeySequence
    private var given: [Bytes] = []
    private var due: [Bytes] = []

    init(_ keys: KeySequence) {
        self.keys = keys
    }

    func next(_ count: Int, toBe expected: [Bytes]) throws {
        let answer = try take(count)
        guard !Place.keepsOrder else { return try expect(answer, toBe: expected) }
        given += answer
        due += expected
    }

    func rest(toBe expected: [Bytes], optional: Set<Bytes>) throws {
        let answer = try given + take(.max)
        guard Set(answer).count == answer.count else { throw Failure("a key came twice: \(short(answer))") }
        let certain = { (keys: [Bytes]) in keys.filter { !optional.contains($0) } }
        try Place.expectKeys(certain(answer), toBe: certain(due + expected))
    }

    private func take(_ count: Int) throws -> [Bytes] {
        var answer: [Bytes] = []
        while answer.count < count, let key = try keys.nextKey() {
            answer.append(Bytes(key))
        }
        return answer
    }
}
