// swift-tools-version: 5.9
// A package as a user of an installed copy writes it. The binding lies beside it.

import PackageDescription

let package = Package(
    name: "program",
    dependencies: [.package(path: "../bytestore-swift")],
    targets: [
        .executableTarget(
            name: "Program", dependencies: [.product(name: "Bytestore", package: "bytestore-swift")])
    ]
)
