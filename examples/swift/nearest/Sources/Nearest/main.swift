// Which note fits a question: notes become vectors, which are kept in 64 MiB and computed once, and the one nearest to
// the question's is printed. The model here counts letters; a real one takes long, and is asked just as seldom.

import Bytestore
import Foundation

struct Model {
    private(set) var asked = 0

    mutating func embed(_ texts: [String]) -> [[Float]] {
        asked += texts.count
        return texts.map { text in
            var vector = [Float](repeating: 0, count: 26)
            for letter in text.lowercased().utf8 where (97...122).contains(letter) {
                vector[Int(letter) - 97] += 1
            }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / length }
        }
    }
}

func vectors(of texts: [String], in store: ByteStore, from model: inout Model) throws -> [[Float]] {
    let stored = try store.mgetOrCompute(texts) { missing in
        model.embed(missing).map { vector in vector.withUnsafeBytes { Data($0) } }
    }
    return stored.map { data in
        [Float](unsafeUninitializedCapacity: data.count / MemoryLayout<Float>.stride) { room, count in
            count = data.copyBytes(to: room) / MemoryLayout<Float>.stride
        }
    }
}

let notes = ["buy oat milk and bread", "renew the passport in May", "call the plumber about the tap"]
let cache = try ByteStore(options: .init(maxBytes: 64 << 20))
var model = Model()

for question in ["what was it about the water tap", "when does the passport end"] {
    let all = try vectors(of: notes + [question], in: cache, from: &model)
    let asked = all[notes.count]
    let scores = all.dropLast().map { zip($0, asked).reduce(0) { $0 + $1.0 * $1.1 } }
    let best = scores.indices.max { scores[$0] < scores[$1] }!
    print("\(question)? \(notes[best])")
}
print("texts embedded: \(model.asked) of 8, hits: \(try cache.stats().hits)")
