#!/usr/bin/env bash
# Whether a program that was built with one header of bytestore may run with a library that has another: kept.sh OLD NEW.
# A library of Rust says little of C's types, so abidiff compares what the C compiler makes of the headers: a library of
# stubs of each. A new version of the interface announces a change; then nothing has to stay.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# plain HEADER: without comments.
plain() { gcc -fpreprocessed -dD -E -P "$1"; }
interface() { sed -n 's/^#define BYTESTORE_ABI_VERSION //p' <<<"$1"; }

# counters TEXT: the one struct to whose end members may come, as it says itself how large it is.
counters() { awk '/^typedef struct \{/ { made = "" } { made = made $0 "\n" } /^\} bytestore_counters;/ { printf "%s", made }' <<<"$1"; }

# stubs NAME TEXT: a library with each function of a header, and with a variable for each number, whose name has it.
stubs() {
    printf '%s\n' "$2" >"$work/$1.h"
    gcc -std=c11 -xc -fsyntax-only -aux-info "$work/declared" "$work/$1.h"
    {
        printf '#include "%s.h"\n' "$1"
        sed -nE 's,^/\*.*\*/ extern (.*\bbytestore_.*);$,\1 { __builtin_trap(); },p' "$work/declared"
        sed -nE 's/^#define (BYTESTORE_\w+) ([^"]+)$/char \1_is_\2;/p' <<<"$2"
    } >"$work/$1.c"
    gcc -std=c11 -g -fPIC -shared "$work/$1.c" -o "$work/$1.so"
}

old=$(plain "$1") new=$(plain "$2")
if [ "$(interface "$old")" != "$(interface "$new")" ]; then
    echo "announced: version $(interface "$old") of the interface became $(interface "$new")"
    exit
fi
before=$(counters "$old") after=$(counters "$new")
if [[ $after == "${before%\}*}"* ]]; then
    old=${old/"$before"/"$after"}
fi
stubs old "$old"
stubs new "$new"
abidiff --no-added-syms "$work/old.so" "$work/new.so"
