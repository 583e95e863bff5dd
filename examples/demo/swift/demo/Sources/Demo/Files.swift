// The files of the demonstration and their hashes. It must not know of any store.

import CCrypto
import Foundation

/// What a manifest lists: paths are bytes, relative to a root.
struct Manifest {
    let root: Data
    let paths: [Data]

    init(file: String) throws {
        let lines = try Data(contentsOf: URL(fileURLWithPath: file)).split(separator: UInt8(ascii: "\n"))
        root = lines.first ?? Data()
        paths = Array(lines.dropFirst())
    }

    func content(of path: Data) throws -> Data {
        let bytes = root + "/".utf8 + path + [0]
        let url = bytes.withUnsafeBytes { name in
            URL(
                fileURLWithFileSystemRepresentation: name.bindMemory(to: CChar.self).baseAddress!,
                isDirectory: false, relativeTo: nil)
        }
        return try Data(contentsOf: url)
    }
}

func sha256(_ bytes: Data) -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    bytes.withUnsafeBytes { _ = SHA256($0.bindMemory(to: UInt8.self).baseAddress, $0.count, &digest) }
    return digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

/// The resident memory of this process.
func residentBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    let kibibytes = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    return (kibibytes ?? 0) * 1024
}
