#!/usr/bin/env bash
# Every export is guarded, and a panic inside each is its answer: nothing unwinds, all locks are free, the store goes on.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/native.sh"
. "$ROOT/tests/reliability/faults.sh"
. "$ROOT/tests/reliability/calls.sh"

# That each is one call of a guard and nothing else, tests/abi.rs says of the sources.
build_panics() {
    local sources
    sources=$(calls_sources) || return
    # shellcheck disable=SC2086
    build_with_faults plain "$out/panics" $sources
}

check "an export without its row is refused" rows_refuse_what_they_do_not_know
check "builds the library" build_faults_library plain
check "builds panics" build_panics
tests panics panics with_faults plain "$out/panics"
says_nothing() { ! grep -aq 'panicked at' "$out/panics.log"; }
check "a contained panic says nothing" says_nothing
read -r exports points <<<"$(sed -n 's/^totals: \([0-9]*\) exports, \([0-9]*\) points$/\1 \2/p' "$out/panics.log")" || true
figure "${exports:-0} exports panicked, and ${points:-0} points inside their calls, locks held or not: the internal error every" \
    "time, 0 aborts, nothing lost, and the store in use afterwards"

end_gate
