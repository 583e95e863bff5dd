#!/usr/bin/env bash
# Runs LangChain's own unit tests of stores, and of what it builds on them, with ByteStore in the place of its own:
# upstream.sh [SITE…], each a directory where the package is installed; the wheel of this checkout by default.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
out="$ROOT/target/python"
cd "$ROOT/bindings/python"
if [ $# = 0 ]; then
    ./install.sh
    set -- "$out/site"
fi
export PYTHONDONTWRITEBYTECODE=1
exec 9>"$out/upstream.lock" # the unpacked tests are those of one run
flock 9
PYTHONPATH="$1:tests" python3 -m upstream "$BYTESTORE_TOOLCHAINS/upstream" "$out/upstream" "$@"
