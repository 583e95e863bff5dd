// All conformance cases, the same ones that every language runs.

import Foundation
import XCTest

final class ConformanceTests: XCTestCase {
    func testAllCases() throws {
        var passed = 0
        var failed = 0
        for file in try Self.files() {
            for form in try Self.read(file) {
                var name = "a case without a name"
                do {
                    var fields = try Fields(form)
                    name = try fields.take("name")
                    let steps: [Any] = try fields.take("steps")
                    try fields.end()
                    try Runner.run(steps: steps)
                    passed += 1
                } catch {
                    failed += 1
                    XCTFail("\(file.lastPathComponent): \(name): \(error)")
                }
            }
        }
        print("conformance: \(passed) passed, \(failed) failed")
        XCTAssertGreaterThan(passed + failed, 0, "no cases in \(Place.cases.path)")
    }

    /// A harness that overlooks what it does not know would pass cases it did not run.
    func testUnknownThingsFail() throws {
        let right: [[String: Any]] = [
            ["do": "len", "expect": 0],
            ["do": "counters", "expect": ["hits": 0, "max_bytes": 0]],
            ["do": "advance", "ms": 1, "error": "invalid_argument"],
            ["do": "mset", "pairs": [["a", "1"]], "ttl": NSNull()],
            ["do": "mset", "pairs": [["a", "1"]], "ttl": 0, "error": "invalid_argument"],
            ["do": "count", "prefix": "", "expect": 0],
            ["do": "delete_prefix", "prefix": "a", "removed": 0],
            ["do": "page", "page": "p", "take": 1, "expect": [String]()],
            ["do": "namespace", "prefix": "a", "as": "n"],
            ["do": "open", "store": "s", "url": "memory:a-name"],
            ["do": "compute", "keys": ["a"], "missing": ["a"], "values": ["1"], "expect": ["1"]],
            ["do": "compute", "keys": ["a"], "missing": ["a"], "fails": true],
            [
                "do": "compute", "keys": ["a"], "missing": ["a"], "values": ["1", "2"],
                "error": "invalid_argument",
            ],
            ["do": "load", "from": "saved"],
            ["do": "load", "from": "saved", "cut": 1, "error": "bad_snapshot"],
            ["do": "load", "from": "saved", "cut": 1_000_000, "error": "bad_snapshot"],
            ["do": "load", "from": "saved", "flip": 0, "error": "bad_snapshot"],
            ["do": "open", "store": "s", "snapshot": "saved"],
        ]
        let saved = ["do": "save", "as": "saved"]
        for step in right {
            XCTAssertNoThrow(try Runner.run(steps: [saved, step]), "\(step) failed")
        }
        let wrong: [[String: Any]] = [
            ["do": "nothing"],
            ["do": "len", "expect": 0, "extra": 1],
            ["do": "len"],
            ["do": "len", "expect": 1],
            ["do": "len", "expect": "0"],
            ["do": "len", "expect": 0, "error": "closed_handle"],
            ["do": "len", "expect": 0, "store": "none"],
            ["do": "open", "url": "nosuch:", "error": "closed_handle"],
            ["do": "mget", "keys": ["a"], "expect": [""]],
            ["do": "mget", "keys": ["a"], "expect": [NSNull(), NSNull()]],
            ["do": "mget", "keys": ["%0"], "expect": [NSNull()]],
            ["do": "mget", "keys": [["repeat": "a", "times": 1, "extra": 1]], "expect": [NSNull()]],
            ["do": "mset", "pairs": [["a"]]],
            ["do": "mset", "pairs": [["a", "1"]], "ttl": "1"],
            ["do": "mset", "pairs": [["a", "1"]], "ttl": 0, "error": "over_limit"],
            ["do": "mset", "pairs": [["a", "1"]], "error": "over_limit"],
            ["do": "advance", "ms": 1, "error": "closed_handle"],
            ["do": "advance", "ms": "1", "error": "invalid_argument"],
            ["do": "advance", "error": "invalid_argument"],
            ["do": "counters"],
            ["do": "counters", "expect": ["hits": 1]],
            ["do": "counters", "expect": ["hits": "0"]],
            ["do": "counters", "expect": ["nothing": 0]],
            ["do": "counters", "expect": [0]],
            ["do": "counters", "error": "closed_handle"],
            ["do": "counters", "expect": ["hits": 0], "error": "closed_handle"],
            ["do": "count", "expect": 0],
            ["do": "count", "prefix": "a", "expect": 1],
            ["do": "delete_prefix", "prefix": "a", "removed": 1],
            ["do": "delete_prefix", "prefix": "a"],
            ["do": "page", "page": "p", "take": 1, "expect": ["a"]],
            ["do": "page", "page": "p", "expect": [String]()],
            ["do": "namespace", "prefix": "a"],
            ["do": "namespace", "prefix": "a", "as": ""],
            ["do": "compute", "keys": ["a"], "missing": [String](), "expect": ["1"]],
            ["do": "compute", "keys": ["a"], "missing": ["a"], "values": ["1"], "expect": ["2"]],
            ["do": "compute", "keys": ["a", "b"], "missing": ["a"], "values": ["1"], "expect": ["1"]],
            ["do": "compute", "keys": ["a"], "missing": ["a"], "expect": ["1"]],
            ["do": "compute", "keys": ["a"], "missing": ["a"], "fails": true, "error": "closed_handle"],
            ["do": "compute", "keys": [String](), "missing": [String](), "fails": true],
            ["do": "save"],
            ["do": "save", "as": "s", "error": "closed_handle"],
            ["do": "save", "as": "s", "extra": 1],
            ["do": "load"],
            ["do": "load", "from": "none"],
            ["do": "load", "from": "saved", "error": "bad_snapshot"],
            ["do": "load", "from": "saved", "cut": 1],
            ["do": "load", "from": "saved", "cut": "1", "error": "bad_snapshot"],
            ["do": "load", "from": "saved", "cut": 1, "error": "unsupported"],
            ["do": "load", "from": "saved", "flip": 1_000_000, "error": "bad_snapshot"],
            ["do": "load", "from": "saved", "extra": 1],
            ["do": "open", "store": "s", "snapshot": "none"],
            ["do": "open", "store": "s", "snapshot": "saved", "url": "memory:"],
            ["do": "scan_rest", "scan": "none", "expect": [String]()],
            ["do": "race", "keys": ["a"], "writers": 1, "rounds": 1, "with": "nothing"],
        ]
        for step in wrong {
            XCTAssertThrowsError(try Runner.run(steps: [saved, step]), "\(step) passed") { error in
                XCTAssertTrue(error is Failure, "\(step): \(error)")
            }
        }
    }

    private static func files() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: Place.cases, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    private static func read(_ file: URL) throws -> [Any] {
        var fields = try Fields(JSONSerialization.jsonObject(with: Data(contentsOf: file)))
        let cases: [Any] = try fields.take("cases")
        try fields.end()
        return cases
    }
}
