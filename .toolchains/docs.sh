#!/usr/bin/env bash
# Installs what builds the documentation's site: MkDocs in a virtual environment of its own, Doxygen, and every language's
# toolchain for its reference; and the browser that its tests look at it with. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$(dirname "$0")/pip.sh"
"$ROOT/.toolchains/all.sh"
"$ROOT/.toolchains/apt.sh" doxygen chromium-headless-shell
# Pinned: what a page looks like differs from version to version. mkdocstrings writes Python's reference, ruff lays it out.
pins=(mkdocs==1.6.1 mkdocs-material==9.8.2 mkdocstrings==1.0.8 mkdocstrings-python==2.0.11 ruff==0.17.6)

if ! environment_is_current docs "${pins[@]}"; then
    make_environment python3 docs "${pins[@]}"
fi
