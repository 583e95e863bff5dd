#!/usr/bin/env bash
# Builds the benchmark with every peer, and a bytestore that takes no locks, and runs it: run.sh COMMAND [OPTION…].
# Knows no case and no peer.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
cd "$ROOT"
.toolchains/rust.sh
.toolchains/bench.sh
. .toolchains/env.sh # what was installed just now

if [ ! -e target/lib/libbytestore.so.1 ]; then
    make lib
fi
say "building the benchmark"
RUSTFLAGS="--cfg bytestore_ungated" cargo rustc --quiet --release --lib --crate-type cdylib --target-dir target/ungated
(cd benches && cargo build --quiet --locked --release --features native --target-dir ../target/bench)

export BYTESTORE_UNGATED="$ROOT/target/ungated/release/libbytestore.so"
exec target/bench/release/bytestore-bench "$@"
