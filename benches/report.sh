#!/usr/bin/env bash
# Makes docs/performance.md and its plots from the files in benches/results. Measures nothing.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
"$ROOT/.toolchains/report.sh"
cd "$ROOT/benches"
PYTHONDONTWRITEBYTECODE=1 exec "$BYTESTORE_TOOLCHAINS/report/bin/python3" -m report "$@"
