#!/usr/bin/env bash
# Installs and runs the benchmark of the Python binding: run.sh [--quick] [--out FILE].
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/bench-python.sh"
if [ ! -e "$ROOT/target/lib/libbytestore.so.1" ]; then
    make -C "$ROOT" lib >&2
fi
"$ROOT/bindings/python/install.sh" >&2
. "$ROOT/.toolchains/env.sh" # what was installed just now

. "$ROOT/benches/languages/options.sh"
export PYTHONPATH="$ROOT/target/python/site" PYTHONDONTWRITEBYTECODE=1
"$BYTESTORE_TOOLCHAINS/bench-python/bin/python3" "$ROOT/benches/languages/python/main.py" "${quick[@]}" >>"$out"
