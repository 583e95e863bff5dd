// Stores the files of a manifest, reads them back and writes their hashes: Demo MANIFEST OUTDIR.

import Bytestore
import Foundation

let batchSize = 64

/// Prints at once, so that a driver can follow.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

func guide() throws {
    func text(_ value: Data?) -> String { value.map { String(decoding: $0, as: UTF8.self) } ?? "missing" }
    let store = try ByteStore()
    try store.mset(["key1": "value1", "key2": "value2"])
    let both = try store.mget(["key1", "key2"])
    try store.mdelete(["key1"])
    let after = try store.mget(["key1"])
    say("guide: key1 = \(text(both[0])), key2 = \(text(both[1])); after mdelete(key1): \(text(after[0]))")
}

/// Seconds that `body` took are added to `total`.
func timed<T>(_ total: inout Double, _ body: () throws -> T) rethrows -> T {
    let start = DispatchTime.now().uptimeNanoseconds
    defer { total += Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }
    return try body()
}

func batches(of paths: [Data]) -> [ArraySlice<Data>] {
    stride(from: 0, to: paths.count, by: batchSize).map { paths[$0..<min($0 + batchSize, paths.count)] }
}

func storeAndReadBack(manifest: Manifest, hashes: URL) throws {
    let batches = batches(of: manifest.paths)
    let total = 2 * batches.count
    var done = 0
    func progress() {
        done += 1
        // About fifty lines, whatever the number of batches.
        if done * 50 / total != (done - 1) * 50 / total || done == total { say("progress \(done) \(total)") }
    }

    let before = try residentBytes()
    let store = try ByteStore()
    var bytes = 0
    var msetSeconds = 0.0
    for batch in batches {
        let pairs = try batch.map { ($0, try manifest.content(of: $0)) }
        bytes += pairs.reduce(0) { $0 + $1.1.count }
        try timed(&msetSeconds) { try store.mset(pairs) }
        progress()
    }
    let growth = max(0, try residentBytes() - before)

    var lines = Data()
    var mgetSeconds = 0.0
    for batch in batches {
        let values = try timed(&mgetSeconds) { try store.mget(batch) }
        for (path, value) in zip(batch, values) {
            guard let value else { throw CocoaError(.fileNoSuchFile) }
            lines += "\(sha256(value))  ".utf8 + path + "\n".utf8
        }
        progress()
    }
    try lines.write(to: hashes)

    let prefix = try store.keys(prefix: "json/").reduce(0) { count, _ in count + 1 }
    say("prefix: \(prefix) keys begin with json/")
    say(
        """
        result {"language": "swift", "entries": \(try store.count()), "bytes": \(bytes), \
        "mset_seconds": \(msetSeconds), "mget_seconds": \(mgetSeconds), "prefix": \(prefix), \
        "rss_bytes": \(growth)}
        """)
}

guard CommandLine.arguments.count == 3 else {
    fatalError("usage: Demo MANIFEST OUTDIR")
}
try guide()
try storeAndReadBack(
    manifest: Manifest(file: CommandLine.arguments[1]),
    hashes: URL(fileURLWithPath: CommandLine.arguments[2]).appendingPathComponent("sha256"))
