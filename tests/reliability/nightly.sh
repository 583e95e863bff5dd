#!/usr/bin/env bash
# Every gate in its deep form, and docs/reliability.md gets the figures; then every language on every kind of server. Hours.
# Knows no gate.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gates.sh"
. "$ROOT/tests/suites/check.sh"

for gate in "${@:-"${gates[@]}"}"; do
    run_gate "$gate" deep
done
python3 "$ROOT/tests/reliability/report.py" --write
if [ $# = 0 ]; then
    check "every language on every kind of server" env BYTESTORE_ALL_SERVERS=true "$ROOT/tests/run" remote
fi
echo "nightly: $passed passed, $failed failed"
[ "$failed" = 0 ]
