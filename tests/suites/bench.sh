#!/usr/bin/env bash
# The benchmark's own tests: that it builds, counts right and reports right. Asserts no time.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
cd "$ROOT/benches"
for tools in rust c report python; do
    "$ROOT/.toolchains/$tools.sh"
done
. "$ROOT/.toolchains/env.sh" # what was installed just now
export CARGO_TARGET_DIR="$ROOT/target/bench" PYTHONDONTWRITEBYTECODE=1
python="$BYTESTORE_TOOLCHAINS/report/bin/python3"

check "format" cargo fmt --check
check "format of the peers in C and C++" "$BYTESTORE_TOOLCHAINS/c/bin/clang-format" --dry-run -Werror native/*.[ch] native/*.[ch]pp
check "lint" cargo clippy --quiet --locked --all-targets --features native -- -D warnings
check "tests" cargo test --quiet --locked --features native
check "peers in C and C++" native/selftest.sh
# One short case: every peer answers as it should, and the figures get into a file.
one_case() {
    local results="$CARGO_TARGET_DIR/one.jsonl"
    cargo run --quiet --locked --features native -- rates --only mget_hit --entries 2000 --rounds 1 --out "$results" || return
    [ "$(grep -c '"kind":"rate"' "$results")" = 13 ]
}
check "a short run" one_case
check "python format" ruff format --no-cache --check .
check "python lint" ruff check --no-cache .
check "python types" mypy --cache-dir "$ROOT/target/bench/mypy"
check "report tests" "$python" -m unittest --quiet

echo "bench: $passed passed, $failed failed"
[ "$failed" = 0 ]
