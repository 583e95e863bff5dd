// Servers for tests: a real one, and one that never answers.

import Foundation
import XCTest

/// A server in a process of its own, at a socket in a temporary folder.
final class RealServer {
    private let process = Process()
    private let folder: TemporaryFolder
    /// The URL of a store on it.
    let url: String

    /// Where there is none to start, the test is skipped, but not where all tools have to be there.
    init() throws {
        let environment = ProcessInfo.processInfo.environment
        let programs = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/redis-server" }
        let program = programs.first(where: FileManager.default.isExecutableFile(atPath:))
        if program == nil && environment["CI"] != "true" {
            throw XCTSkip("there is no redis-server")
        }
        folder = try TemporaryFolder()
        let socket = folder.file("socket").path
        url = "redis+unix://\(socket)?timeout=60s"
        process.executableURL = URL(fileURLWithPath: try XCTUnwrap(program, "redis-server is missing"))
        process.arguments = ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder.url.path]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try until(FileManager.default.fileExists(atPath: socket) || !process.isRunning)
    }

    func stop() throws {
        // Threads of tasks block other signals, and so does what they start.
        kill(process.processIdentifier, SIGKILL)
        try until(!process.isRunning)
        folder.remove()
    }
}

/// Takes connections and says nothing, until there are so many at once; then it hangs up.
final class SilentServer: Sendable {
    /// Whether it has seen so many.
    let satisfied = Gate()
    let port: UInt16

    init(connections: Int) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, Int32(connections)) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        XCTAssertTrue(listens, String(cString: strerror(errno)))
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [satisfied] in
            let taken = (0..<connections).map { _ in accept(listener, nil, nil) }
            satisfied.open()
            for connection in [listener] + taken {
                close(connection)
            }
        }
    }
}
