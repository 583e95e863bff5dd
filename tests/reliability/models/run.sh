#!/usr/bin/env bash
# Every protocol between threads under loom, which tries the schedules that matter and knows what weak orderings allow:
# the gate of the shards, the lock, counted references, the table of handles, readers' notes, the registry.
# The models stand beside the code, as `model.rs`; each is one of exactly this code.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
"$ROOT/.toolchains/rust.sh"
export RUSTFLAGS="--cfg loom"
# Link-time optimisation takes longer than it saves.
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16

# They share statics: one after the other.
models() {
    timeout 900 cargo test --quiet --locked --release --lib --target-dir target/loom model:: -- \
        --nocapture --test-threads 1 >"$out/models.log" 2>&1 && ! grep -q '^running 0 tests' "$out/models.log"
}
show() { models || { tail -n 60 "$out/models.log"; return 1; }; }
check "models of all protocols" show

tried=$(sed -n 's/.*schedules: \([0-9]*\) of .*/\1/p' "$out/models.log" | awk '{ sum += $1 } END { print sum + 0 }')
count=$(grep -c 'schedules: ' "$out/models.log" || true)
# grouped NUMBER: 1,234,567.
grouped() { sed ':more; s/\B[0-9]\{3\}\>/,&/; t more' <<<"$1"; }
if [ "$failed" = 0 ]; then
    figure "$count models of 6 protocols, $(grouped "$tried") schedules under loom: 0 deadlocks, 0 races, 0 lost wake-ups"
fi
end_gate
