// Counting and deleting by prefix, and keys a page at a time.

import Bytestore
import Foundation
import XCTest

final class PrefixTests: XCTestCase {
    private func filled() throws -> ByteStore {
        let store = try ByteStore()
        try store.mset((0..<10).flatMap { [("a/\($0)", "v"), ("b/\($0)", "v")] })
        return store
    }

    private func strings(_ keys: some Sequence<Data>) -> [String] {
        keys.map { String(decoding: $0, as: UTF8.self) }
    }

    func testCountingAndDeleting() throws {
        let store = try filled()
        XCTAssertEqual(try store.count(prefix: "a/"), 10)
        XCTAssertEqual(try store.count(prefix: ""), 20)
        XCTAssertEqual(try store.mdelete(prefix: Data("a/".utf8)), 10)
        XCTAssertEqual(try store.mdelete(prefix: Array("a/".utf8)), 0)
        try store.mdelete(prefix: "b/1")
        XCTAssertEqual(try store.count(prefix: "b/"[...]), 9)
        XCTAssertEqual(try store.stats().deletes, 11)
        XCTAssertEqual(try store.mdelete(prefix: ""), 9)
        XCTAssertEqual(try store.count(), 0)
    }

    func testPrefixesAreBytes() throws {
        let store = try ByteStore()
        try store.mset([("\u{E9}", ""), ("e\u{301}", "")])
        XCTAssertEqual(try store.count(prefix: "e"), 1)
        XCTAssertEqual(try store.mdelete(prefix: [0xC3]), 1)
        XCTAssertEqual(try Array(store.keys()), [Data("e\u{301}".utf8)])
    }

    func testPages() throws {
        let store = try filled()
        var page = try store.page(prefix: "b/", limit: 4)
        XCTAssertEqual(strings(page.keys), ["b/0", "b/1", "b/2", "b/3"])
        try store.mdelete(["b/3", "b/4"])
        page = try store.page(prefix: "b/", from: page.next, limit: 4)
        XCTAssertEqual(strings(page.keys), ["b/5", "b/6", "b/7", "b/8"])
        page = try store.page(prefix: "b/", from: page.next, limit: 4)
        XCTAssertEqual(strings(page.keys), ["b/9"])
        page = try store.page(prefix: "b/", from: page.next, limit: 4)
        XCTAssertEqual(page.keys, [])
        try store.mset([("b/new", "")])
        XCTAssertEqual(strings(try store.page(prefix: "b/", from: page.next, limit: 4).keys), ["b/new"])
    }

    func testAPositionGoesAsANumberOrAsText() throws {
        struct Answer: Codable { var after: KeyPosition }
        let store = try filled()
        let next = try store.page(prefix: "a/", limit: 3).next
        let json = try JSONEncoder().encode(Answer(after: next))
        XCTAssertEqual(String(decoding: json, as: UTF8.self), "{\"after\":\(next.rawValue)}")
        let fromJSON = try JSONDecoder().decode(Answer.self, from: json).after
        let fromText = try XCTUnwrap(KeyPosition("\(next)"))
        for position in [fromJSON, fromText, KeyPosition(rawValue: next.rawValue)] {
            XCTAssertEqual(position, next)
            XCTAssertEqual(
                strings(try store.page(prefix: "a/", from: position, limit: 2).keys), ["a/3", "a/4"])
        }
        for text in ["", "-1", "x", "18446744073709551616"] {
            XCTAssertNil(KeyPosition(text), text)
        }
    }

    func testAPageHasAsManyKeysAsAskedFor() throws {
        let store = try ByteStore()
        // The library's own pages end after 1024 keys, or 1 MiB of them.
        let keys = (0..<3000).map { Data("key\($0)/".utf8) + Data(repeating: 1, count: 1000) }
        try store.mset(keys.map { ($0, "") })
        let page = try store.page(limit: 2500)
        XCTAssertEqual(page.keys, Array(keys[..<2500]))
        let rest = try store.page(from: page.next, limit: 2500)
        XCTAssertEqual(rest.keys, Array(keys[2500...]))
        XCTAssertEqual(try store.page(limit: .max).keys, keys)
    }

    func testPagesOfNothing() throws {
        let store = try filled()
        let next = try store.page(limit: 5).next
        let none = try store.page(from: next, limit: 0)
        XCTAssertEqual(none.keys, [])
        XCTAssertEqual(none.next, next)
        XCTAssertThrowsError(try store.page(limit: -1)) { error in
            XCTAssertEqual((error as? ByteStoreError)?.name, "invalid_argument")
        }
        XCTAssertEqual(try ByteStore().page(limit: 5).keys, [])
    }
}
