#!/usr/bin/env bash
# Builds and runs the demonstration in Swift: run.sh MANIFEST OUTDIR.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"
# Where Swift runs in a root directory of its own, it must see the corpus too.
SWIFT_BIND="$(head -n 1 "$1")"
export SWIFT_BIND

build=(-c release --package-path "$ROOT/examples/demo/swift/demo" --scratch-path "$ROOT/target/swift/demo")
swift build "${build[@]}" >&2
swift run "${build[@]}" --skip-build Demo "$(realpath "$1")" "$(realpath "$2")"
