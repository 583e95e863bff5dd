#!/usr/bin/env bash
# Builds and runs the benchmark of the Go binding: run.sh [--quick] [--out FILE].
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/go.sh"
. "$ROOT/.toolchains/env.sh" # what was installed just now
if [ ! -e "$ROOT/target/lib/libbytestore.so.1" ]; then
    make -C "$ROOT" lib >&2
fi
. "$ROOT/.toolchains/go-env.sh"

program="$ROOT/target/go/bench"
go build -C "$ROOT/benches/languages/go" -o "$program" . >&2 # the versions of the peers are pinned in go.mod
exec "$program" "$@"
