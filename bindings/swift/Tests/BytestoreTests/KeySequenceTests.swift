// Iterating over keys, by `for` and by `for try await`.

import Bytestore
import Foundation
import XCTest

final class KeySequenceTests: XCTestCase {
    /// More keys than the library puts on one page.
    private let many = (0..<5000).map { Data("key\($0)".utf8) }

    private func filled() throws -> ByteStore {
        let store = try ByteStore()
        try store.mset(many.map { ($0, "") })
        return store
    }

    func testOrderAcrossPages() throws {
        let store = try filled()
        XCTAssertEqual(try Array(store.keys()), many)
        XCTAssertEqual(try Array(store.keys(prefix: "")), many)
        XCTAssertEqual(try Array(store.keys(prefix: "key49")), many.filter { $0.starts(with: "key49".utf8) })
        XCTAssertEqual(try Array(store.keys(prefix: "nothing")), [])
    }

    func testAnEmptyKeyIsAKey() throws {
        let store = try ByteStore()
        try store.mset([("a", ""), ("", ""), ("b", "")])
        XCTAssertEqual(try Array(store.keys()), [Data("a".utf8), Data(), Data("b".utf8)])
    }

    func testALoopThatEndsEarlyCanGoOn() throws {
        let keys = try filled().keys()
        for key in keys where key == many[1500] { break }
        XCTAssertEqual(keys.next(), many[1501])
        XCTAssertEqual(Array(keys), Array(many[1502...]))
        XCTAssertNil(keys.next())
        XCTAssertNil(try keys.nextKey())
    }

    func testTheFirstStepDecidesWhatIsSeen() throws {
        let store = try ByteStore()
        try store.mset([("a", ""), ("b", "")])
        let keys = try store.keys()
        try store.mset([("c", "")])
        XCTAssertEqual(keys.next(), Data("a".utf8))
        try store.mset([("d", "")])
        XCTAssertEqual(Array(keys), [Data("b".utf8), Data("c".utf8)])
    }

    func testWritingWhileIterating() throws {
        let store = try filled()
        for key in try store.keys() {
            try store.mdelete([key])
            try store.mset([(key + [0], "")])
        }
        XCTAssertEqual(try Array(store.keys()), many.map { $0 + [0] })
    }

    func testAwaiting() async throws {
        let store = try filled()
        var seen: [Data] = []
        for try await key in try store.keys().async {
            seen.append(key)
        }
        XCTAssertEqual(seen, many)
        let firstOfPrefix = try await store.keys(prefix: "key42").async.first { _ in true }
        XCTAssertEqual(firstOfPrefix, Data("key42".utf8))
    }

    func testAwaitingEndsWhenCancelled() async throws {
        let store = try filled()
        let task = Task {
            var seen = 0
            for try await _ in try store.keys().async {
                seen += 1
                withUnsafeCurrentTask { $0?.cancel() }
            }
            return seen
        }
        do {
            let seen = try await task.value
            XCTFail("went on after it was cancelled, to \(seen)")
        } catch {
            XCTAssertTrue(error is CancellationError, "\(error)")
        }
    }
}
