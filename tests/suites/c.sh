#!/usr/bin/env bash
# The C ABI as C programs use it: header, exports, every promise of the header, the conformance cases; again under
# valgrind, AddressSanitizer and UndefinedBehaviorSanitizer; and the README's C program.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
out="$ROOT/target/c"
. "$ROOT/tests/c/native.sh"

library="$ROOT/target/lib/libbytestore.so.1"
cases=("$ROOT"/tests/conformance/*.json)
mapfile -t sources < <(files_below '[ch]' tests/c examples/c examples/demo/c)

check "layout" in_layout "${sources[@]}"
# Newer ones say where they did not look at every branch, and count that as an error.
check "cppcheck" cppcheck --quiet --std=c11 --language=c --error-exitcode=1 --enable=warning,performance,portability \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches -Iinclude "${sources[@]}"

# --- The header ---

# The header alone, and twice: printf '%s' keeps it from being part of a file that includes more.
header_compiles() { printf '#include "bytestore.h"\n%.0s' 1 2 | "$@" -Iinclude -fsyntax-only -; }
for compiler in "${c_compilers[@]}"; do
    for standard in c99 c11 c17 c2x gnu99 gnu11 gnu17 gnu2x; do
        check "header in $standard, $compiler" header_compiles "$compiler" -xc "-std=$standard" "${c_warnings[@]}" -Wc++-compat
    done
done
for compiler in "${cxx_compilers[@]}"; do
    for standard in c++11 c++14 c++17 c++20 gnu++17; do
        check "header in $standard, $compiler" header_compiles "$compiler" -xc++ "-std=$standard" "${cxx_warnings[@]}"
    done
done

# The example in the header's first comment is a program that works.
header_example() {
    {
        printf '#include <bytestore.h>\n#include <stdio.h>\nint main(void) {\n'
        sed -n '/^ \* EXAMPLE/,/^ \* CONVENTIONS/ s/^ \*   //p' include/bytestore.h
        printf '}\n'
    } >"$out/example.c"
    # shellcheck disable=SC2046
    gcc -std=c11 "${c_warnings[@]}" "$out/example.c" -o "$out/example" $(library_flags) || return
    [ "$(plain "$out/example")" = two ]
}
check "the header's example" header_example

# --- The library file ---

exports() { nm -D --defined-only "$library" | awk '{ print $3 }' | sort; }
declared() { grep -oE '\bbytestore_[a-z_]+\(' include/bytestore.h | tr -d '(' | sort -u; }
check "exports what the header declares, nothing else" diff <(declared) <(exports)
only_our_names() { ! exports | grep -v '^bytestore_'; }
check "exports only bytestore_*" only_our_names
dynamic_has() { grep -qE "$1" <<<"$(readelf -dW "$library")"; }
check "SONAME is libbytestore.so.1" dynamic_has 'SONAME.*\[libbytestore\.so\.1\]'
check "stays loaded (NODELETE)" dynamic_has 'FLAGS_1.*NODELETE'
check "resolves its symbols at once (NOW)" dynamic_has 'FLAGS_1.*NOW'
needs_libc_only() { ! readelf -dW "$library" | grep NEEDED | grep -vE '\[(libc\.so\.6|libgcc_s\.so\.1|ld-linux[^]]*)\]'; }
check "needs libc and libgcc_s only" needs_libc_only

# --- Programs ---

# build NAME FLAGS-FUNCTION SOURCE… -- FLAG…
build() {
    local name=$1 flags=$2 files=()
    shift 2
    while [ "$1" != -- ]; do
        files+=("$1")
        shift
    done
    shift
    rm -f "$out/$name"
    # shellcheck disable=SC2046
    check "builds $name" gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" "${files[@]}" -o "$out/$name" $("$flags") -pthread "$@"
}
abi=(tests/c/check.c tests/c/abi/*.c)
shared=(tests/c/check.c tests/c/abi/abi.c)
conformance=(tests/c/conformance/*.c)

build abi library_flags "${abi[@]}" --
build conformance library_flags "${conformance[@]}" -- -lcjson
build control library_flags tests/c/alone/control.c --
for program in exhaustion leaks; do
    build "$program" library_flags "${shared[@]}" "tests/c/alone/$program.c" --
done
build forks library_flags "${shared[@]}" tests/c/alone/{forks,storm}.c --
check "builds loading" gcc -std=c11 -O1 -g "${c_warnings[@]}" -Iinclude tests/c/check.c tests/c/alone/loading.c -o "$out/loading" -ldl -pthread

tests conformance conformance plain "$out/conformance" "${cases[@]}"
must_fail "the harness refuses wrong cases" '^conformance: 0 passed, 99 failed$' plain "$out/conformance" tests/c/wrong_cases.json
tests abi abi plain "$out/abi"
tests exhaustion exhaustion plain "$out/exhaustion"
tests forks forks plain "$out/forks"
# glibc counts what it keeps for the next malloc of a thread as if it were in use.
GLIBC_TUNABLES=glibc.malloc.tcache_count=0 tests leaks leaks plain "$out/leaks"
tests loading loading "$out/loading" "$library"

# --- valgrind ---

must_fail "valgrind sees the program read what it freed" 'Invalid read' valgrinded "$out/control" read-freed
must_fail "valgrind sees the library read freed memory" 'Invalid read' valgrinded "$out/control" pass-freed
must_fail "valgrind sees the library read too far" 'Invalid read' valgrinded "$out/control" pass-short
must_fail "valgrind sees the library read a value too far" 'Invalid read' valgrinded "$out/control" pass-short-ttl
must_fail "valgrind sees the library write too far" 'Invalid write' valgrinded "$out/control" counters-short
must_fail "valgrind sees a leak" 'definitely lost' valgrinded "$out/control" leak
tests valgrind-abi abi valgrinded "$out/abi" --short
tests valgrind-conformance conformance valgrinded "$out/conformance" --short "${cases[@]}"
# What threads of the parent held is lost in the child: only the leak check must not look there.
tests valgrind-forks forks valgrinded --leak-check=no "$out/forks" --short

# --- Sanitizers ---

check "builds the library with AddressSanitizer" build_asan_library
check "AddressSanitizer is in the library" is_instrumented target/asan/lib/libbytestore.so.1
build asan-abi asan_flags "${abi[@]}" -- "${sanitize[@]}"
build asan-conformance asan_flags "${conformance[@]}" -- -lcjson "${sanitize[@]}"
build asan-forks asan_flags "${shared[@]}" tests/c/alone/{forks,storm}.c -- "${sanitize[@]}"
build asan-control asan_flags tests/c/alone/control.c -- "${sanitize[@]}"
must_fail "ASan sees the program read what it freed" 'heap-use-after-free' under_asan "$out/asan-control" read-freed
must_fail "ASan sees the library read freed memory" 'heap-use-after-free' under_asan "$out/asan-control" pass-freed
must_fail "ASan sees the library read too far" 'heap-buffer-overflow' under_asan "$out/asan-control" pass-short
must_fail "ASan sees the library read a value too far" 'heap-buffer-overflow' under_asan "$out/asan-control" pass-short-ttl
must_fail "ASan sees the library write too far" 'heap-buffer-overflow' under_asan "$out/asan-control" counters-short
must_fail "LSan sees a leak" 'LeakSanitizer: detected memory leaks' under_asan "$out/asan-control" leak
must_fail "UBSan sees an overflow" 'signed integer overflow' under_asan "$out/asan-control" overflow
tests asan-abi abi under_asan "$out/asan-abi" --short
tests asan-conformance conformance under_asan "$out/asan-conformance" --short "${cases[@]}"
# ASan's own allocator does not survive a fork beside other threads that allocate (gcc 12): valgrind has watched that.
tests asan-forks forks under_asan "$out/asan-forks" --short --no-threads

# --- The README's program ---

quick_start() {
    python3 tests/readme.py c >"$out/readme.c" || return
    # shellcheck disable=SC2046
    gcc -std=c11 "${c_warnings[@]}" "$out/readme.c" -o "$out/readme" $(library_flags) || return
    plain "$out/readme" | diff - <(
        cat <<-TEXT
		found, 3 bytes
		found, 0 bytes
		missing, 0 bytes
		user/1
		user/2
		invalid_argument
		TEXT
    )
}
check "quick start" quick_start

finish c "$out/conformance.log"
