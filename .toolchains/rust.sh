#!/usr/bin/env bash
# Installs Rust 1.85 or newer with cargo, rustfmt and clippy, and the linker it needs.
set -euo pipefail
. "$(dirname "$0")/env.sh"
wanted=1.85

is_recent() { have cargo && have rustc && at_least "$wanted" "$(rustc --version | cut -d ' ' -f 2)"; }
is_complete() { is_recent && cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; }

have cc || "$ROOT/.toolchains/apt.sh" gcc libc6-dev # rustc links with it

if is_complete; then
    exit 0
fi
if is_recent && have rustup; then
    say "adding rustfmt and clippy to rustup's toolchain"
    rustup component add rustfmt clippy
elif [ "$(debian_version)" = 12 ]; then # its plain rustc is 1.63
    "$ROOT/.toolchains/apt.sh" ca-certificates rustc-web cargo-web rustfmt-web rust-web-clippy
else
    "$ROOT/.toolchains/apt.sh" ca-certificates rustc cargo rustfmt rust-clippy
fi
hash -r
if ! is_complete; then
    missing "Rust $wanted with rustfmt and clippy" "rustup toolchain install stable"
fi
