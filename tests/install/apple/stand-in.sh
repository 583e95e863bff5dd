#!/usr/bin/env bash
# Stands for cargo, rustup, lipo and xcodebuild where there is no Mac: notes how it was called, in $CALLS, and leaves the
# files behind that the real one would.
set -euo pipefail
name=$(basename "$0")
said="$name $*"
printf '%s\n' "${said//"$CHECKOUT/"/}" >>"$CALLS"

option() { # option NAME ARGUMENT…: what follows that name
    local wanted=$1
    shift
    while [ "$1" != "$wanted" ]; do shift; done
    printf '%s' "$2"
}

case $name in
    cargo)
        built="$(option --target-dir "$@")/$(option --target "$@")/release"
        mkdir -p "$built"
        option --target "$@" >"$built/libbytestore.a"
        ;;
    lipo)
        output=$(option -output "$@")
        while [ "$1" != -output ]; do
            if [ -f "$1" ]; then cat "$1" && echo; fi
            shift
        done >"$output"
        ;;
    xcodebuild)
        framework=$(option -output "$@")
        while [ $# != 0 ]; do
            case $1 in
                -library) part="$framework/$(basename "$(dirname "$2")")" && mkdir -p "$part" && cp "$2" "$part" ;;
                -headers) cp -r "$2" "$part/Headers" ;;
            esac
            shift
        done
        ;;
esac
