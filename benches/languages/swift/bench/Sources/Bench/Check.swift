// Whether a store answers as it should, before any time is taken. It must not know any store.

import Foundation

/// Ends the program unless `store` has the entries of the shape and no others.
func check(_ store: Store, _ shape: Shape, _ values: Values, _ name: String) {
    var numbers = Numbers(2)
    var asked: [Int] = []
    for _ in 0..<2000 {
        let entry = numbers.below(shape.entries)
        precondition(store.value(key(of: entry)) == values[entry], "\(name): a wrong value")
        precondition(store.value(key(of: shape.entries + entry)) == nil, "\(name): a value nobody has set")
        asked += [entry, shape.entries + entry, entry]
    }
    let expected = asked.map { $0 < shape.entries ? values[$0].glance : 0 }.reduce(0, +)
    precondition(store.get(asked.map(key(of:))[...]) == expected, "\(name): other values in a batch")
}
