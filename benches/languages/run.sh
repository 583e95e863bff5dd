#!/usr/bin/env bash
# Measures every binding beside its peers, one language after the other: run.sh [--quick], into results/languages.jsonl.
# Knows no case and no peer.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
cd "$ROOT/benches/languages"
out="$ROOT/benches/results/languages.jsonl"
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT

python3 machine.py >"$fresh"
for language in cpp go swift python node; do
    "./$language/run.sh" "$@" --out "$fresh"
done
install -m 644 "$fresh" "$out" # only a whole run takes the place of the one before
