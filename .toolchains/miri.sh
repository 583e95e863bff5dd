#!/usr/bin/env bash
# Installs a nightly Rust with Miri, which only rustup has.
set -euo pipefail
. "$(dirname "$0")/env.sh"
step="rustup toolchain install nightly --profile minimal --component miri,rust-src"

if have rustup && cargo +nightly miri --version >/dev/null 2>&1; then
    exit 0
fi
if ! have rustup; then
    missing "a nightly Rust with Miri" "$step"
fi
say "installing a nightly Rust with Miri"
$step
