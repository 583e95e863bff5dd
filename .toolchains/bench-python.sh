#!/usr/bin/env bash
# Installs what the Python binding is measured beside, in a virtual environment of its own, and a Redis server.
# Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"
"$ROOT/.toolchains/python.sh"
. "$ROOT/.toolchains/env.sh" # what was installed just now
venv="$BYTESTORE_TOOLCHAINS/bench-python"
pins="$ROOT/benches/languages/python/requirements.txt"

"$ROOT/.toolchains/redis.sh"

is_current() { [ -x "$venv/bin/python3" ] && [ "$(cat "$venv/pins.sha256" 2>/dev/null)" = "$stamp" ]; }

stamp=$(sha256sum <"$pins")
if is_current; then
    exit 0
fi
exec 9>"$BYTESTORE_TOOLCHAINS/bench-python.lock"
flock 9
if is_current; then
    exit 0 # another installer was faster
fi
say "installing the Python benchmark's peers into $venv"
python3 -m venv --clear "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins"
printf '%s\n' "$stamp" >"$venv/pins.sha256"
