#!/usr/bin/env bash
# Shows that who has the sources can make the libraries of target/lib himself: in another folder, as another user with
# another home and crates unpacked elsewhere, they come out as the same bytes. reproduce.sh [COMMIT], by default HEAD.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
cd "$ROOT"
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
checkout="$away/somewhere/else"
mkdir -p "$checkout" "$away"/{home,cargo/registry}

git archive "${1:-HEAD}" | tar -x -C "$checkout"
# As cargo fetched them: it unpacks them itself.
cp -r "${CARGO_HOME:-${HOME:-/root}/.cargo}"/registry/{cache,index} "$away/cargo/registry/"
say "building the libraries again, in $checkout"
# rustc itself, as rustup would look for it in the home.
env -i PATH="$(rustc --print sysroot)/bin:$PATH" HOME="$away/home" CARGO_HOME="$away/cargo" USER=else LOGNAME=else \
    make --no-print-directory -C "$checkout" lib static >"$away/log" 2>&1 || { cat "$away/log" >&2 && exit 1; }

for file in libbytestore.so.1 libbytestore.a libbytestore.a.libs; do
    cmp "target/lib/$file" "$checkout/target/lib/$file"
done
