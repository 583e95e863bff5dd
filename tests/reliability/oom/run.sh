#!/usr/bin/env bash
# Memory runs out at every request for it, in four ways, in every export: the status says so, nothing is half done,
# nothing leaks, and the store goes on. Then the library that is shipped, loaded late; and in every binding: the language's
# own error.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/native.sh"
. "$ROOT/tests/reliability/faults.sh"

awk -f tests/reliability/exports.awk include/bytestore.h >"$out/exports.txt"

# torture FORM STRIDE: the library of that form.
torture() {
    local start=$SECONDS points runs failures
    check "builds the library, $1" build_faults_library "$1"
    check "builds the torture, $1" build_with_faults "$1" "$out/oom-$1" tests/c/check.c tests/reliability/oom/*.c
    tests "oom-$1" oom with_faults "$1" "$out/oom-$1" "$out/exports.txt" "$2"
    read -r points runs failures <<<"$(sed -n 's/^totals: \([0-9]*\) points, \([0-9]*\) runs, \([0-9]*\) failures$/\1 \2 \3/p' "$out/oom-$1.log")" || true
    figure "${failures:-0} injected failures, in 4 ways from ${points:-0} requests for memory on, in $(wc -l <"$out/exports.txt")" \
        "exports ($1): ${runs:-0} runs, 0 aborts, 0 leaks, every count exact, $((SECONDS - start)) s"
}

# The plain library is faster, and goes through more in the same time; AddressSanitizer sees more.
torture plain "$(by_form 16 1)"
if [ "$form" = deep ]; then torture asan 16; fi

# Loaded late, and called by a new thread without memory.
build_late() {
    gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" -Wno-missing-prototypes -fno-builtin -Iinclude tests/c/check.c \
        tests/reliability/oom/late/main.c -o "$out/late" -ldl -pthread
}
check "builds late" build_late
tests late late "$out/late" "$ROOT/target/lib/libbytestore.so.1"

. "$ROOT/tests/reliability/oom/bindings.sh"
check "builds the shim" failing_build
binding cpp c
binding go go
binding python python
if [ "$form" = deep ]; then binding swift swift; fi

end_gate
