#!/usr/bin/env bash
# Builds and runs the demonstration in C++: run.sh MANIFEST OUTDIR.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"

mkdir -p "$ROOT/target/cpp"
program="$ROOT/target/cpp/demo"
read -ra flags <<<"$(pkg-config --cflags --libs bytestore libcrypto)"
g++ -std=c++17 -O2 -Wall -Wextra -I "$ROOT/bindings/cpp/include" "$ROOT"/examples/demo/cpp/*.cpp -o "$program" "${flags[@]}" >&2
"$program" "$1" "$2"
