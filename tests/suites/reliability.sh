#!/usr/bin/env bash
# Every gate of tests/reliability in its shallow form, two at a time: most wait more than they compute. Knows how a gate
# reports, never what it proves.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gates.sh"
.toolchains/c.sh
make --silent lib # which several link with

# Each counts in a shell of its own, and is printed when all have ended.
passed=0 failed=0
counted() {
    run_gate "$1" shallow >"$logs/$1.shallow.out"
    echo "$passed $failed" >"$logs/$1.shallow.count"
}
# The longest first.
mapfile -t others < <(printf '%s\n' "${shallow_gates[@]}" | grep -vx fuzz)
for gate in fuzz "${others[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do
        wait -n || true
    done
    echo "--- $gate"
    rm -f "$logs/$gate.shallow.count"
    counted "$gate" &
done
wait

for gate in "${shallow_gates[@]}"; do
    cat "$logs/$gate.shallow.out"
    read -r good bad <"$logs/$gate.shallow.count"
    passed=$((passed + good)) failed=$((failed + bad))
done
echo "reliability: $passed passed, $failed failed"
[ "$failed" = 0 ]
