#!/usr/bin/env bash
# Installs what C and C++ need: compilers with their sanitizers, valgrind, cppcheck and clang-format,
# and the libraries of tests and demonstrations. The library itself needs none of them.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$(dirname "$0")/pip.sh"
"$ROOT/.toolchains/redis.sh" # the server that its tests start
clang_format=clang-format==23.1.5 # from PyPI: the layout differs from version to version

packages=()
# needs COMMAND PACKAGE…: the packages, unless the command is there.
needs() { have "$1" || packages+=("${@:2}"); }
# needs_header HEADER PACKAGE: the package, unless the compiler finds the header.
needs_header() { echo "#include <$1>" | g++ -xc++ -E -M - >/dev/null 2>&1 || packages+=("$2"); }

needs gcc gcc libc6-dev
needs g++ g++
needs pkg-config pkg-config
needs python3 python3 # the suites ask it for the README's programs
needs valgrind valgrind
needs cppcheck cppcheck
if [ ${#packages[@]} -gt 0 ]; then
    "$ROOT/.toolchains/apt.sh" ca-certificates "${packages[@]}"
    hash -r
    packages=()
fi
needs_header cjson/cJSON.h libcjson-dev
needs_header nlohmann/json.hpp nlohmann-json3-dev
needs_header openssl/evp.h libssl-dev
if [ ${#packages[@]} -gt 0 ]; then
    "$ROOT/.toolchains/apt.sh" "${packages[@]}"
fi

if ! environment_is_current c "$clang_format"; then
    need_venv
    make_environment python3 c "$clang_format"
fi
