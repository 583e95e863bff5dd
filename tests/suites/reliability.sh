#!/usr/bin/env bash
# Every gate of tests/reliability in its shallow form, one after another. Knows how a gate reports, never what it proves.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gates.sh"

passed=0 failed=0
for gate in "${shallow_gates[@]}"; do
    run_gate "$gate" shallow
done
echo "reliability: $passed passed, $failed failed"
[ "$failed" = 0 ]
