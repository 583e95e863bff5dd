#!/usr/bin/env bash
# Handles and buffers that are closed, forged, of another kind, or freed twice, under AddressSanitizer; closing while
# others are inside; and what the check costs, in instructions.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/native.sh"
. "$ROOT/tests/reliability/calls.sh"

build_handles() {
    local sources
    sources=$(calls_sources) || return
    # shellcheck disable=SC2046,SC2086
    gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" $sources -o "$out/handles" $(asan_flags) "${sanitize[@]}" -pthread
}

build_cost() {
    # shellcheck disable=SC2046
    gcc -std=c11 -O2 -g "${c_warnings[@]}" tests/reliability/handles/cost.c -o "$out/cost" $(library_flags) -Wl,-z,now
}

# instructions NUMBER: those of a dump.
count_cost() {
    rm -f "$out"/callgrind.*
    plain valgrind --quiet --tool=callgrind --instr-atstart=no --callgrind-out-file="$out/callgrind" "$out/cost"
}
instructions() { sed -n 's/^\(totals\|summary\): //p' "$out/callgrind.$1" | head -n 1; }
costs_little() { [ "$none" -gt 0 ] && [ $((none * 100)) -le $((all * 5)) ]; }

check "an export without its row is refused" rows_refuse_what_they_do_not_know
check "builds the library with AddressSanitizer" build_asan_library
check "AddressSanitizer is in the library" is_instrumented target/asan/lib/libbytestore.so.1
check "builds handles" build_handles
tests handles handles under_asan "$out/handles" "$(by_form 1000000 10000000)" "$(by_form 300 5000)"
read -r calls rounds inside late <<<"$(sed -n 's/^totals: \([0-9]*\) calls, \([0-9]*\) rounds, \([0-9]*\) inside, \([0-9]*\) late$/\1 \2 \3 \4/p' "$out/handles.log")"
enough() { [ "${calls:-0}" -ge 1000000 ]; }
check "a million calls" enough
figure "${calls:-0} calls with wrong handles and buffers: the bad-handle code every time, 0 sanitizer reports"
figure "a store, a cursor and a computation closed ${rounds:-0} times while 3 threads called: ${inside:-0} calls inside," \
    "${late:-0} too late and told so"

check "builds cost" build_cost
check "callgrind counts" count_cost
none=$(instructions 1) all=$(instructions 2)
check "a handle's check is at most 5 per cent of 64 keys" costs_little
figure "all that a call does but look for keys, its handle's check included, takes ${none:-0} instructions:" \
    "$(awk "BEGIN { printf \"%.1f\", 100 * ${none:-0} / ${all:-1} }") % of a call with 64 keys"

end_gate
