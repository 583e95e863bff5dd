#!/usr/bin/env bash
# Builds and runs the demonstration in Go: run.sh MANIFEST OUTDIR.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/.toolchains/go-env.sh"

program="$ROOT/target/go/demo"
go build -C "$ROOT/examples/demo/go" -o "$program" . >&2
"$program" "$1" "$2"
