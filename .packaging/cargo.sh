#!/usr/bin/env bash
# Builds both libraries, into target/library/release, so that the same sources give the same bytes in every folder and for
# every user. The paths that Rust writes down for its messages become names of no machine. Which system libraries the
# static one needs is in target/library/native-static-libs.
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
# Both at once: link-time optimisation is nearly all of it. Beside an rlib, cargo would leave that out without a word.
CARGO_ENCODED_RUSTFLAGS=$flags exec cargo rustc --release --lib --target-dir target/library \
    --crate-type cdylib,staticlib -- --cfg bytestore_for_c --print native-static-libs=target/library/native-static-libs
