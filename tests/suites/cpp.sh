#!/usr/bin/env bash
# Formatter, linter and tests of the C++ headers, also under sanitizers, and the README's C++ program.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
cd "$ROOT"
out="$ROOT/target/cpp"
rm -rf "$out/objects"
mkdir -p "$out"
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"

read -ra cflags <<<"$(pkg-config --cflags bytestore)"
read -ra libs <<<"$(pkg-config --libs bytestore)"
includes=(-I bindings/cpp/include "${cflags[@]}")
strict=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
sanitized=(-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all)
sources=(tests/cpp bindings/cpp examples/cpp examples/demo/cpp benches/languages/cpp)

arguments=() # of the programs that `tests` runs

format() {
    find "${sources[@]}" -name '*.[ch]pp' -print0 |
        xargs -0 "$BYTESTORE_TOOLCHAINS/c/bin/clang-format" --dry-run --Werror
}

lint() {
    # The room for a batch is left uninitialised on purpose.
    cppcheck --quiet --language=c++ --std=c++17 --enable=warning,performance,portability --error-exitcode=1 \
        --suppress=uninitMemberVar:*/scratch.hpp "${includes[@]}" "${sources[@]}"
}

# header STANDARD FILE: stands for itself, and may be included twice.
header() {
    g++ "-std=$1" "${strict[@]}" "${includes[@]}" -fsyntax-only -x c++ - <<-SOURCE
	#include "$ROOT/$2"
	#include "$ROOT/$2"
	SOURCE
}

# build PROGRAM FLAG-OR-SOURCE…: each source once for the same flags, as many at a time as there are processors.
build() {
    local program=$1 folder each flags=() sources=() objects=()
    shift
    for each; do
        case $each in
            *.cpp) sources+=("$each") objects+=("${each//\//-}.o") ;;
            *) flags+=("$each") ;;
        esac
    done
    folder="$out/objects/${flags[*]//[=\/]/-}"
    mkdir -p "$folder"
    # shellcheck disable=SC2016 # the inner shell expands it
    printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -I{} \
        bash -c 'object="$1/${2//\//-}.o"; [ -f "$object" ] || "${@:3}" -c "$2" -o "$object"' - "$folder" {} \
        g++ -O1 -g "${strict[@]}" "${includes[@]}" "${flags[@]}" || return
    g++ "${flags[@]}" "${objects[@]/#/$folder/}" -o "$out/$program" "${libs[@]}" -pthread -ldl
}

# tests PROGRAM FLAG-OR-SOURCE…: builds it with the frame of all tests, runs it, and adds up what it counts.
tests() {
    local log="$out/$1.log" status=0 good bad
    echo "--- tests, $1: g++ ${*:2}"
    { build "$1" "${@:2}" tests/cpp/check.cpp && "$out/$1" "${arguments[@]}"; } 2>&1 | tee "$log" || status=$?
    read -r good bad <<<"$(sed -n 's/^[a-z]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1)" || true
    if [ "${bad:-0}" = 0 ] && { [ "$status" != 0 ] || [ "${good:-0}" = 0 ]; }; then
        bad=1 # it ended before it could count
    fi
    passed=$((passed + ${good:-0})) failed=$((failed + ${bad:-0}))
}

# The sanitizer must see memory that comes from the library.
sanitizer_watches() {
    build use_after_free -std=c++17 "${sanitized[@]}" tests/cpp/alone/use_after_free.cpp || return
    ! "$out/use_after_free" >"$out/use_after_free.log" 2>&1 &&
        grep -q 'AddressSanitizer: heap-use-after-free' "$out/use_after_free.log"
}

# As a reader would compile it.
quick_start() {
    python3 tests/readme.py cpp >"$out/quick_start.cpp" || return
    g++ -std=c++17 -Wall -Wextra -Werror "$out/quick_start.cpp" -o "$out/quick_start" "${includes[@]}" "${libs[@]}" &&
        "$out/quick_start" >"$out/quick_start.txt" &&
        diff "$out/quick_start.txt" - <<-TEXT
			user/1: 3 bytes
			draft: 0 bytes
			user/9: missing
			user/1
			user/2
			deleted 1
			invalid_argument: "nosuch"
		TEXT
}

check format format
check lint lint
for file in bindings/cpp/include/bytestore.hpp bindings/cpp/include/bytestore/*.hpp; do
    check "header alone and twice" header c++17 "$file"
done
check "all headers in C++20" header c++20 bindings/cpp/include/bytestore.hpp
check "quick start" quick_start
# Only this: its peers are installed when it runs.
check "the benchmark compiles" g++ -std=c++17 -Wall -Wextra -Werror "${includes[@]}" -fsyntax-only benches/languages/cpp/main.cpp

harness=(tests/cpp/conformance/{notation,place,race,steps,scans,computing}.cpp)
tests binding -std=c++17 tests/cpp/binding/*.cpp
for program in allocations arrivals crossings cycles forks ownership version; do
    tests "$program" -std=c++17 "tests/cpp/alone/$program.cpp"
done
tests harness -std=c++17 "${harness[@]}" tests/cpp/conformance/harness_test.cpp
check "the sanitizers watch" sanitizer_watches
tests sanitized -std=c++20 "${sanitized[@]}" tests/cpp/binding/*.cpp

arguments=(tests/conformance/*.json)
tests conformance -std=c++17 "${harness[@]}" tests/cpp/conformance/main.cpp

tail -n 1 "$out/conformance.log" | grep '^conformance: ' || echo "conformance: 0 passed, 1 failed"
echo "cpp: $passed passed, $failed failed"
[ "$failed" = 0 ]
