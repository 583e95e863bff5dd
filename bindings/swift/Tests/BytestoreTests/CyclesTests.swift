// Opening, using and closing, over and over: memory and the count of openings come back to where they were.

import Bytestore
import Foundation
import XCTest

final class CyclesTests: XCTestCase {
    private let value = [UInt8](repeating: 7, count: 64 << 10)

    /// Uses all there is. Its store has options that no other cycle's has: if anything of that name were still open,
    /// opening would be refused.
    private func cycle(_ number: Int) throws {
        let store = try ByteStore(options: .init(name: "cycles", maxEntries: 1000 + number))
        let space = try store.namespace("space/")
        let inner = try space.namespace("inner/")
        try inner.mset((0..<20).map { (String($0), value[0..<($0 * $0 * 100)]) })
        try inner.mset([("t", value)], timeToLive: .seconds(60))
        XCTAssertEqual(try inner.mget(["19", "none"]), [Data(value[0..<36100]), nil])
        let packed = try store.mgetPacked(["space/inner/19", "none"])
        XCTAssertEqual(try store.withValues(of: ["space/inner/t"]) { $0.map { $0?.count } }, [value.count])
        XCTAssertEqual(try inner.keys(prefix: "1").next(), Data("1".utf8))
        XCTAssertEqual(try inner.page(limit: 5).keys.count, 5)
        let computed = try space.mgetOrCompute(["inner/1", "computed"]) { $0.map { _ in value } }
        XCTAssertEqual(computed[1], Data(value))
        XCTAssertThrowsError(try inner.mgetOrCompute(["failed"]) { _ -> [Data] in throw CancellationError() })
        XCTAssertEqual(try inner.mdelete(prefix: "1"), 11)
        space.close()
        store.close()
        inner.close()
        XCTAssertEqual(packed[0], Data(value[0..<36100]))
    }

    func testCyclesLeaveNothing() throws {
        let cycles = ProcessInfo.processInfo.environment["BYTESTORE_CYCLES"].flatMap { Int($0) } ?? 1000
        for number in 0..<300 { try cycle(number) }  // what is made only once does not count
        let before = try residentBytes()
        for number in 300..<(300 + cycles) { try cycle(number) }
        let grown = try residentBytes() - before
        print("cycles: \(cycles), and \(grown >> 10) KiB more resident")
        XCTAssertLessThan(grown, 8 << 20)
    }
}
