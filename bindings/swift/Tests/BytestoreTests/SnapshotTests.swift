// Saving and loading, in files and in memory: what comes back, what is refused, and who goes on meanwhile.

import Bytestore
import Foundation
import XCTest

final class SnapshotTests: XCTestCase {
    private func strings(_ keys: some Sequence<Data>) -> [String] {
        keys.map { String(decoding: $0, as: UTF8.self) }
    }

    private func isFailure(_ expected: ByteStoreError, _ call: () throws -> Void, line: UInt = #line) {
        XCTAssertThrowsError(try call(), line: line) {
            XCTAssertEqual($0 as? ByteStoreError, expected, line: line)
        }
    }

    private func isInvalid(_ reason: String, _ call: () throws -> Void, line: UInt = #line) {
        XCTAssertThrowsError(try call(), line: line) { error in
            guard case .invalidArgument(let detail)? = error as? ByteStoreError else {
                return XCTFail("\(error)", line: line)
            }
            XCTAssertTrue(detail.contains(reason), detail, line: line)
        }
    }

    func testAFileKeepsOrderOptionsAndTime() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("store")
        let large = [UInt8](repeating: 7, count: 100_000)
        let store = try ByteStore(options: .init(maxEntries: 3, timeToLive: .seconds(10), manualClock: true))
        try store.mset([("b", large), ("a", [])])
        try store.mset([("ever", [0xFF])], timeToLive: nil)
        try store.advanceClock(by: .seconds(4))
        try store.save(to: file)
        XCTAssertEqual(try folder.names(), ["store"])
        try store.mdelete(prefix: "")
        try store.mset(["new": "1"])

