// Runs the steps of one conformance case against the binding.

import Bytestore
import Foundation

final class Runner {
    /// The name under which a case's own store stands; no step can say it.
    private static let own = ""
    private var stores: [String: ByteStore] = [:]
    private var scans: [String: Scan] = [:]
    /// Where the pages of a name, of a store, have come to.
    private var positions: [[String]: KeyPosition] = [:]
    private var saved = SavedStores()

    /// Runs a case from a fresh store to its end, where all is closed.
    static func run(steps: [Any]) throws {
        let runner = Runner()
        defer { runner.stores.values.forEach { $0.close() } }
        runner.stores[own] = try Place.ownStore()
        for (number, step) in steps.enumerated() {
            do {
                try runner.run(Fields(step))
            } catch {
                throw Failure("step \(number + 1): \(error)")
            }
        }
    }

    private func run(_ step: Fields) throws {
        var fields = step
        guard let status: String = try fields.takeIfPresent("error") else {
            return try perform(fields)
        }
        do {
            try perform(fields, mustFail: true)
        } catch let error as ByteStoreError {
            try expect(error.name, toBe: status)
            return
        }
        throw Failure("succeeded, expected \(status)")
    }

    private func perform(_ step: Fields, mustFail: Bool = false) throws {
        var fields = step
        let operation: String = try fields.take("do")
        let name = try fields.takeIfPresent("store", as: String.self) ?? Self.own
        if operation == "open" {
            return try open(name, fields)
        }
        guard let store = stores[name] else { throw Failure("no store \(name)") }
        switch operation {
        case "close":
            try fields.end()
            store.close()
        case "mset": try mset(store, fields)
        case "mget": try mget(store, fields, mustFail)
        case "mdelete": try mdelete(store, fields, mustFail)
        case "keys": try keys(store, fields, mustFail)
        case "len": try len(store, fields, mustFail)
        case "count": try count(store, fields, mustFail)
        case "delete_prefix": try deletePrefix(store, fields, mustFail)
        case "page": try page(store, named: name, fields, mustFail)
        case "namespace": try namespace(store, fields)
        case "compute": try compute(store, fields, mustFail)
        case "advance": try advance(store, fields)
        case "counters": try counters(store, fields, mustFail)
        case "scan_start": try scanStart(store, fields)
        case "scan_next": try scanNext(fields)
        case "scan_rest": try scanRest(fields)
        case "race": try race(store, fields)
        case "save": try saved.save(store, fields)
        case "load": try saved.load(store, fields)
        default: throw Failure("unknown operation \(operation)")
        }
    }

    private func add(_ name: String, _ store: ByteStore) throws {
        guard stores.updateValue(store, forKey: name) == nil else { throw Failure("two stores \(name)") }
    }

    private func open(_ name: String, _ step: Fields) throws {
        var fields = step
        if let snapshot: String = try fields.takeIfPresent("snapshot") {
            try fields.end()
            return try add(name, saved.open(snapshot))
        }
        let url: String = try fields.take("url")
        try fields.end()
        try add(name, ByteStore(url: url))
    }

    private func mset(_ store: ByteStore, _ step: Fields) throws {
        var fields = step
        var pairs = try pairs(fields.take("pairs", as: Any.self))
        let timeToLive = try fields.takeAny("ttl").map(timeToLive)
        let scribbles = try fields.takeIfPresent("scribble", as: Bool.self) ?? false
        try fields.end()
        defer {
            if scribbles {
                for index in pairs.indices {
                    scribble(&pairs[index].0)
                    scribble(&pairs[index].1)
                }
            }
        }
        if let timeToLive {
            try store.mset(pairs, timeToLive: timeToLive)
        } else {
            try store.mset(pairs)
        }
    }

    /// Milliseconds, or null for ever.
    private func timeToLive(_ form: Any) throws -> Duration? {
        if form is NSNull { return nil }
        guard let milliseconds = form as? Int else { throw Failure("ttl: \(form) is no number") }
        return .milliseconds(milliseconds)
    }

