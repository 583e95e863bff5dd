#!/usr/bin/env bash
# Builds a bytestore that counts nothing, from a copy of the sources with the counting taken out, and prints where it
# is. It is slower or faster than ours by what counting costs; its counters, and its bound in bytes, are of no use.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
cd "$ROOT"
copy=target/uncounted/source
mkdir -p "$copy"
rm -rf "${copy:?}"/*
cp -r Cargo.toml Cargo.lock build.rs src "$copy"
ln -s "$ROOT/tests" "$copy" # Cargo.toml names one

# take_out FILE PLACES EXPRESSION: it must fit so often, so that a change in the sources does not go unnoticed.
take_out() {
    sed -i -E "$3" "$copy/$1"
    local places
    places="$({ diff "$1" "$copy/$1" || true; } | grep -c '^<')" || true
    if [ "$places" != "$2" ]; then
        echo "uncounted: $places places in $1, not $2: benches/uncounted.sh must follow the sources" >&2
        exit 1
    fi
}
take_out src/engine/note.rs 2 '/^ *self\.(hits|misses)\.store\(/d'
take_out src/engine/shard/set.rs 1 '/^ *self\.tally\.sets = /d'
take_out src/engine/counters.rs 3 's/^( *pub fn (entered|replaced|left)\(.*\{)$/\1 return;/'

RUSTFLAGS="-A unused -A unreachable_code" cargo rustc --quiet --release --lib --crate-type cdylib \
    --manifest-path "$copy/Cargo.toml" --target-dir target/uncounted/build >&2
echo "$ROOT/target/uncounted/build/release/libbytestore.so"
