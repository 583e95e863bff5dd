#!/usr/bin/env bash
# Installs Python 3.11 or newer (what the tests' LangChain wants; the package itself takes 3.10)
# and a virtual environment with the tools and libraries the Python tests are pinned to.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$(dirname "$0")/pip.sh"
"$ROOT/.toolchains/redis.sh" # the server that its tests start
wanted=3.11
venv="$BYTESTORE_TOOLCHAINS/python"
pins=(--requirement "$ROOT/bindings/python/requirements-test.txt")

# The first Python on PATH that is recent and not the virtual environment itself.
base_python() {
    local python
    for python in $(type -aP python3 python3.{11..14}); do
        case $python in "$venv"/*) continue ;; esac
        if "$python" -c "import sys, ensurepip, venv; sys.exit(sys.version_info < (${wanted/./, }))" 2>/dev/null; then
            printf '%s' "$python"
            return
        fi
    done
    return 1
}

if environment_is_current python "${pins[@]}"; then
    exit 0
fi
if ! base_python >/dev/null; then
    "$ROOT/.toolchains/apt.sh" ca-certificates python3 python3-pip python3-venv
    hash -r
fi
python=$(base_python) || missing "Python $wanted with venv" "pyenv install $wanted"
make_environment "$python" python "${pins[@]}"
