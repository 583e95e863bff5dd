#!/usr/bin/env bash
# ThreadSanitizer on all that has threads: the tests of the C ABI, the conformance cases, the C++ binding, and every call
# beside every other one. No report, and no suppression. The library's own code is watched: any rustc can do it, the
# stable ones after being told that this is meant.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
"$ROOT/.toolchains/rust.sh"
"$ROOT/.toolchains/apt.sh" g++ clang-19 libclang-rt-19-dev libcjson-dev # gcc's runtime lacks calls that rustc makes
here=tests/reliability/tsan
tsan="$out/lib"

build_library() {
    local host flags=-Zsanitizer=thread
    host=$(rustc -vV | sed -n 's/^host: //p')
    if rustc -C help | grep -q unsafe-allow-abi-mismatch; then
        flags+=" -Cunsafe-allow-abi-mismatch=sanitizer" # the standard library is not watched
    fi
    env RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" "${quick_build[@]}" CARGO_PROFILE_RELEASE_DEBUG=line-tables-only \
        CARGO_PROFILE_RELEASE_STRIP=none cargo rustc --quiet --locked --release --lib \
        "${without_servers[@]}" --crate-type cdylib --target "$host" --target-dir target/tsan || return
    put_library "target/tsan/$host/release/libbytestore.so" "$tsan"
}

is_watched() {
    local symbols
    symbols=$(nm -D "$tsan/libbytestore.so.1")
    grep -q ' U __tsan_write8$' <<<"$symbols" && grep -q ' U __tsan_func_entry$' <<<"$symbols"
}

link=(-fsanitize=thread -O1 -g -Iinclude "-L$tsan" -lbytestore -pthread "-Wl,-rpath,$tsan")
build() { clang-19 -std=c11 -D_GNU_SOURCE "${@:2}" -o "$out/$1" "${link[@]}"; }
# What libstdc++ does out of sight with exceptions that threads share would be reported: not those tests.
build_cpp() {
    clang++-19 -std=c++17 -Ibindings/cpp/include tests/cpp/check.cpp tests/cpp/binding/{main,threads_test}.cpp \
        -o "$out/binding" "${link[@]}"
}

# Whatever the machine has set is no part of this: above all, no suppressions. What hangs is ended; the deep form takes
# minutes where others use the machine.
watched() {
    TSAN_OPTIONS="halt_on_error=0 exitcode=66 history_size=4 second_deadlock_stack=1" timeout "$(by_form 280 1800)" "$@"
}

# runs NAME COMMAND…: without a report, and with the tests' own last line. Adds up reports and tests.
reports=0 tests=0
runs() {
    local name=$1 log="$out/$1.log" status=0 found
    shift
    watched "$@" >"$log" 2>&1 </dev/null || status=$?
    found=$(grep -c '^WARNING: ThreadSanitizer' "$log" || true)
    reports=$((reports + found))
    tests=$((tests + $(sed -n 's/^[a-z]*: \([0-9]*\) passed, 0 failed$/\1/p' "$log" | tail -n 1 | grep . || echo 0)))
    if [ "$status" != 0 ] || [ "$found" != 0 ]; then
        grep -m 1 -A 40 '^WARNING: ThreadSanitizer' "$log" || grep -E '^FAILED|:[0-9]+:' -m 20 "$log" || tail -n 20 "$log"
        return 1
    fi
    grep -qE '^[a-z]*: [1-9][0-9]* passed, 0 failed$' "$log"
}

# must_see NAME: a planted race is reported.
must_see() { ! watched "$out/control" "$1" >"$out/control.log" 2>&1 && grep -q 'data race' "$out/control.log"; }

check "the library with ThreadSanitizer" build_library
check "the library's own code is watched" is_watched
check "control" build control "$here/control.c"
for mistake in program library-reads library-writes; do
    check "a planted race is seen: $mistake" must_see "$mistake"
done
check "abi" build abi tests/c/check.c tests/c/abi/*.c
check "conformance" build conformance tests/c/conformance/*.c -lcjson
check "beside" build beside tests/c/check.c tests/c/abi/abi.c "$here"/{beside,calls}.c
check "binding" build_cpp

length=() # of the C tests
[ "$form" = deep ] || length=(--short)
check "tests of the C ABI" runs abi "$out/abi" "${length[@]}"
check "conformance cases" runs conformance "$out/conformance" "${length[@]}" tests/conformance/*.json
check "tests of the C++ binding" runs binding "$out/binding"
check "every call beside every other" runs beside "$out/beside" "$(by_form 20000 400000)"

calls=$(sed -n 's/^calls: //p' "$out/beside.log" || echo 0)
# grouped NUMBER: 1,234,567.
grouped() { sed ':more; s/\B[0-9]\{3\}\>/,&/; t more' <<<"$1"; }

figure "ThreadSanitizer, 0 suppressions: $tests tests of C and C++, and $(grouped "${calls:-0}") calls beside each other" \
    "on 4 threads: $reports reports; 3 of 3 planted races seen"
end_gate
