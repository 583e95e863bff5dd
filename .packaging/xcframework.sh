#!/usr/bin/env bash
# Builds the Swift package for Apple's systems into target/apple/bytestore: with the library in it, as an XCFramework, in
# place of the installed one: xcframework.sh [CARGO-OPTION…]. It needs a Mac with Xcode and rustup.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
cd "$ROOT"
out="$ROOT/target/apple"
package="$out/bytestore"
# As bindings/swift/Package.swift has them.
export MACOSX_DEPLOYMENT_TARGET=13.0 IPHONEOS_DEPLOYMENT_TARGET=16.0

# Each platform's processors: what is for one platform goes into one file.
platforms=(
    "macos aarch64-apple-darwin x86_64-apple-darwin"
    "ios aarch64-apple-ios"
    "ios-simulator aarch64-apple-ios-sim x86_64-apple-ios"
)

for tool in lipo xcodebuild; do
    have "$tool" || missing "$tool" "xcode-select --install, on a Mac"
done
have rustup || missing rustup "the steps of https://rustup.rs"
for platform in "${platforms[@]}"; do
    read -ra targets <<<"${platform#* }"
    rustup target add "${targets[@]}"
done

# In a folder of the module's name: several frameworks' headers come to lie in one folder.
headers="$out/headers/CBytestore"
rm -rf "$out/headers" "$package"
mkdir -p "$headers"
cp include/bytestore.h bindings/swift/Sources/CBytestore/shim.h "$headers"
cat >"$headers/module.modulemap" <<'MAP'
module CBytestore {
    header "shim.h"
    link "bytestore"
    link framework "CoreFoundation"
    link framework "Security"
    export *
}
MAP

arguments=()
for platform in "${platforms[@]}"; do
    read -ra targets <<<"${platform#* }"
    libraries=()
    for target in "${targets[@]}"; do
        cargo rustc --locked --release --lib --crate-type staticlib --target "$target" --target-dir "$out" "$@" \
            -- --cfg bytestore_for_c
        libraries+=("$out/$target/release/libbytestore.a")
    done
    library="$out/${platform%% *}/libbytestore.a"
    mkdir -p "$(dirname "$library")"
    lipo -create "${libraries[@]}" -output "$library"
    arguments+=(-library "$library" -headers "$out/headers")
done

# The package as it is, without tests; the same module is now in it.
mkdir -p "$package/Sources"
cp -r bindings/swift/Sources/Bytestore "$package/Sources"
cp bindings/swift/README.md LICENSE "$package"
sed -e 's/\.systemLibrary(name: "CBytestore", .*)/.binaryTarget(name: "CBytestore", path: "CBytestore.xcframework")/' \
    -e '/CCounting/d; /testTarget/,/swiftSettings: strict),/d' bindings/swift/Package.swift >"$package/Package.swift"
xcodebuild -create-xcframework "${arguments[@]}" -output "$package/CBytestore.xcframework"
