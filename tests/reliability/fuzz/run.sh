#!/usr/bin/env bash
# libFuzzer on the C functions: past crashes and the corpus again, then a million new inputs for each target. Knows no
# target. Shallow: the new ones short, and in a program without sanitizer, which is some times as fast; those of them that
# reach something new once again under AddressSanitizer, not optimised. Deep: all of them long, and under AddressSanitizer;
# BYTESTORE_FUZZ_SECONDS ends it sooner, and the next run goes on, as long as the program is the same. What it finds is
# in target/reliability/fuzz/found: shorten it (`TARGET -minimize_crash=1 -exact_artifact_path=… FILE`) and keep it in
# crashes/TARGET.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
here=tests/reliability/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
executions=1000000 # of each
longest=$(by_form 120 600)
have c++ || "$ROOT/.toolchains/apt.sh" g++ # libFuzzer is written in it

# build NAME FLAGS [OPTION…]: the targets' programs.
build() {
    RUSTC_BOOTSTRAP=1 RUSTFLAGS="--cfg fuzzing $2" cargo build --quiet --locked "${@:3}" --target "$host" \
        --manifest-path "$here/Cargo.toml" --target-dir "$out/$1"
}
# build_searching NAME FLAGS: those that look for new inputs.
build_searching() { RUSTC_WRAPPER="$ROOT/$here/counted.sh" build "$1" "$2" --release; }

is_watched() {
    local symbols # kept whole: a grep that ends early would end nm with a broken pipe
    symbols=$(nm "$watched/${targets[0]}") && grep -q ' __asan_init$' <<<"$symbols"
}

in_order() { cargo fmt --check --manifest-path "$here/Cargo.toml"; }

# What AddressSanitizer keeps for later, to know where memory came from, and frames for as long as they may be used by
# mistake, takes as long as all the rest: new inputs run without, and those that are worth keeping once again with it.
quickly=malloc_context_size=0:quarantine_size_mb=4:detect_stack_use_after_return=0
closely=malloc_context_size=8:detect_stack_use_after_return=1

# fuzz PROGRAM HOW OPTION… FOLDER-OR-FILE…: whatever a batch needs, memory stays below 2 GiB. The entropy of inputs, and
# how often each of them passes a place, would take libFuzzer more than half of the time, in which others reach more.
fuzz() {
    UBSAN_OPTIONS=abort_on_error=1 ASAN_OPTIONS="detect_leaks=1:allocator_may_return_null=1:$2" \
        "$1" -entropic=0 -use_counters=0 -timeout=20 -rss_limit_mb=2048 \
        -artifact_prefix="$out/found/$(basename "$1")-" -print_final_stats=1 "${@:3}"
}

# replay TARGET: what failed once, and the corpus.
replay() {
    again "$1" "$here/crashes" "$here/corpus" || return
    inputs=$((inputs + ${#files[@]}))
}

# again TARGET FOLDER…: each of its inputs there once. Leaves them in `files`.
again() {
    local first
    mapfile -t files < <(find -L "${@:2}" -path "*/$1/*" -type f | sort)
    for ((first = 0; first < ${#files[@]}; first += 1000)); do
        fuzz "$watched/$1" "$closely" -runs=0 "${files[@]:first:1000}" >"$out/$1-again.log" 2>&1 || {
            tail -n 40 "$out/$1-again.log"
            return 1
        }
    done
}

# count NAME LOG: a number of the last statistics.
count() { sed -n "s/^stat::$1: *//p" "$2" | tail -n 1; }

# kept TARGET: the file that says how often the deep form has run this very program without a failure.
kept() { sha256sum "$watched/$1" | sed "s|^\(.*\)  .*|$out/executed/$1-\1|"; }

# ended TARGET STATUS BEFORE: the fuzzer's own exit code, and what it counted beside what was counted before.
ended() {
    local log="$out/$1.log" runs
    runs=$(($3 + $(count number_of_executed_units "$log" | grep . || echo 0)))
    figure "$1: $runs executions, $([ "$2" = 0 ] && echo no || echo a) failure"
    if [ "$2" != 0 ]; then
        rm -f "$(kept "$1")"
        grep -aE '^(==.*ERROR|thread .* panicked|SUMMARY)' -A 3 "$log" | head -n 40
        return 1
    fi
    again "$1" "$out/corpus" || return
    [ "$form" = shallow ] || echo "$runs" >"$(kept "$1")"
    [ "$runs" -ge "$executions" ]
}

mapfile -t targets < <(sed -n 's|^path = "targets/\(.*\)\.rs"|\1|p' "$here/Cargo.toml")
check "layout" in_order
if [ "$form" = deep ]; then
    check "lint" cargo clippy --quiet --locked --manifest-path "$here/Cargo.toml" --target-dir "$out/lint" -- -D warnings
fi
# Two folders of programs: those that look for new inputs, and those that run inputs once more under AddressSanitizer.
watched="$out/watched/$host/release" searching=$watched
if [ "$form" = shallow ]; then
    watched="$out/watched/$host/debug" searching="$out/plain/$host/release"
    check "builds without sanitizer" build_searching plain ""
    check "builds" build watched -Zsanitizer=address
else
    check "builds" build_searching watched -Zsanitizer=address
fi
check "AddressSanitizer is in the programs" is_watched
rm -rf "$out/found"
mkdir -p "$out/found" "$out/executed"
inputs=0
for target in "${targets[@]}"; do
    check "$target: corpus and past crashes" replay "$target"
done
figure "replayed: $inputs inputs of corpora and past crashes"

# In folders of their own: the corpus in the tree stays as it is.
pids=() before=()
for target in "${targets[@]}"; do
    mkdir -p "$out/corpus/$target"
    past=0 options=("-max_len=$longest")
    if [ "$form" = deep ]; then
        past=$(cat "$(kept "$target")" 2>/dev/null || echo 0)
        options+=("-max_total_time=${BYTESTORE_FUZZ_SECONDS:-0}")
    fi
    options+=("-runs=$((past < executions ? executions - past : 1))")
    if [ -f "$here/$target.dict" ]; then
        options+=("-dict=$here/$target.dict")
    fi
    fuzz "$searching/$target" "$quickly" "${options[@]}" "$out/corpus/$target" "$here/corpus/$target" >"$out/$target.log" 2>&1 &
    pids+=($!) before+=("$past")
done
for number in "${!targets[@]}"; do
    status=0
    wait "${pids[number]}" || status=$?
    check "${targets[number]}: new inputs" ended "${targets[number]}" "$status" "${before[number]}"
done
if [ "$failed" = 0 ]; then
    rm -rf "$out/executed" # the next run is a new one
fi
end_gate
