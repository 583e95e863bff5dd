#!/usr/bin/env bash
# Installs what builds the documentation's site: MkDocs in a virtual environment of its own, Doxygen, and every language's
# toolchain for its reference; and the browser that its tests look at it with. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"
"$ROOT/.toolchains/all.sh"
"$ROOT/.toolchains/apt.sh" doxygen chromium-headless-shell
# Pinned: what a page looks like differs from version to version. mkdocstrings writes Python's reference, ruff lays it out.
pins=(mkdocs==1.6.1 mkdocs-material==9.8.2 mkdocstrings==1.0.8 mkdocstrings-python==2.0.11 ruff==0.17.6)
venv="$BYTESTORE_TOOLCHAINS/docs"

is_current() { [ -x "$venv/bin/mkdocs" ] && [ "$(cat "$venv/pins" 2>/dev/null)" = "${pins[*]}" ]; }

if is_current; then
    exit 0
fi
mkdir -p "$BYTESTORE_TOOLCHAINS"
exec 9>"$BYTESTORE_TOOLCHAINS/docs.lock"
flock 9
if is_current; then
    exit 0 # another installer was faster
fi
say "installing MkDocs into $venv"
python3 -m venv --clear "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "${pins[@]}"
printf '%s\n' "${pins[*]}" >"$venv/pins"