    private func mget(_ store: ByteStore, _ step: Fields, _ mustFail: Bool) throws {
        var fields = step
        var keys = try list(fields.take("keys", as: Any.self))
        let scribbles = try fields.takeIfPresent("scribble", as: Bool.self) ?? false
        let expected = mustFail ? [] : try list(fields.take("expect", as: Any.self), item: bytesOrMissing)
        try fields.end()
        defer {
            if scribbles {
                for index in keys.indices { scribble(&keys[index]) }
            }
        }
        var answer = try store.mget(keys)
        try expect(answer.map { $0.map { Bytes($0) } }, toBe: expected)
        if scribbles {
            for index in answer.indices {
                answer[index]?.withUnsafeMutableBytes(overwrite)
            }
        }
    }

    private func mdelete(_ store: ByteStore, _ step: Fields, _ mustFail: Bool) throws {
        var fields = step
        var keys = try list(fields.take("keys", as: Any.self))
        let scribbles = try fields.takeIfPresent("scribble", as: Bool.self) ?? false
        let expected = try fields.takeIfPresent("removed", as: Int.self)
        try fields.end()
        defer {
            if scribbles {
                for index in keys.indices { scribble(&keys[index]) }
            }
        }
        let removed = try store.mdelete(keys)
        if let expected {
            try expect(removed, toBe: expected)
        }
    }

    private func keys(_ store: ByteStore, _ step: Fields, _ mustFail: Bool) throws {
        var fields = step
        let prefix = try fields.takeAny("prefix").map(bytes)
        let expected = mustFail ? [] : try list(fields.take("expect", as: Any.self))
        try fields.end()
        let scan = try scan(store, prefix)
        var answer: [Bytes] = []
        while let key = try scan.nextKey() {
            answer.append(Bytes(key))
        }
        try Place.expectKeys(answer, toBe: expected)
    }

    private func len(_ store: ByteStore, _ step: Fields, _ mustFail: Bool) throws {
        var fields = step
        let expected = mustFail ? 0 : try fields.take("expect", as: Int.self)
        try fields.end()
        try expect(store.count(), toBe: expected)
    }

    private func count(_ store: ByteStore, _ step: Fields, _ mustFail: Bool) throws {
        var fields = step
        let prefix = try bytes(fields.take("prefix", as: Any.self))
        let expected = mustFail ? 0 : try fields.take("expect", as: Int.self)
        try fields.end()
        try expect(store.count(prefix: prefix), toBe: expected)
    }

    private func deletePrefix(_ store: ByteStore, _ step: Fields, _ mustFail: Bool) throws {
        var fields = step
        let prefix = try bytes(fields.take("prefix", as: Any.self))
        let expected = mustFail ? 0 : try fields.take("removed", as: Int.self)
        try fields.end()
        try expect(store.mdelete(prefix: prefix), toBe: expected)
    }

    private func page(_ store: ByteStore, named name: String, _ step: Fields, _ mustFail: Bool) throws {
        var fields = step
        let place = [try fields.take("page"), name]
        let limit: Int = try fields.take("take")
        let prefix = try fields.takeAny("prefix").map(bytes)
        let expected = mustFail ? [] : try list(fields.take("expect", as: Any.self))
        try fields.end()
        let position = positions[place] ?? .start
        let page =
            if let prefix {
                try store.page(prefix: prefix, from: position, limit: limit)
            } else {
                try store.page(from: position, limit: limit)
            }
        try expect(page.keys.map { Bytes($0) }, toBe: expected)
        positions[place] = page.next
    }

    private func namespace(_ store: ByteStore, _ step: Fields) throws {
        var fields = step
        let prefix = try bytes(fields.take("prefix", as: Any.self))
        let name: String = try fields.take("as")
        try fields.end()
        try add(name, store.namespace(prefix))
    }

