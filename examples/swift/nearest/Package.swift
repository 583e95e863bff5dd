// swift-tools-version: 5.9
// An example: a package of its own that depends on the binding as others would.

import PackageDescription

let package = Package(
    name: "nearest",
    dependencies: [.package(path: "../../../bindings/swift")],
    targets: [
        .executableTarget(name: "Nearest", dependencies: [.product(name: "Bytestore", package: "swift")])
    ]
)
