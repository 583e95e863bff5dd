#!/usr/bin/env bash
# Installs the JavaScript package from this checkout and runs the demonstration beside it: run.sh MANIFEST OUTDIR
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/bindings/node/install.sh"
cp "$ROOT/examples/demo/node/demo.js" "$ROOT/target/node/site"
exec node "$ROOT/target/node/site/demo.js" "$@"
