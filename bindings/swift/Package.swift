// swift-tools-version: 5.9
// The Swift package of bytestore: the C ABI as a module, the binding over it, and its tests.

import PackageDescription

let strict: [SwiftSetting] = [.enableExperimentalFeature("StrictConcurrency")]

let package = Package(
    name: "bytestore",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [.library(name: "Bytestore", targets: ["Bytestore"])],
    targets: [
        .systemLibrary(name: "CBytestore", pkgConfig: "bytestore"),
        .target(name: "Bytestore", dependencies: ["CBytestore"], swiftSettings: strict),
        .target(name: "CCounting", dependencies: ["CBytestore"], path: "Tests/CCounting"),
        .testTarget(
            name: "BytestoreTests", dependencies: ["Bytestore", "CBytestore", "CCounting"],
            swiftSettings: strict),
    ]
)
