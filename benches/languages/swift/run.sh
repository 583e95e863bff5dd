#!/usr/bin/env bash
# Builds and runs the benchmark of the Swift binding: run.sh [--quick] [--out FILE]. Results are JSON lines, appended to
# FILE or on standard output. Knows no case; the peers' names are those of the program.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/swift.sh"
. "$ROOT/.toolchains/env.sh" # what was installed just now
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"

. "$ROOT/benches/languages/options.sh"

if [ ! -e "$ROOT/target/lib/libbytestore.so" ]; then
    make -C "$ROOT" lib >&2
fi
build=(-c release --package-path "$ROOT/benches/languages/swift/bench" --scratch-path "$ROOT/target/swift/bench")
swift build "${build[@]}" >&2
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p')

bench() { swift run "${build[@]}" --skip-build Bench "$version" "$@" >>"$out"; }

bench "${quick[@]}"
if [ ${#quick[@]} = 0 ]; then
    for store in bytestore "Dictionary of Data, locked" "Dictionary of [UInt8], locked" NSCache; do
        bench --resident "$store"
    done
fi
