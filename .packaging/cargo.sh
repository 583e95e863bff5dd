#!/usr/bin/env bash
# Builds the library so that the same sources give the same bytes in every folder and for every user: cargo.sh CRATE-TYPE
# [RUSTC-OPTION…], into target/library/release. The paths that Rust writes down for its messages become names of no machine.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
cd "$ROOT"

flags=${CARGO_ENCODED_RUSTFLAGS:-${RUSTFLAGS:-}}
if [ -z "${CARGO_ENCODED_RUSTFLAGS:-}" ]; then
    flags=${flags// /$'\x1f'}
fi
# renamed PATH NAME
renamed() { flags+="${flags:+$'\x1f'}--remap-path-prefix=$1=$2"; }
renamed "$ROOT" /bytestore
renamed "${CARGO_HOME:-${HOME:-/root}/.cargo}" /cargo
# Where rustup put the standard library's sources, Rust would name them there.
renamed "$(rustc --print sysroot)/lib/rustlib/src/rust" "/rustc/$(rustc -vV | sed -n 's/^commit-hash: //p')"

# In a folder of its own: cargo would build all crates anew whenever the other builds, without these flags, come between.
CARGO_ENCODED_RUSTFLAGS=$flags exec cargo rustc --release --lib --target-dir target/library --crate-type "$1" -- \
    --cfg bytestore_for_c "${@:2}"
