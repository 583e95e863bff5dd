// The library's status codes as Swift errors. The numbers, names and messages are the header's and
// the library's own, so that they cannot drift.

import CBytestore
import Foundation

/// Why an operation of a ``ByteStore`` failed. After a failure the store is as it was before, unless it is
/// ``remoteFailure(_:)``.
public enum ByteStoreError: Error, Equatable, Sendable {
    /// An argument cannot be used; the text says which and why.
    case invalidArgument(String)
    /// The store was closed.
    case closedHandle
    /// There is not enough memory.
    case outOfMemory
    /// A batch, or one pair of it, is more than the store may hold: see ``ByteStore/Options``.
    case overLimit
    /// A server failed or could not be reached; the text is what it said, or the system. What was to be written may have
    /// been, or some of it.
    case remoteFailure(String)
    /// A defect in the library.
    case internalError
    /// The system refused to read or write a file; the number is its reason, as in `ENOENT`.
    case ioFailure(errno: Int32)
    /// A snapshot is damaged or not whole, or is none.
    case badSnapshot
    /// What a store on a server does not do (see ``ByteStore/Capabilities``), a snapshot of a later version, or compression
    /// or a server, of a library that was built without it.
    case unsupported
    /// A status that this version of the package does not know.
    case unknown(status: Int32)
    /// The library that was loaded speaks another version of the C interface.
    case incompatibleLibrary(found: UInt32, needed: UInt32)

    /// The name of the status, the same in all languages: `"closed_handle"`.
    public var name: String { String(cString: bytestore_status_name(status)) }

    /// `errno`: what it was just after the call.
    init?(status: bytestore_status, detail: String? = nil, errno: Int32 = 0) {
        switch status {
        case BYTESTORE_OK: return nil
        case BYTESTORE_ERR_INVALID_ARGUMENT: self = .invalidArgument(detail ?? Self.message(status))
        case BYTESTORE_ERR_CLOSED_HANDLE: self = .closedHandle
        case BYTESTORE_ERR_OUT_OF_MEMORY: self = .outOfMemory
        case BYTESTORE_ERR_OVER_LIMIT: self = .overLimit
        case BYTESTORE_ERR_REMOTE_FAILURE: self = .remoteFailure(detail ?? Self.message(status))
        case BYTESTORE_ERR_INTERNAL: self = .internalError
        case BYTESTORE_ERR_IO_FAILURE: self = .ioFailure(errno: errno)
        case BYTESTORE_ERR_BAD_SNAPSHOT: self = .badSnapshot
        case BYTESTORE_ERR_UNSUPPORTED: self = .unsupported
        default: self = .unknown(status: status)
        }
    }

    var status: bytestore_status {
        switch self {
        case .invalidArgument: BYTESTORE_ERR_INVALID_ARGUMENT
        case .closedHandle: BYTESTORE_ERR_CLOSED_HANDLE
        case .outOfMemory: BYTESTORE_ERR_OUT_OF_MEMORY
        case .overLimit: BYTESTORE_ERR_OVER_LIMIT
        case .remoteFailure: BYTESTORE_ERR_REMOTE_FAILURE
        case .internalError, .incompatibleLibrary: BYTESTORE_ERR_INTERNAL
        case .ioFailure: BYTESTORE_ERR_IO_FAILURE
        case .badSnapshot: BYTESTORE_ERR_BAD_SNAPSHOT
        case .unsupported: BYTESTORE_ERR_UNSUPPORTED
        case .unknown(let status): status
        }
    }

    private static func message(_ status: bytestore_status) -> String {
        String(cString: bytestore_status_message(status))
    }
}

extension ByteStoreError: CustomStringConvertible {
    /// What went wrong and what to do about it.
    public var description: String {
        switch self {
        case .invalidArgument(let detail), .remoteFailure(let detail):
            "\(name): \(detail)"
        case .ioFailure(let errno):
            "\(name): \(String(cString: strerror(errno)))"
        case .incompatibleLibrary(let found, let needed):
            "incompatible_library: libbytestore has ABI version \(found), this package needs \(needed)"
        default:
            "\(name): \(Self.message(status))"
        }
    }
}

/// Throws what a call of the library reported, unless it succeeded.
func check(_ status: bytestore_status, detail: @autoclosure () -> String? = nil) throws {
    guard status != BYTESTORE_OK else { return }
    let errno = errno  // before anything else sets it
    if let error = ByteStoreError(status: status, detail: detail(), errno: errno) {
        throw error
    }
}
