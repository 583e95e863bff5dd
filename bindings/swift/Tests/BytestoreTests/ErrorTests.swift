// Errors: the header's statuses, what they say, and what the binding finds out by itself.

import CBytestore
import Foundation
import XCTest

@testable import Bytestore

final class ErrorTests: XCTestCase {
    func testEveryStatusOfTheLibraryHasItsCase() {
        for status in Int32(0)...100 {
            let name = String(cString: bytestore_status_name(status))
            let error = ByteStoreError(status: status)
            if status == BYTESTORE_OK {
                XCTAssertNil(error)
                continue
            }
            XCTAssertEqual(error?.name, name)
            XCTAssertEqual(error?.status, status)
            XCTAssertEqual(error == .unknown(status: status), name == "unknown", "status \(status), \(name)")
        }
    }

    func testNamesAreTheOnesOfAllLanguages() {
        let names: [(ByteStoreError, String)] = [
            (.invalidArgument(""), "invalid_argument"),
            (.closedHandle, "closed_handle"),
            (.outOfMemory, "out_of_memory"),
            (.overLimit, "over_limit"),
            (.remoteFailure(""), "remote_failure"),
            (.internalError, "internal_error"),
            (.badSnapshot, "bad_snapshot"),
            (.unsupported, "unsupported"),
            (.unknown(status: 99), "unknown"),
        ]
        for (error, name) in names {
            XCTAssertEqual(error.name, name)
            let message = String(cString: bytestore_status_message(error.status))
            XCTAssertTrue("\(error)".hasPrefix("\(name): "), "\(error)")
            if error != .invalidArgument("") && error != .remoteFailure("") {
                XCTAssertEqual("\(error)", "\(name): \(message)")
            }
        }
    }

    func testFailuresOfFilesSayTheSystemsReason() {
        let error = ByteStoreError.ioFailure(errno: ENOSPC)
        XCTAssertEqual(error.name, "io_failure")
        XCTAssertEqual("\(error)", "io_failure: No space left on device")
        XCTAssertNotEqual(error, .ioFailure(errno: EACCES))
        errno = EACCES
        XCTAssertThrowsError(try check(BYTESTORE_ERR_IO_FAILURE)) {
            XCTAssertEqual($0 as? ByteStoreError, .ioFailure(errno: EACCES))
        }
    }

    func testWrongURLsAreQuoted() {
        let wrong = [
            ("nosuch:", "\"nosuch"), ("memory:?nope=1", "\"nope=1\""),
            ("memory:?ttl=1s&ttl=2s", "\"ttl=2s\""),
            ("memory:?max_bytes=0", "\"max_bytes=0\" in"), ("memory:?max_bytes", "\"max_bytes\" in"),
            ("", ""), ("memory:\u{0}", "NUL"),
        ]
        for (url, part) in wrong {
            XCTAssertThrowsError(try ByteStore(url: url), url) { error in
                guard case .invalidArgument(let detail)? = error as? ByteStoreError else {
                    return XCTFail("\(url): \(error)")
                }
                XCTAssertTrue(part.isEmpty || detail.contains(part), "\(url): \(detail)")
                XCTAssertFalse(detail.isEmpty)
            }
        }
    }

    func testWrongURLsOfServersAreNotQuotedWhole() {
        let wrong = [
            ("redis://me:secret@host?ttl=1", "\"ttl=1\" in the URL of a server is an unknown option,"),
            ("redis://me:secret@host?nope", "\"nope\" in the URL of a server is unknown"),
            ("redi://me:secret@host", "in the URL of a server is unknown"),
        ]
        for (url, text) in wrong {
            XCTAssertThrowsError(try ByteStore(url: url), url) { error in
                XCTAssertTrue("\(error)".contains(text), "\(error)")
                XCTAssertFalse("\(error)".contains("secret"), "\(error)")
            }
        }
    }

    func testURLsThatOpen() throws {
        let all = "memory:?max_bytes=512MiB&max_entries=1000&max_item_bytes=1MiB&ttl=1h&clock=manual"
        for url in ["memory:", "memory:?", all] {
            XCTAssertEqual(try ByteStore(url: url).count(), 0)
        }
    }

    func testItemsThatAreTooLong() throws {
        XCTAssertEqual(try PackedItems.length(PackedItems.longest, of: 0), .max)
        XCTAssertThrowsError(try PackedItems.length(PackedItems.longest + 1, of: 7)) { error in
            guard case .invalidArgument(let detail)? = error as? ByteStoreError else {
                return XCTFail("\(error)")
            }
            XCTAssertTrue(detail.contains("item 7"), detail)
        }
    }

    func testAnotherABIVersionIsRefused() {
        let needed = UInt32(BYTESTORE_ABI_VERSION)
        XCTAssertNoThrow(try checkABI(found: needed))
        XCTAssertThrowsError(try checkABI(found: needed + 1)) { error in
            XCTAssertEqual(
                error as? ByteStoreError, .incompatibleLibrary(found: needed + 1, needed: needed))
            XCTAssertTrue("\(error)".contains("\(needed + 1)"), "\(error)")
        }
    }
}
