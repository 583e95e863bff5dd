// What a user of an installed copy writes in Swift.

import Bytestore

let store = try ByteStore()
try store.mset(["user/1": "Ada", "user/2": "Grace"])
let values = try store.mget(["user/1", "user/9"])
let words = values.map { value in value.map { String(decoding: $0, as: UTF8.self) } ?? "missing" }

let loaded = try ByteStore()
try loaded.load(snapshot: try store.snapshot(compressionLevel: 3))
print("\(words[0]), \(words[1]), \(try loaded.count()) loaded")
