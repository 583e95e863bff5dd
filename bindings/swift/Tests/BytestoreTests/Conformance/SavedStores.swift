// The steps about snapshots, through a file and through memory.

import Bytestore
import Foundation

/// What a case has saved, by its names. Files are there during a step only.
struct SavedStores {
    private var snapshots: [String: Data] = [:]

    mutating func save(_ store: ByteStore, _ step: Fields) throws {
        var fields = step
        let name: String = try fields.take("as")
        try fields.end()
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("saved")
        let inMemory = Result { try store.snapshot() }
        let inFile = Result {
            try store.save(to: file)
            return try Data(contentsOf: file)
        }
        try expectSame(inMemory, inFile)
        snapshots[name] = try inMemory.get()
    }

    func load(_ store: ByteStore, _ step: Fields) throws {
        var fields = step
        var bytes = try snapshot(fields.take("from"))
        if let cut = try fields.takeIfPresent("cut", as: Int.self) {
            bytes.removeLast(min(cut, bytes.count))
        }
        if let flip = try fields.takeIfPresent("flip", as: Int.self) {
            guard bytes.indices.contains(flip) else { throw Failure("nothing to flip at \(flip)") }
            bytes[flip] ^= 1
        }
        try fields.end()
        let fromMemory = Result { try store.load(snapshot: bytes) }
        let fromFile = Result { try withFile(of: bytes) { try store.load(from: $0) } }
        try expectSame(fromMemory.map { true }, fromFile.map { true })
        try fromMemory.get()
    }

    func open(_ name: String) throws -> ByteStore {
        try withFile(of: snapshot(name)) { try ByteStore(url: "snapshot:\($0.path)") }
    }

    private func snapshot(_ name: String) throws -> Data {
        guard let bytes = snapshots[name] else { throw Failure("nothing was saved as \(name)") }
        return bytes
    }

    private func withFile<R>(of bytes: Data, _ body: (URL) throws -> R) throws -> R {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.file("saved")
        try bytes.write(to: file)
        return try body(file)
    }

    /// The same answer or the same error: a step that must fail must do so in both ways.
    private func expectSame<T: Equatable>(_ memory: Result<T, Error>, _ file: Result<T, Error>) throws {
        switch (memory, file) {
        case (.success(let ofMemory), .success(let ofFile)) where ofMemory == ofFile: break
        case (.failure(let ofMemory as ByteStoreError), .failure(let ofFile as ByteStoreError))
        where ofMemory == ofFile: break
        default: throw Failure("in memory: \(memory), in a file: \(file)")
        }
    }
}
