#!/usr/bin/env bash
# Installs what the Python binding is measured beside, in a virtual environment of its own, and a Redis server.
# Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$(dirname "$0")/pip.sh"
"$ROOT/.toolchains/python.sh"
. "$ROOT/.toolchains/env.sh" # what was installed just now
pins=(--requirement "$ROOT/benches/languages/python/requirements.txt")

"$ROOT/.toolchains/redis.sh"

if ! environment_is_current bench-python "${pins[@]}"; then
    make_environment python3 bench-python "${pins[@]}"
fi
