#!/usr/bin/env bash
# Replays all traces: the table to the terminal, each result to benches/results/eviction.jsonl. Must not know any cache.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../.toolchains/env.sh"
cd "$ROOT/benches/eviction"
export CARGO_TARGET_DIR="$ROOT/target/benches-eviction"
cargo build --release --locked
program="$CARGO_TARGET_DIR/release/bytestore-eviction"
results="$ROOT/benches/results/eviction.jsonl"
# The caches' versions first.
crates() { cargo tree --locked --depth 1 --prefix none | sed -nE 's/^([^ ]+) v([^ ]+)$/{"crate": "\1", "version": "\2"}/p'; }
{ crates; for part in ../traces ../traces/held-out synthetic sizes; do "$program" "$part"; done; } >"$results.new"
mv "$results.new" "$results"
