// What is compared with what, and in which cases. It must not know how it is measured.

import Bytestore

struct Peer: Sendable {
    let name: String
    let open: @Sendable () -> Store

    static let all = [
        Peer(name: "Dictionary of Data, locked") { DataDictionary() },
        Peer(name: "Dictionary of [UInt8], locked") { ArrayDictionary() },
        Peer(name: "NSCache") { Cache() },
    ]
}

struct Form: Sendable {
    let name: String
    let of: @Sendable (ByteStore) -> Store

    static let all = [
        Form(name: "views") { Views($0) },
        Form(name: "slices") { Slices($0) },
        Form(name: "copy") { Copies($0) },
        Form(name: "bytes") { Arrays($0) },
    ]

    /// The forms in which a case is measured: those that copy each value only where the batch is the usual one.
    static func forms(of work: Case) -> [Form] {
        if work.operation == .set { return [Form(name: "copy") { Views($0) }] }
        return work.batch == Case().batch && work.threads == 1 ? all : Array(all.prefix(2))
    }
}

/// Cases of one shape.
struct Group: Sendable {
    let shape: Shape
    let works: [Case]

    /// The base case, and one axis at a time around it; where all is in the cache, also what is worst for us.
    static let all = [
        Group(
            shape: Shape(),
            works: [1, 16, 64, 256, 1024].map { Case(batch: $0) } + [Case(threads: 2), Case(operation: .set)]),
        Group(
            shape: Shape(entries: 1000),
            works: [Case(), Case(batch: 1), Case(threads: 2), Case(operation: .set)]),
        Group(shape: Shape(entries: 100_000), works: [Case(), Case(operation: .set)]),
        Group(shape: Shape(value: 16), works: [Case()]),
        Group(shape: Shape(value: 1024), works: [Case()]),
        Group(shape: Shape(entries: 100_000, value: 12 * 1024), works: [Case()]),
        Group(shape: Shape(entries: 5_000_000), works: [Case()]),
    ]
    static let quick = [
        Group(shape: Shape(), works: [Case()]), Group(shape: Shape(entries: 1000), works: [Case()]),
    ]
    static let check = [Group(shape: Shape(entries: 1000), works: all[0].works)]
}
