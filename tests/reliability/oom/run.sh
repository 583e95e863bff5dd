#!/usr/bin/env bash
# Memory runs out at every request for it, in four ways, in every export: the status says so, nothing is half done,
# nothing leaks, and the store goes on. Then in every binding, with the library that is shipped: the language's own error.
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

. "$ROOT/tests/reliability/oom/bindings.sh"
check "builds the shim" failing_build
binding cpp c
binding go go
binding python python
if [ "$form" = deep ]; then binding swift swift; fi

end_gate
