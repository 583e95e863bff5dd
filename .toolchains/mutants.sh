#!/usr/bin/env bash
# Installs cargo-mutants, from crates.io.
set -euo pipefail
. "$(dirname "$0")/env.sh"
version=27.1.0

is_current() { [ "$(cargo mutants --version 2>/dev/null)" = "cargo-mutants $version" ]; }

"$ROOT/.toolchains/rust.sh"
if is_current; then
    exit 0
fi
mkdir -p "$BYTESTORE_TOOLCHAINS"
exec 9>"$BYTESTORE_TOOLCHAINS/mutants.lock"
flock 9
if is_current; then
    exit 0 # another installer was faster
fi
say "building cargo-mutants $version"
cargo install --quiet --locked --debug --root "$BYTESTORE_TOOLCHAINS" "cargo-mutants@$version"
