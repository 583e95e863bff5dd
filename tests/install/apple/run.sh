#!/usr/bin/env bash
# .packaging/xcframework.sh without a Mac: stand-ins note what it calls and leave files behind, its headers are a module that
# the Swift sources can import, and the package has the framework for its library.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
here="$ROOT/tests/install/apple"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export CHECKOUT="$PWD/checkout" CALLS="$PWD/calls"
mkdir -p stand-ins "$CHECKOUT"
for name in cargo rustup lipo xcodebuild; do
    ln -s "$here/stand-in.sh" "stand-ins/$name"
done
(cd "$ROOT" && cp -r --parents .packaging/xcframework.sh .toolchains/env.sh LICENSE include bindings/swift "$CHECKOUT")
package="$CHECKOUT/target/apple/bytestore"
framework="$package/CBytestore.xcframework"

PATH="$PWD/stand-ins:$PATH" "$CHECKOUT/.packaging/xcframework.sh" --features some
diff "$CALLS" "$here/calls.txt"
(cd "$framework" && grep -r . --include libbytestore.a | sort) | diff - "$here/libraries.txt"

for headers in "$framework"/*/Headers; do
    diff -r "$headers" "$framework/macos/Headers"
    diff "$headers/CBytestore/bytestore.h" "$ROOT/include/bytestore.h"
done
mapfile -t sources < <(find "$package/Sources" -name '*.swift')
swiftc -typecheck -module-name Bytestore -enable-experimental-feature StrictConcurrency \
    -I "$framework/macos/Headers" "${sources[@]}"

swift package --package-path "$package" dump-package | python3 -c '
import json, sys
for target in json.load(sys.stdin)["targets"]:
    print(target["name"], target["type"], target.get("path", ""))' | sort | diff - <(printf '%s\n' "Bytestore regular " \
    "CBytestore binary CBytestore.xcframework")
