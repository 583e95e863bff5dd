#!/usr/bin/env bash
# libFuzzer on the C functions under AddressSanitizer: past crashes and the corpus again, then new inputs. Knows no target.
# Deep: more than a million executions of each. What it finds is in target/reliability/fuzz/found: shorten it
# (`TARGET -minimize_crash=1 -exact_artifact_path=… FILE`) and keep it in crashes/TARGET.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
here=tests/reliability/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
programs="$out/$host/release"
seconds=10         # of each target, all at once
executions=1000000 # of each, in the deep form
have c++ || "$ROOT/.toolchains/apt.sh" g++ # libFuzzer is written in it

# What cargo-fuzz passes to rustc. Any rustc can do it, the stable ones after being told that this is meant.
instrument=(-Zsanitizer=address --cfg fuzzing -Cpasses=sancov-module)
for option in level=4 inline-8bit-counters pc-table; do
    instrument+=("-Cllvm-args=-sanitizer-coverage-$option")
done
build() {
    RUSTC_BOOTSTRAP=1 RUSTFLAGS="${instrument[*]}" cargo build --quiet --locked --release --target "$host" \
        --manifest-path "$here/Cargo.toml" --target-dir "$out"
}

in_order() { cargo fmt --check --manifest-path "$here/Cargo.toml"; }

# fuzz TARGET OPTION… FOLDER…: its log is LOG. Whatever a batch needs, memory stays below 2 GiB.
fuzz() {
    local target=$1
    shift
    UBSAN_OPTIONS=abort_on_error=1 ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:malloc_context_size=8 \
        "$programs/$target" -max_len=600 -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$out/found/$target-" \
        -print_final_stats=1 "$@"
}

# replay TARGET: what failed once, and the corpus.
replay() {
    local files
    mapfile -t files < <(find "$here/crashes" "$here/corpus" -path "*/$1/*" -type f | sort)
    fuzz "$1" -runs=0 "${files[@]}" >"$out/$1-replay.log" 2>&1 || {
        tail -n 40 "$out/$1-replay.log"
        return 1
    }
    inputs=$((inputs + ${#files[@]}))
}

# count NAME LOG: a number of the last statistics.
count() { sed -n "s/^stat::$1: *//p" "$2" | tail -n 1; }

# ended TARGET STATUS: the fuzzer's own exit code, and what it counted.
ended() {
    local log="$out/$1.log" runs took
    runs=$(count number_of_executed_units "$log")
    took=$(sed -n 's/^Done .* in \([0-9]*\) second.*/\1/p' "$log")
    figure "$1: ${runs:-0} executions in ${took:-?} s, $([ "$2" = 0 ] && echo no || echo a) failure"
    if [ "$2" != 0 ]; then
        grep -aE '^(==.*ERROR|thread .* panicked|SUMMARY)' -A 3 "$log" | head -n 40
        return 1
    fi
    [ "${runs:-0}" -ge "$(by_form 100 "$executions")" ]
}

mapfile -t targets < <(sed -n 's|^path = "targets/\(.*\)\.rs"|\1|p' "$here/Cargo.toml")
check "layout" in_order
if [ "$form" = deep ]; then
    check "lint" cargo clippy --quiet --locked --manifest-path "$here/Cargo.toml" --target-dir "$out/lint" -- -D warnings
fi
check "builds" build
rm -rf "$out/found"
mkdir -p "$out/found"
inputs=0
for target in "${targets[@]}"; do
    check "$target: corpus and past crashes" replay "$target"
done
figure "replayed: $inputs inputs of corpora and past crashes"

# In folders of their own: the corpus in the tree stays as it is.
pids=()
for target in "${targets[@]}"; do
    mkdir -p "$out/corpus/$target"
    limit=$(by_form "-max_total_time=$seconds" "-runs=$executions")
    options=()
    if [ -f "$here/$target.dict" ]; then
        options=("-dict=$here/$target.dict")
    fi
    fuzz "$target" "$limit" "${options[@]}" "$out/corpus/$target" "$here/corpus/$target" >"$out/$target.log" 2>&1 &
    pids+=($!)
done
for number in "${!targets[@]}"; do
    status=0
    wait "${pids[number]}" || status=$?
    check "${targets[number]}: new inputs" ended "${targets[number]}" "$status"
done
end_gate
