#!/usr/bin/env bash
# Installs what draws the plots of docs/performance.md: matplotlib, in a virtual environment of its own.
# Measuring needs none of it. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"
matplotlib=matplotlib==3.11.2 # pinned: how an SVG is written differs from version to version
venv="$BYTESTORE_TOOLCHAINS/report"

is_current() { [ -x "$venv/bin/python3" ] && [ "$(cat "$venv/pin" 2>/dev/null)" = "$matplotlib" ]; }

if is_current; then
    exit 0
fi
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    "$ROOT/.toolchains/apt.sh" ca-certificates python3 python3-pip python3-venv
    hash -r
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    missing "Python 3.11 with venv" "pyenv install 3.11"
fi
mkdir -p "$BYTESTORE_TOOLCHAINS"
exec 9>"$BYTESTORE_TOOLCHAINS/report.lock"
flock 9
if is_current; then
    exit 0 # another installer was faster
fi
say "installing $matplotlib into $venv"
python3 -m venv --clear "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "$matplotlib"
printf '%s\n' "$matplotlib" >"$venv/pin"
