#!/usr/bin/env bash
# Builds the static library: archive.sh OUTPUT, and in OUTPUT.libs which system libraries a program must name beside it.
# All of it is one object in which only the C ABI can be seen: a program may have a zstd of its own, or other Rust.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
output=$(realpath -m "$1")
cd "$ROOT"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.packaging/cargo.sh
archive=target/library/release/libbytestore.a
# The C compiler's driver adds libgcc_s and libc itself, or libgcc_eh where a program is all static.
tr ' ' '\n' <target/library/native-static-libs | awk '
    /^-l/ && !/^-l(gcc_s|c)$/ && !seen[$0]++ { names = names (names ? " " : "") $0 }
    END { print names; exit names == "" }' >"$work/libs"

nm --defined-only --extern-only "$archive" 2>/dev/null |
    awk '$2 == "T" && $3 ~ /^bytestore_/ { print $3 }' | sort -u >"$work/exports"
mapfile -t wanted < <(sed 's/^/--undefined=/' "$work/exports")
# Groups are what several objects may have in common, by a name: ours are ours alone.
ld -r --force-group-allocation "${wanted[@]}" "$archive" -o "$work/bytestore.o"
objcopy --strip-debug --keep-global-symbols="$work/exports" "$work/bytestore.o"
ar rcsD "$work/libbytestore.a" "$work/bytestore.o"

install -D -m 644 "$work/libs" "$output.libs"
install -D -m 644 "$work/libbytestore.a" "$output"
