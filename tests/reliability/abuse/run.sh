#!/usr/bin/env bash
# Every export with every combination of good and bad arguments, three at a time, under AddressSanitizer and
# UndefinedBehaviorSanitizer: the status that the header promises, and outputs that are zero.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/native.sh"
. "$ROOT/tests/reliability/calls.sh"

build_abuse() {
    local sources
    sources=$(calls_sources) || return
    # shellcheck disable=SC2046,SC2086
    gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" $sources -o "$out/abuse" $(asan_flags) "${sanitize[@]}"
}

check "an export without its row is refused" rows_refuse_what_they_do_not_know
check "builds the library with AddressSanitizer" build_asan_library
check "AddressSanitizer is in the library" is_instrumented target/asan/lib/libbytestore.so.1
check "builds abuse" build_abuse
tests abuse abuse under_asan "$out/abuse"
read -r calls exports <<<"$(sed -n 's/^totals: \([0-9]*\) calls, \([0-9]*\) exports$/\1 \2/p' "$out/abuse.log")"
wanted() { [ "${calls:-0}" -ge 20000 ] && [ "${exports:-0}" = "$(grep -cE '^[a-z].*bytestore_[a-z_]+\(' include/bytestore.h)" ]; }
check "20,000 calls, and every export" wanted
figure "${calls:-0} calls of ${exports:-0} exports with arguments combined three at a time: each a status of the header," \
    "0 sanitizer reports"

end_gate
