#!/usr/bin/env bash
# Every gate of tests/reliability in its shallow form, two at a time: most wait more than they compute. Knows how a gate
# reports, never what it proves.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
. "$ROOT/tests/reliability/gates.sh"
.toolchains/c.sh

# Each one's output is printed when all have ended.
shallow() {
    echo "--- $1"
    run_gate "$1" shallow >"$logs/$1.shallow.out"
}
# The longest first.
mapfile -t others < <(printf '%s\n' "${shallow_gates[@]}" | grep -vx fuzz)
side_by_side 2 "$logs" shallow fuzz "${others[@]}"
for gate in "${shallow_gates[@]}"; do
    cat "$logs/$gate.shallow.out"
done

echo "reliability: $passed passed, $failed failed"
[ "$failed" = 0 ]