        try store.load(from: file)
        let opened = try ByteStore(url: "snapshot:\(file.path)")
        XCTAssertEqual(try opened.stats().maxEntries, 3)
        for store in [store, opened] {
            XCTAssertEqual(strings(try store.keys()), ["b", "a", "ever"])
            XCTAssertEqual(try store.mget(["b", "a", "new"], as: [UInt8].self), [large, [], nil])
            try store.advanceClock(by: .milliseconds(5999))
            XCTAssertEqual(try store.count(), 3)
            try store.advanceClock(by: .milliseconds(1))
            XCTAssertEqual(strings(try store.keys()), ["ever"])
            try store.mset(["default": ""])
            try store.advanceClock(by: .seconds(10))
            XCTAssertEqual(strings(try store.keys()), ["ever"])
        }
    }

    func testMemoryHasWhatAFileHas() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try ByteStore()
        try store.mset((0..<1000).map { ("key \($0)", "the same value for all") })
        let path = folder.file("store").path
        var sizes: [Int] = []
        for level in [0, 1, 3, 22] {
            try store.save(toFile: path, compressionLevel: level)
            let snapshot = try store.snapshot(compressionLevel: level)
            XCTAssertEqual(snapshot, try Data(contentsOf: folder.file("store")), "level \(level)")
            sizes.append(snapshot.count)
            let other = try ByteStore()
            try other.load(snapshot: [UInt8](snapshot))
            XCTAssertEqual(Array(try other.keys()), Array(try store.keys()), "level \(level)")
            try other.load(snapshot: ([0] + snapshot).dropFirst())
            try other.load(fromFile: path)
            XCTAssertEqual(try other.mget(["key 999"]), [Data("the same value for all".utf8)])
        }
        XCTAssertEqual(try store.snapshot().count, sizes[0])
        XCTAssertTrue(sizes.dropFirst().allSatisfy { $0 < sizes[0] / 2 }, "\(sizes)")
    }

    func testASnapshotInMemoryIsOnesOwn() throws {
        let store = try ByteStore()
        try store.mset(["a": "1"])
        var snapshot: Data? = try store.snapshot()
        let kept = snapshot
        store.close()
        snapshot?.resetBytes(in: 0..<8)
        let other = try ByteStore()
        isFailure(.badSnapshot) { try other.load(snapshot: XCTUnwrap(snapshot)) }
        snapshot = nil
        try other.load(snapshot: XCTUnwrap(kept))
        XCTAssertEqual(strings(try other.keys()), ["a"])
    }

    func testANamespaceSavesAndReplacesItsOwnKeys() throws {
        let store = try ByteStore()
        let users = try store.namespace("user/")
        try store.mset(["user/1": "Ada", "other": "stays"])
        let snapshot = try users.snapshot()
        try users.mset(["1": "Grace", "2": "Edith"])
        try users.load(snapshot: snapshot)
        XCTAssertEqual(strings(try store.keys()), ["other", "user/1"])
        XCTAssertEqual(try store.mget(["user/1"]), [Data("Ada".utf8)])
        let drafts = try store.namespace("draft/")
        try drafts.load(snapshot: snapshot)
        XCTAssertEqual(strings(try store.keys()), ["other", "user/1", "draft/1"])
    }

    func testPathsOfAnyCharacters() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let names = ["with spaces", "ünïcödé 字 🧵", "100%41?a=b#c", "-", "a\nb"]
        for name in names {
            let store = try ByteStore()
            try store.mset([(name, name)])
            let file = folder.file(name)
            try store.save(to: file)
            try store.load(fromFile: file.path)
            try store.save(toFile: file.path)
            try store.load(from: file)
            XCTAssertEqual(strings(try ByteStore(url: "snapshot:\(file.path)").keys()), [name])
        }
        XCTAssertEqual(Set(try folder.names()), Set(names))
    }

    func testFilesThatCannotBe() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try ByteStore()
        try store.mset(["a": "1"])
        let inNoFolder = folder.url.appendingPathComponent("none/file")
        isFailure(.ioFailure(errno: ENOENT)) { try store.save(to: inNoFolder) }
        isFailure(.ioFailure(errno: ENOENT)) { try store.load(from: inNoFolder) }
        isFailure(.ioFailure(errno: ENOENT)) { _ = try ByteStore(url: "snapshot:\(inNoFolder.path)") }
        isFailure(.ioFailure(errno: EISDIR)) { try store.save(to: folder.url) }
        isFailure(.ioFailure(errno: EISDIR)) { try store.load(from: folder.url) }
        isFailure(.ioFailure(errno: EISDIR)) { _ = try ByteStore(url: "snapshot:\(folder.url.path)") }
        isFailure(.ioFailure(errno: ENOENT)) { try store.save(toFile: "") }
        isFailure(.ioFailure(errno: ENAMETOOLONG)) {
            try store.save(to: folder.file(String(repeating: "n", count: 256)))
        }
        isInvalid("NUL") { try store.save(toFile: folder.file("a").path + "\u{0}b") }
        isInvalid("NUL") { try store.load(fromFile: "\u{0}") }
        let web = try XCTUnwrap(URL(string: "https://example.org/store"))
        isInvalid("\"https://example.org/store\" is not") { try store.save(to: web) }
        isInvalid("\"https://example.org/store\" is not") { try store.load(from: web) }
        for level in [-1, 23, Int.min, Int.max] {
            isInvalid("not \(level)") { try store.save(to: folder.file("a"), compressionLevel: level) }
            isInvalid("not \(level)") { _ = try store.snapshot(compressionLevel: level) }
        }
        XCTAssertEqual(try folder.names(), [])
        XCTAssertEqual(try store.mget(["a"]), [Data("1".utf8)])
    }

    func testAfterAnErrorTheOldFileAndTheOldEntriesStand() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("store")
        let store = try ByteStore()
        try store.mset(["a": "1"])
        try store.save(to: file)
        isInvalid("level") { try store.save(to: file, compressionLevel: 100) }
        try store.mset(["b": "2"])
        var damaged = try Data(contentsOf: file)
        damaged[8] ^= 1  // the version
        isFailure(.unsupported) { try store.load(snapshot: damaged) }
        isFailure(.badSnapshot) { try store.load(snapshot: Data()) }
        isFailure(.badSnapshot) { try store.load(snapshot: "no snapshot") }
        let cut = folder.file("cut")
        try Data(contentsOf: file).dropLast().write(to: cut)
        isFailure(.badSnapshot) { try store.load(from: cut) }
        isFailure(.badSnapshot) { _ = try ByteStore(url: "snapshot:\(cut.path)") }
        let small = try ByteStore(options: .init(maxItemBytes: 1))
        isFailure(.overLimit) { try small.load(from: file) }
        XCTAssertEqual(strings(try store.keys()), ["a", "b"])
        try store.load(from: file)
        XCTAssertEqual(strings(try store.keys()), ["a"])
    }
}
