#!/usr/bin/env bash
# Installs the Python package from this checkout and runs the demonstration inside LangChain: run.sh MANIFEST OUTDIR
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/bindings/python/install.sh"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$ROOT/target/python/site"
exec python3 "$ROOT/examples/demo/langchain/demo.py" "$@"
