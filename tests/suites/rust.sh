#!/usr/bin/env bash
# Formatter, linter, documentation and tests of the Rust library, and the README's Rust program.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
cd "$ROOT"
out="$ROOT/target/rust"
mkdir -p "$out/readme/src"

passed=0 failed=0

# check NAME COMMAND…
check() {
    local name=$1
    shift
    echo "--- $name: $*"
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
    fi
}

documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps; }

# The program runs as a reader's would: in a package of its own that depends on this one.
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
		[workspace]
	TOML
    CARGO_TARGET_DIR="$ROOT/target" cargo run --quiet --manifest-path "$out/readme/Cargo.toml" >"$out/readme/output" || return
    diff - "$out/readme/output" <<-TEXT
		user/1: 3 bytes
		draft: 0 bytes
		user/9: missing
		user/1
		user/2
		deleted 1
		$(sed -n 's/^ *"\(an argument is outside.*\)"$/invalid_argument: \1/p' src/error.rs)
	TEXT
}

# tests LOG: what cargo counted, as "PASSED FAILED IGNORED".
tests() {
    awk '/^test result: / { for (i = 1; i < NF; i++) {
            if ($(i + 1) == "passed;") passed += $i
            if ($(i + 1) == "failed;") failed += $i
            if ($(i + 1) == "ignored;") ignored += $i
        } }
        END { print passed + 0, failed + 0, ignored + 0 }' "$1"
}

check format cargo fmt --check
check lint cargo clippy --locked --all-targets -- -D warnings
check documentation documentation
check "quick start" quick_start

# In the dev profile: its overflow checks and debug assertions are tests too.
log="$out/test.log"
check "cargo test" cargo test --locked --no-fail-fast 2>&1 | tee "$log"
