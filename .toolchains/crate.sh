#!/usr/bin/env bash
# Installs a subcommand of cargo from crates.io, in that version: crate.sh NAME VERSION [OPTION-OF-CARGO-INSTALL…].
# Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"
name=$1 version=$2

is_current() { [ "$(cargo "${name#cargo-}" --version 2>/dev/null | awk '{ print $NF }')" = "$version" ]; }

"$ROOT/.toolchains/rust.sh"
if is_current; then
    exit 0
fi
mkdir -p "$BYTESTORE_TOOLCHAINS"
exec 9>"$BYTESTORE_TOOLCHAINS/$name.lock"
flock 9
if is_current; then
    exit 0 # another installer was faster
fi
say "building $name $version"
cargo install --quiet --locked --root "$BYTESTORE_TOOLCHAINS" "${@:3}" "$name@$version"
