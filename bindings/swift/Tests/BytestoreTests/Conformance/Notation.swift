// How conformance cases write bytes, lists and pairs. It must not know what is done with them.

import Foundation

typealias Bytes = [UInt8]

/// Why a case fails; the text stands in the report.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The fields of one JSON object. Each is taken once; one that nobody takes is a failure.
struct Fields {
    private var values: [String: Any]

    init(_ object: Any) throws {
        guard let values = object as? [String: Any] else { throw Failure("not an object: \(object)") }
        self.values = values
    }

    mutating func takeAny(_ name: String) -> Any? { values.removeValue(forKey: name) }

    mutating func take<T>(_ name: String, as type: T.Type = T.self) throws -> T {
        guard let value = try takeIfPresent(name, as: type) else { throw Failure("no field \(name)") }
        return value
    }

    mutating func takeIfPresent<T>(_ name: String, as type: T.Type = T.self) throws -> T? {
        guard let value = takeAny(name) else { return nil }
        guard let typed = value as? T else { throw Failure("\(name): \(value) is no \(T.self)") }
        return typed
    }

    func end() throws {
        guard values.isEmpty else { throw Failure("unknown fields: \(values.keys.sorted())") }
    }
}

/// One item: percent-encoded text or a repetition.
func bytes(_ form: Any) throws -> Bytes {
    if let text = form as? String {
        return try percentDecoded(text)
    }
    var fields = try Fields(form)
    let unit = try bytes(fields.take("repeat", as: Any.self))
    let times: Int = try fields.take("times")
    try fields.end()
    if unit.count == 1 {
        return Bytes(repeating: unit[0], count: times)
    }
    var result = Bytes()
    result.reserveCapacity(unit.count * times)
    for _ in 0..<times {
        result += unit
    }
    return result
}

/// A list of items, null among them where `bytesOrMissing` reads it.
func list<Item>(_ form: Any, item: (Any) throws -> Item = bytes) throws -> [Item] {
    if let items = form as? [Any] {
        return try items.map(item)
    }
    var fields = try Fields(form)
    let count: Int = try fields.take("count")
    let pattern: String = try fields.take("pattern")
    let start = try fields.takeIfPresent("start", as: Int.self) ?? 0
    let step = try fields.takeIfPresent("step", as: Int.self) ?? 1
    try fields.end()
    return try (0..<count).map { index in
        let digits = String(start + index * step)
        let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        return try item(pattern.replacingOccurrences(of: "{i}", with: padded))
    }
}

func bytesOrMissing(_ form: Any) throws -> Bytes? {
    form is NSNull ? nil : try bytes(form)
}

func pairs(_ form: Any) throws -> [(Bytes, Bytes)] {
    if let items = form as? [Any] {
        return try items.map { item in
            guard let pair = item as? [Any], pair.count == 2 else { throw Failure("no pair: \(item)") }
            return (try bytes(pair[0]), try bytes(pair[1]))
        }
    }
    var fields = try Fields(form)
    let keys = try list(fields.take("keys", as: Any.self))
    let values: [Bytes]
    if let value = fields.takeAny("value") {
        values = Array(repeating: try bytes(value), count: keys.count)
    } else {
        values = try list(fields.take("values", as: Any.self))
    }
    try fields.end()
    guard keys.count == values.count else { throw Failure("\(keys.count) keys, \(values.count) values") }
    return Array(zip(keys, values))
}

private func percentDecoded(_ text: String) throws -> Bytes {
    var result = Bytes()
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        if byte != UInt8(ascii: "%") {
            result.append(byte)
            continue
        }
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
            throw Failure("no percent-encoding: \(text)")
        }
        result.append(value)
        rest = rest.dropFirst(2)
    }
    return result
}
