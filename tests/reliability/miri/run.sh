#!/usr/bin/env bash
# How much of the library is unsafe, and, in the deep form, the unit tests and tests/ffi.rs under Miri with both models of
# what pointers may alias: half an hour, and a nightly Rust. MIRIFLAGS adds flags of Miri's own. Knows no test.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"

little_is_unsafe() {
    cargo test --quiet --locked --test abi unsafe -- --nocapture >"$out/unsafe.log" 2>&1 || {
        tail -n 20 "$out/unsafe.log"
        return 1
    }
    figure "$(grep -o 'unsafe: .*' "$out/unsafe.log")"
}

# watched MODEL FLAG…: counts each test as a check.
watched() {
    local model=$1 log="$out/$1.log" status=0 good bad
    shift
    # In a folder of its own: nightly and stable would build each other's anew.
    MIRIFLAGS="${MIRIFLAGS:-} $*" cargo +nightly miri test --locked --no-fail-fast --target-dir "$out" --lib --test ffi \
        >"$log" 2>&1 || status=$?
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

check "little is unsafe" little_is_unsafe
if [ "$form" = deep ]; then
    "$ROOT/.toolchains/miri.sh"
    watched stacked-borrows
    watched tree-borrows -Zmiri-tree-borrows
fi
end_gate
