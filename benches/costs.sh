#!/usr/bin/env bash
# Measures what a bound, counting and questions about prefixes cost: costs.sh [OPTION…]. Needs no peer in C or C++.
# Knows no case.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
cd "$ROOT"
.toolchains/rust.sh
. .toolchains/env.sh # what was installed just now

make --silent lib # of the same sources as the one that counts nothing
say "building the benchmark, and a bytestore that counts nothing"
(cd benches && cargo build --quiet --locked --release --target-dir ../target/costs)
BYTESTORE_UNCOUNTED="$(benches/uncounted.sh)"
export BYTESTORE_UNCOUNTED
results=benches/results/costs.jsonl
target/costs/release/bytestore-bench costs --out "$results.new" "$@"
mv "$results.new" "$results"
