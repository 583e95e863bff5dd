#!/usr/bin/env bash
# Measures saving and loading beside dd and pickle: run.sh [options of main.py]. Writes benches/results/snapshots.jsonl.
# Knows no case.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
cd "$ROOT"
.toolchains/python.sh
bindings/python/install.sh
. .toolchains/env.sh # what was installed just now

folder=target/bench-snapshots results=benches/results/snapshots.jsonl
mkdir -p "$folder"
export PYTHONPATH="$ROOT/target/python/site" PYTHONDONTWRITEBYTECODE=1
{
    python3 benches/languages/machine.py
    python3 benches/snapshots/main.py --folder "$folder" "$@"
} >"$results.new"
mv "$results.new" "$results"
