#!/usr/bin/env bash
# Every gate in its deep form; then docs/reliability.md gets the figures. Hours. Knows no gate.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gates.sh"

passed=0 failed=0
for gate in "${@:-"${gates[@]}"}"; do
    run_gate "$gate" deep
done
python3 "$ROOT/tests/reliability/report.py" --write
echo "nightly: $passed passed, $failed failed"
[ "$failed" = 0 ]
