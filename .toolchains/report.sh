#!/usr/bin/env bash
# Installs what draws the plots of docs/performance.md: matplotlib, in a virtual environment of its own.
# Measuring needs none of it. Quiet when nothing is to do.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$(dirname "$0")/pip.sh"
matplotlib=matplotlib==3.11.2 # pinned: how an SVG is written differs from version to version

if environment_is_current report "$matplotlib"; then
    exit 0
fi
need_venv
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    missing "Python 3.11 with venv" "pyenv install 3.11"
fi
make_environment python3 report "$matplotlib"
