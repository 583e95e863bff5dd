#!/usr/bin/env bash
# Builds and runs the benchmark of the C++ binding: run.sh [--quick] [--out FILE]. Results are JSON lines, appended to
# FILE or on standard output. Knows no case; the maps' names are those of the program.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/c.sh"
"$ROOT/.toolchains/bench.sh"
. "$ROOT/.toolchains/env.sh" # what was installed just now

. "$ROOT/benches/languages/options.sh"

if [ ! -e "$ROOT/target/lib/libbytestore.so" ]; then
    make -C "$ROOT" lib >&2
fi
program="$ROOT/target/cpp/bench"
mkdir -p "${program%/*}"
"$(dirname "$0")/build.sh" "$program" >&2

bench() { LD_LIBRARY_PATH="$ROOT/target/lib" "$program" "$@" >>"$out"; }

bench "${quick[@]}"
if [ ${#quick[@]} = 0 ]; then
    for store in bytestore "absl::flat_hash_map, sharded" boost::concurrent_flat_map tbb::concurrent_hash_map; do
        bench --resident "$store"
    done
fi
