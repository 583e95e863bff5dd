#!/usr/bin/env bash
# Runs the library's unit tests and tests/ffi.rs under Miri, with both models of what pointers may alias. Knows no test.
# Not part of `make test`: it needs a nightly Rust, and a quarter of an hour. MIRIFLAGS adds flags of Miri's own.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
cd "$ROOT"
out="$ROOT/target/miri"
mkdir -p "$out"

if ! cargo +nightly miri --version >/dev/null 2>&1; then
    missing "a nightly Rust with Miri" "rustup toolchain install nightly --component miri,rust-src"
fi

passed=0 failed=0
declare -A models=([stacked-borrows]="" [tree-borrows]=-Zmiri-tree-borrows)
for model in "${!models[@]}"; do
    log="$out/$model.log" status=0
    echo "--- $model"
    # In a folder of its own: nightly and stable would build each other's anew.
    MIRIFLAGS="${MIRIFLAGS:-} ${models[$model]}" \
        cargo +nightly miri test --locked --no-fail-fast --target-dir "$out" --lib --test ffi 2>&1 |
        tee "$log" || status=$?
    good=$(grep -cE '^test .* ok$' "$log" || true)
    bad=$(grep -cE '^test .* FAILED$' "$log" || true)
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then
        bad=1 # Miri ends all at the first undefined behaviour, which has no line of its own
    fi
    passed=$((passed + good)) failed=$((failed + bad))
done

echo "miri: $passed passed, $failed failed"
[ "$failed" = 0 ]
