#!/usr/bin/env bash
# Builds and runs the demonstration in C: run.sh MANIFEST OUTDIR.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"

mkdir -p "$ROOT/target/c"
program="$ROOT/target/c/demo"
read -ra flags <<<"$(pkg-config --cflags --libs bytestore libcrypto)"
gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra "$ROOT"/examples/demo/c/*.c -o "$program" "${flags[@]}" >&2
"$program" "$1" "$2"
