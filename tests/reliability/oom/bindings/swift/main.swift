// Every operation of the Swift binding while the library runs out of memory: ByteStoreError.outOfMemory.

import Bytestore
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Of the preloaded shim.
typealias Arm = @convention(c) (UInt, CInt) -> CInt
typealias Disarm = @convention(c) () -> UInt
let arm = unsafeBitCast(dlsym(nil, "failing_arm"), to: Arm.self)
let disarm = unsafeBitCast(dlsym(nil, "failing_disarm"), to: Disarm.self)

/// Operations whose answers Swift's memory holds: the library asks for none.
let inOwnMemory: Set<String> = []

var failures: UInt = 0
var faults = 0

func check(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds {
        faults += 1
        print(" ", what())
    }
}

/// Each of an operation's requests for memory fails, once and for ever.
func torture(_ name: String, _ operation: () throws -> Void, fine: () throws -> Bool) throws {
    let before = failures
    for forEver: CInt in [0, 1] {
        var (first, failed): (UInt, UInt) = (1, 1)
        while failed > 0 {
            var thrown: Error?
            check(arm(first, forEver) == 1, "there is no library to fail")
            do {
                try operation()
            } catch {
                thrown = error
            }
            failed = disarm()
            failures += failed
            if let thrown {
                check(thrown as? ByteStoreError == .outOfMemory, "\(name): \(thrown)")
                check(failed > 0, "\(name) ran out of memory that was there")
                check(try fine(), "\(name) failed, and changed something")
            }
            first += 1
        }
    }
    check((failures > before) != inOwnMemory.contains(name), "\(name) asked for \(failures - before)")
}

let large = [UInt8](repeating: 1, count: 10_000)
let store = try ByteStore()
try store.mset([("a", [1]), ("b", large)])

func fine() throws -> Bool {
    // Where an operation has two steps, the first one may be done.
    _ = try store.mdelete(["c", "d", "z"])
    _ = try store.mdelete(prefix: "x/")
    return try store.mget(["a", "b", "c"]) == [Data([1]), Data(large), nil] && store.count() == 2
}

let nothing = [String](repeating: "nothing", count: 300)
let operations: [(String, () throws -> Void)] = [
    ("init", { _ = try ByteStore() }),
    ("init of a name", { _ = try ByteStore(url: "memory:failing?max_bytes=1MiB") }),
    (
        "mset",
        {
            try store.mset([("c", [1]), ("d", large)])
            _ = try store.mdelete(["c", "d"])
        }
    ),
    ("mget", { _ = try store.mget(["a", "b", "c"]) }),
    ("mget of nothing", { _ = try store.mget(nothing) }),
    ("mgetPacked", { _ = try store.mgetPacked(["a", "b", "c"]) }),
    ("mdelete", { _ = try store.mdelete(nothing) }),
    (
        "keys",
        {
            let keys = try store.keys(prefix: "a")
            while try keys.nextKey() != nil {}
        }
    ),
    ("page", { _ = try store.page(prefix: "a", limit: 10) }),
    ("namespace", { _ = try store.namespace("n/") }),
    (
        "mdelete of a prefix",
        {
            try store.mset([("x/1", [1])])
            _ = try store.mdelete(prefix: "x/")
        }
    ),
    (
        "mgetOrCompute",
        {
            _ = try store.mgetOrCompute(["a", "z"]) { missing in missing.map { _ in [UInt8(2)] } }
            _ = try store.mdelete(["z"])
        }
    ),
]
for (name, operation) in operations {
    try torture(name, operation, fine: fine)
}
check(try fine(), "it is not what it was")
print(
    "bindings: \(faults == 0 ? operations.count : 0) passed, \(faults) failed\ntotals: \(failures) failures")
exit(faults == 0 ? 0 : 1)
