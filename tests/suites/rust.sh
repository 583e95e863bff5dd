#!/usr/bin/env bash
# Formatter, linter, documentation and tests of the Rust library, and the README's Rust program.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
cd "$ROOT"
out="$ROOT/target/rust"
mkdir -p "$out/readme/src"

# As docs.rs does it, and a warning is a failure.
documentation() { RUSTDOCFLAGS="-D warnings --cfg docsrs" cargo doc --locked --no-deps --lib --all-features; }

# The program runs as a reader's would: in a package of its own that depends on this one. No unsafe code is needed.
quick_start() {
    python3 tests/readme.py rust >"$out/readme/src/main.rs" || return
    cp Cargo.lock "$out/readme/"
    cat >"$out/readme/Cargo.toml" <<-TOML
	[package]
	name = "quick-start"
	version = "0.0.0"
	edition = "2021"
	[dependencies]
	bytestore = { path = "../../.." }
	[lints.rust]
	unsafe_code = "forbid"
	[workspace]
	TOML
    cargo run --quiet --manifest-path "$out/readme/Cargo.toml" --target-dir target >"$out/readme/output" || return
    sed 's/^invalid_argument: [a-z].*/invalid_argument: MESSAGE/' "$out/readme/output" | diff - <(
        cat <<-TEXT
		user/1: 3 bytes
		draft: 0 bytes
		user/9: missing
		user/1
		user/2
		deleted 1
		invalid_argument: MESSAGE
		TEXT
    )
}

# count WORD LABEL: the sum of "N WORD" over the lines of the log that begin with LABEL.
count() {
    sed -n "s/^$2: \(.* \)\{0,1\}\([0-9]*\) $1\b.*/\2/p" "$log" | awk '{ sum += $1 } END { print sum + 0 }'
}

check format cargo fmt --check
check lint cargo clippy --locked --all-targets -- -D warnings
check documentation documentation
check "quick start" quick_start

# In the dev profile: its overflow checks and debug assertions are tests too.
echo "--- cargo test"
log="$out/test.log"
status=0
cargo test --locked --no-fail-fast 2>&1 | tee "$log" || status=$?

# Millions of operations want it optimised, and without the engine's checks of itself; what it depends on stays as it is.
soak=("${without_servers[@]}" --config=profile.dev.package.bytestore.{opt-level=2,debug-assertions=false})
echo "--- model_soak"
BYTESTORE_MODEL_CASES=8 cargo test --locked "${soak[@]}" --test model_soak -- --nocapture 2>&1 | tee -a "$log" || status=$?

cases_passed=$(count passed conformance) cases_failed=$(count failed conformance)
passed=$((passed + $(count passed "test result") + cases_passed))
failed=$((failed + $(count failed "test result") + $(count ignored "test result") + cases_failed))
if [ "$cases_passed" = 0 ] || { [ "$status" != 0 ] && [ "$failed" = 0 ]; }; then
    failed=$((failed + 1)) # what ended before it could count
fi

echo "conformance: $cases_passed passed, $cases_failed failed"
echo "rust: $passed passed, $failed failed"
[ "$failed" = 0 ]
