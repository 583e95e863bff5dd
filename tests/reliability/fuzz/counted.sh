#!/usr/bin/env bash
# Cargo's rustc, with libFuzzer's counters in the library alone: what a target or a dependency does, leads to no new input.
case " $* " in
*" --crate-name bytestore "*)
    # What cargo-fuzz passes, but for comparisons: any rustc can do it, the stable ones after being told that this is meant.
    set -- "$@" -Cpasses=sancov-module
    for option in level=3 inline-8bit-counters pc-table; do
        set -- "$@" "-Cllvm-args=-sanitizer-coverage-$option"
    done
    ;;
esac
exec "$@"
