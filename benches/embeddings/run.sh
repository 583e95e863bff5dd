#!/usr/bin/env bash
# Installs and runs the benchmark of cached embeddings: run.sh [options of main.py].
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
"$ROOT/.toolchains/python.sh"
if [ ! -e "$ROOT/target/lib/libbytestore.so.1" ]; then
    make -C "$ROOT" lib >&2
fi
"$ROOT/bindings/python/install.sh" >&2
. "$ROOT/.toolchains/env.sh" # what was installed just now

export PYTHONPATH="$ROOT/target/python/site" PYTHONDONTWRITEBYTECODE=1
python3 "$ROOT/benches/embeddings/main.py" "$@"
