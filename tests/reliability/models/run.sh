#!/usr/bin/env bash
# Every protocol between threads as models: the gate of the shards, the lock, counted references, the table of handles,
# readers' notes, the registry, computations. loom tries the schedules that matter, most within a bound of preemptions,
# and knows what weak orderings allow; shuttle tries random ones, longer and without a bound.
# The models stand beside the code, as `model.rs`; each is one of exactly this code.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
"$ROOT/.toolchains/rust.sh"
export RUSTFLAGS="--cfg modelled"
export CARGO_PROFILE_TEST_OPT_LEVEL=1 CARGO_PROFILE_TEST_DEBUG=0 CARGO_PROFILE_TEST_DEBUG_ASSERTIONS=false

# program TOOL: the models for loom or shuttle; only the library itself is built for each. Optimising it takes longer than
# it saves, unless there are millions of schedules.
program() {
    cargo rustc --quiet --locked --lib "${without_servers[@]}" --profile test --target-dir target/models \
        --config "profile.test.package.bytestore.opt-level=$(by_form 0 1)" \
        --message-format json-render-diagnostics -- --cfg "$1" | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}

# models TOOL: tries them. They share statics: one after the other.
models() {
    local log="$out/$1.log" path
    path=$(program "$1") && [ -n "$path" ] || return
    count=$("$path" model:: --list --format terse | grep -c ': test$') || return
    BYTESTORE_SCHEDULES=$(((schedules + count - 1) / count)) timeout 3600 \
        "$path" model:: --nocapture --test-threads 1 >"$log" 2>&1 || { tail -n 60 "$log" && return 1; }
}

# tried TOOL: how many schedules there were, with commas.
tried() {
    sed -n 's/.*schedules: \([0-9]*\) of .*/\1/p' "$out/$1.log" | awk '{ sum += $1 } END { print sum + 0 }' |
        sed ':more; s/\B[0-9]\{3\}\>/,&/; t more'
}

schedules=$(by_form 20000 10000000)
check "models of all protocols: all schedules within a bound" models loom
check "models of all protocols: $schedules random schedules" models shuttle
if [ "$failed" = 0 ]; then
    figure "$count models of 7 protocols, $(tried loom) schedules under loom, $(tried shuttle) random ones under shuttle:" \
        "0 deadlocks, 0 races, 0 lost wake-ups"
fi
end_gate