    private func compute(_ store: ByteStore, _ step: Fields, _ mustFail: Bool) throws {
        struct Own: Error {}
        var fields = step
        let keys = try list(fields.take("keys", as: Any.self))
        let missing = try list(fields.take("missing", as: Any.self))
        let fails = try fields.takeIfPresent("fails", as: Bool.self) ?? false
        let values = fails || missing.isEmpty ? [] : try list(fields.take("values", as: Any.self))
        let expected = fails || mustFail ? [] : try list(fields.take("expect", as: Any.self))
        let timeToLive = try fields.takeAny("ttl").map(timeToLive)
        try fields.end()

        var asked: [[Bytes]] = []
        func computation(_ keys: [Bytes]) throws -> [Bytes] {
            asked.append(keys)
            if fails { throw Own() }
            return values
        }
        func answer() throws -> [Data] {
            if let timeToLive {
                return try store.mgetOrCompute(keys, timeToLive: timeToLive, compute: computation)
            }
            return try store.mgetOrCompute(keys, compute: computation)
        }
        if fails {
            do {
                _ = try answer()
                throw Failure("succeeded, expected the computation's own error")
            } catch is Own {}
        } else {
            try expect(answer().map { Bytes($0) }, toBe: expected)
        }
        try expect(asked, toBe: missing.isEmpty ? [] : [missing])
    }

    private func advance(_ store: ByteStore, _ step: Fields) throws {
        var fields = step
        let milliseconds: Int = try fields.take("ms")
        try fields.end()
        try store.advanceClock(by: .milliseconds(milliseconds))
    }

    private func counters(_ store: ByteStore, _ step: Fields, _ mustFail: Bool) throws {
        var fields = step
        let expected = mustFail ? [:] : try fields.take("expect", as: [String: Any].self)
        try fields.end()
        let stats = try store.stats()
        let counted = [
            "hits": stats.hits, "misses": stats.misses, "sets": stats.sets, "deletes": stats.deletes,
            "evictions_by_bytes": stats.evictionsByBytes, "evictions_by_entries": stats.evictionsByEntries,
            "expirations": stats.expirations, "entries": stats.entries, "key_bytes": stats.keyBytes,
            "value_bytes": stats.valueBytes, "overhead_bytes": stats.overheadBytes,
            "max_bytes": stats.maxBytes ?? 0, "max_entries": stats.maxEntries ?? 0,
        ]
        for (name, value) in expected {
            guard let answer = counted[name] else { throw Failure("unknown counter \(name)") }
            guard let value = value as? Int else { throw Failure("\(name): \(value) is no number") }
            guard answer == value else { throw Failure("\(name) is \(answer), expected \(value)") }
        }
    }

    private func scanStart(_ store: ByteStore, _ step: Fields) throws {
        var fields = step
        let name: String = try fields.take("scan")
        let prefix = try fields.takeAny("prefix").map(bytes)
        try fields.end()
        scans[name] = try Scan(scan(store, prefix))
    }

    private func scanNext(_ step: Fields) throws {
        var fields = step
        let scan = try running(fields.take("scan"))
        let take: Int = try fields.take("take")
        let expected = try list(fields.take("expect", as: Any.self))
        try fields.end()
        try scan.next(take, toBe: expected)
    }

    private func scanRest(_ step: Fields) throws {
        var fields = step
        let scan = try running(fields.take("scan"))
        let expected = try list(fields.take("expect", as: Any.self))
        let optional = Set(try fields.takeAny("may_include").map { try list($0) } ?? [])
        try fields.end()
        try scan.rest(toBe: expected, optional: optional)
    }

    private func scan(_ store: ByteStore, _ prefix: Bytes?) throws -> KeySequence {
        if let prefix {
            return try store.keys(prefix: prefix)
        }
        return try store.keys()
    }

    private func running(_ name: String) throws -> Scan {
        guard let scan = scans[name] else { throw Failure("no scan \(name)") }
        return scan
    }
}

func expect<T: Equatable>(_ answer: T, toBe expected: T) throws {
    guard answer == expected else { throw Failure("got \(short(answer)), expected \(short(expected))") }
}

func short(_ value: Any) -> String {
    let text = String(describing: value)
    return text.count <= 200 ? text : text.prefix(200) + "…"
}

/// Overwrites memory that the store must not be looking at any more.
private func scribble(_ bytes: inout Bytes) {
    bytes.withUnsafeMutableBytes(overwrite)
}

private func overwrite(_ memory: UnsafeMutableRawBufferPointer) {
    memory.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "#"))
}
