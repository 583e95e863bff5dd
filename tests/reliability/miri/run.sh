#!/usr/bin/env bash
# How much of the library is unsafe, and, in the deep form, the unit tests and tests/ffi.rs under Miri with both models of
# what pointers may alias, and that these run every line of unsafe code but those of unwatched.toml: half an hour, and a
# nightly Rust. MIRIFLAGS adds flags of Miri's own. Knows no test.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"

here=tests/reliability/miri
# What decides which entries go, the set for prefixes and the form of snapshots have no unsafe code, and would take Miri
# hours.
tests=("${without_servers[@]}" --lib --test ffi -- --test-threads 1
    --skip engine::policy:: --skip engine::bounds:: --skip engine::prefixes:: --skip store::snapshot::)

little_is_unsafe() {
    cargo test --quiet --locked --test abi unsafe -- --nocapture >"$out/unsafe.log" 2>&1 || {
        tail -n 20 "$out/unsafe.log"
        return 1
    }
    figure "$(grep -o 'unsafe: .*' "$out/unsafe.log")"
}

# run MODEL FLAG…: the tests, in the background.
run() {
    # In a folder of its own: nightly and stable would build each other's anew.
    MIRIFLAGS="${MIRIFLAGS:-} ${*:2}" cargo +nightly miri test --locked --no-fail-fast --target-dir "$out" "${tests[@]}" \
        >"$out/$1.log" 2>&1 &
}

# watched MODEL PROCESS: waits for it, and counts each test as a check.
watched() {
    local model=$1 log="$out/$1.log" status=0 good bad
    wait "$2" || status=$?
    good=$(grep -cE '^test .* ok$' "$log" || true)
    bad=$(grep -cE '^test .* FAILED$' "$log" || true)
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then
        bad=1 # Miri ends all at the first undefined behaviour, which has no line of its own
    fi
    if [ "$bad" != 0 ]; then
        grep -aE -A 20 '^(error|test .* FAILED)' "$log" | head -n 60 || true
        echo "FAILED  $model"
    fi
    passed=$((passed + good)) failed=$((failed + bad))
    figure "$model: $good tests without undefined behaviour, $bad with"
}

# Miri does not say what it ran: the same tests do, compiled as for Miri, but with counters.
unsafe_code_is_watched() {
    rm -rf "$out/counts"
    CARGO_PROFILE_DEV_DEBUG=0 RUSTFLAGS="--cfg miri -Aexplicit_builtin_cfgs_in_flags -Cinstrument-coverage" \
        LLVM_PROFILE_FILE="$out/counts/%p-%m.profraw" \
        cargo test --locked --target-dir "$out/counted" --message-format=json "${tests[@]}" >"$out/counted.log" 2>&1 || {
        tail -n 20 "$out/counted.log"
        return 1
    }
    local programs
    mapfile -t programs < <(sed -n 's/.*"executable":"\([^"]*\)".*/-object=\1/p' "$out/counted.log")
    "$(llvm_tool llvm-profdata)" merge -sparse "$out"/counts/*.profraw -o "$out/all.profdata" &&
        "$(llvm_tool llvm-cov)" export -format=lcov "${programs[@]}" -instr-profile="$out/all.profdata" >"$out/lines.info" &&
        python3 "$here/watched.py" "$out/lines.info" "$here/unwatched.toml"
}

check "little is unsafe" little_is_unsafe
if [ "$form" = deep ]; then
    "$ROOT/.toolchains/llvm.sh"
    "$ROOT/.toolchains/miri.sh"
    check "unsafe code is watched" unsafe_code_is_watched
    started=$SECONDS
    run stacked-borrows
    stacked=$!
    run tree-borrows -Zmiri-tree-borrows # one processor each
    watched tree-borrows $!
    watched stacked-borrows "$stacked"
    figure "$((SECONDS - started)) s"
fi
end_gate
