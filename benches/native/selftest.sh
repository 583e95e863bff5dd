#!/usr/bin/env bash
# Builds the native peers as flags.sh says and runs selftest.c with them: selftest.sh [COMPILER FLAG…], for example
# -fsanitize=address or -Werror.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
cd "$(dirname "$0")"
"$ROOT/.toolchains/bench.sh"

build="$(mktemp -d)"
trap 'rm -rf "$build"' EXIT
objects=("$build/selftest.o")
libraries=()
gcc -std=gnu11 -O2 -Wall -Wextra -Wshadow "$@" -c selftest.c -o "${objects[0]}"
while read -r -a words; do
    file="${words[0]}"
    flags=()
    for word in "${words[@]:1}"; do
        case $word in
            -l* | -L*) libraries+=("$word") ;;
            *) flags+=("$word") ;;
        esac
    done
    # gcc takes .cpp for C++.
    gcc "${flags[@]}" "$@" -c "$file" -o "$build/$file.o"
    objects+=("$build/$file.o")
done < <(./flags.sh)
g++ "$@" "${objects[@]}" "${libraries[@]}" -pthread -o "$build/selftest"
"$build/selftest"
