#!/usr/bin/env bash
# Builds the benchmark of the C++ binding with the maps of benches/native, as their flags.sh says: build.sh PROGRAM.
# Knows no case.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
cd "$ROOT"
program=$1 objects="$1.objects"
mkdir -p "$objects"

libraries=()
while read -r -a words; do
    flags=()
    for word in "${words[@]:1}"; do
        case $word in
            -l* | -L*) libraries+=("$word") ;;
            *) flags+=("$word") ;;
        esac
    done
    g++ "${flags[@]}" -c "benches/native/${words[0]}" -o "$objects/${words[0]}.o"
done < <(benches/native/flags.sh | grep -E '^(abseil|boost|tbb)\.cpp ')

# shellcheck disable=SC2046 # words
g++ -std=c++17 -O3 -DNDEBUG -Wall -Wextra -Wpedantic -Wshadow -I bindings/cpp/include benches/languages/cpp/main.cpp \
    "$objects"/*.o -o "$program" $(PKG_CONFIG_PATH=target/lib/pkgconfig pkg-config --cflags --libs bytestore) \
    "${libraries[@]}" -pthread
