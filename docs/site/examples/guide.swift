// The Swift of the guide's pages: each function is one page, the tests run them all.

import Bytestore
import Foundation

func open() throws {
    // --8<-- [start:open]
    let store = try ByteStore()  // empty, in this process, without bounds
    let cache = try ByteStore(options: .init(maxBytes: 512 << 20, timeToLive: .seconds(3600)))
    // As every language says it.
    let same = try ByteStore(url: "memory:?max_bytes=512MiB&ttl=1h")

    // One store for all who open this name in the process.
    let ours = try ByteStore(options: .init(name: "answers"))
    let theirs = try ByteStore(url: "memory:answers")
    try ours.mset(["question": "42"])
    if let value = try theirs.mget(["question"])[0] {
        print("by name:", String(decoding: value, as: UTF8.self))
    }

    for opened in [store, cache, same, ours, theirs] {
        opened.close()  // the last reference does it, too
    }
    // --8<-- [end:open]
}

func batches() throws {
    // --8<-- [start:batches]
    let store = try ByteStore()
    try store.mset(["user/1": "Ada", "user/2": "Grace", "draft": ""])

    let keys = ["user/1", "draft", "user/9"]
    for (key, value) in zip(keys, try store.mget(keys)) {
        print("\(key): \(value.map { "\($0.count) bytes" } ?? "missing")")
    }

    for key in try store.keys(prefix: "user/") {
        print(String(decoding: key, as: UTF8.self))
    }

    print("deleted", try store.mdelete(["user/1", "user/9"]))
    // --8<-- [end:batches]
}

func bounds() throws {
    // --8<-- [start:bounds]
    let cache = try ByteStore(
        options: .init(
            maxBytes: 64 << 20, maxItemBytes: 1 << 20,
            timeToLive: .seconds(3600), manualClock: true))
    try cache.mset(["page": "<html>"])  // lives for an hour
    try cache.mset(["token": "s3cret"], timeToLive: .seconds(30))

    try cache.advanceClock(by: .seconds(30))  // only with manualClock, for tests
    let keys = ["page", "token"]
    for (key, value) in zip(keys, try cache.mget(keys)) {
        print("\(key): \(value == nil ? "missing" : "there")")
    }

    do {
        try cache.mset([("film", Data(count: 2 << 20))])
    } catch let error as ByteStoreError where error == .overLimit {
        print("film:", error.name)
    }
    // --8<-- [end:bounds]
}

func prefixes() throws {
    // --8<-- [start:prefixes]
    let store = try ByteStore()
    try store.mset(["user/1": "Ada", "user/2": "Grace", "draft": "", "user/3": "Alan"])
    print(try store.count(prefix: "user/"), "users")

    func text(_ keys: [Data]) -> String {
        keys.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
    let first = try store.page(prefix: "user/", limit: 2)
    print("first page:", text(first.keys))
    // Where it goes on is Codable: later, from a web handler.
    let next = try store.page(prefix: "user/", from: first.next, limit: 2)
    print("next page:", text(next.keys))

    let users = try store.namespace("user/")  // a store of its own, of the keys that begin so
    if let name = try users.mget(["2"])[0] {
        print("user 2 is", String(decoding: name, as: UTF8.self))
    }
    print("deleted", try store.mdelete(prefix: "user/"))
    // --8<-- [end:prefixes]
}

func compute() throws {
    // --8<-- [start:compute]
    let pages = try ByteStore(options: .init(maxBytes: 64 << 20))

    // Called once, however many threads miss these keys. An `async` one is for tasks.
    func fetch(_ names: [String]) -> [String] {
        print("fetching", names.joined(separator: " "))
        return names.map { "<h1>\($0)</h1>" }
    }

    let hour = Duration.seconds(3600)
    _ = try pages.mgetOrCompute(["tea", "cake"], timeToLive: hour, compute: fetch)
    for page in try pages.mgetOrCompute(["tea", "milk"], timeToLive: hour, compute: fetch) {
        print(String(decoding: page, as: UTF8.self))
    }
    // --8<-- [end:compute]
}

func counters() throws {
    // --8<-- [start:counters]
    let store = try ByteStore(options: .init(maxEntries: 1000))
    try store.mset(["tea": "hot"])
    _ = try store.mget(["tea", "tea", "tea", "cake"])

    let stats = try store.stats()
    let ratio = String(format: "%.2f", stats.hitRatio)
    print("\(stats.entries) entry, \(stats.hits) hits, \(stats.misses) miss, ratio \(ratio)")
    // --8<-- [end:counters]
}

func snapshots() throws {
    // --8<-- [start:snapshots]
    let users = try ByteStore(options: .init(maxBytes: 64 << 20))
    try users.mset(["1": "Ada", "2": "Grace"])
    // As of one moment, while others write.
    try users.save(toFile: "users.snapshot", compressionLevel: 3)

    // A new store, with the options of the old one.
    let again = try ByteStore(url: "snapshot:users.snapshot")
    print(try again.count(), "entries")

    do {
        try users.load(fromFile: "no/such.snapshot")  // in place of what is there, in one step
    } catch let error as ByteStoreError where error == .ioFailure(errno: ENOENT) {
        print(error.name)
    }
    // --8<-- [end:snapshots]
}

func servers() throws {
    // --8<-- [start:servers]
    // Such as redis://cache.internal:6379/0?namespace=answers%2F&ttl=1h. Nothing is sent yet.
    let url = ProcessInfo.processInfo.environment["STORE_URL"] ?? "memory:"
    let answers = try ByteStore(url: url)
    do {
        try answers.mset(["question": "42"])
        if let value = try answers.mget(["question"])[0] {
            print("question:", String(decoding: value, as: UTF8.self))
        }
    } catch ByteStoreError.remoteFailure(let words) {  // the server's own, or the system's
        print("no answers today:", words)
    }

    let ordered = answers.capabilities.contains(.insertionOrder)
    print("keys keep their order:", ordered ? "yes" : "no")
    // --8<-- [end:servers]
}

func errors() throws {
    // --8<-- [start:errors]
    do {
        _ = try ByteStore(url: "nosuch:")
    } catch let error as ByteStoreError {  // what all of them are
        print(error.name)
    }

    let store = try ByteStore()
    store.close()
    do {
        _ = try store.mget(["tea"])
    } catch ByteStoreError.closedHandle {
        print(ByteStoreError.closedHandle.name)
    }
    // --8<-- [end:errors]
}

try open()
try batches()
try bounds()
try prefixes()
try compute()
try counters()
try snapshots()
try servers()
try errors()
