// swift-tools-version: 5.9
// The demonstration in Swift: a program of its own that depends on the binding as others would.

import PackageDescription

let package = Package(
    name: "demo",
    dependencies: [.package(path: "../../../../bindings/swift")],
    targets: [
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
        .executableTarget(
            name: "Demo", dependencies: [.product(name: "Bytestore", package: "swift"), "CCrypto"]),
    ]
)
