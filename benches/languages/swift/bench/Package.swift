// swift-tools-version: 5.9
// The benchmark of the Swift binding: a program of its own, so that the binding needs nothing of it.

import PackageDescription

let package = Package(
    name: "bench",
    dependencies: [.package(path: "../../../../bindings/swift")],
    targets: [
        .executableTarget(
            name: "Bench", dependencies: [.product(name: "Bytestore", package: "swift")],
            swiftSettings: [.enableExperimentalFeature("StrictConcurrency")])
    ]
)
