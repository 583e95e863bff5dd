#!/usr/bin/env bash
# Tries the packages in target/python/dist as users meet them: the wheel in an empty virtual environment of a
# CPython of each minor version from 3.10 on that is here, the source distribution with cargo and without. pip asks no index.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
cp "$ROOT"/target/python/dist/* "$away"
cd "$away"
wheel=$(echo ./*.whl) sdist=$(echo ./*.tar.gz)
mkdir unpacked
tar -xzf "$sdist" -C unpacked --strip-components=1
unset PYTHONPATH CARGO_TARGET_DIR
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INDEX=1

# pythons: VERSION and PATH of one of each minor version that has what a virtual environment needs, the oldest first.
pythons() {
    local python
    for python in $(type -aP python3 python3.{10..19}) "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3; do
        "$python" -c "
import ensurepip, sys, venv
if sys.version_info >= (3, 10) and sys.implementation.name == 'cpython' and not sys.abiflags:
    print('%d.%d' % sys.version_info[:2], sys.executable)" 2>/dev/null || true
    done | sort --version-sort --unique --key=1,1
}

# in_empty_environment NAME PYTHON PACKAGE: installs it there, and runs what needs nothing else. One pip serves all: to
# unpack one in each environment would take most of the time.
in_empty_environment() {
    "$2" -m venv --without-pip "$1" && python3 -m pip --python "$1/bin/python" install --quiet "$3" &&
        "$1/bin/python" -W error unpacked/bindings/python/tests/standalone.py
}

says_what_is_missing() {
    "$1" -m venv without-cargo || return
    if PATH="$PWD/without-cargo/bin" pip install "$sdist" >without-cargo.log 2>&1; then
        return 1
    fi
    grep 'bytestore is built with cargo, which is not on PATH. Install Rust' without-cargo.log
}

mapfile -t found < <(pythons)
[ ${#found[@]} -gt 0 ] || missing "Python 3.10 with venv" "apt-get install python3-venv"
read -r version python <<<"${found[0]}"
# How well it is optimised is no part of this.
(export "${quick_build[@]}" && in_empty_environment from-source "$python" "$sdist") >from-source.log 2>&1 &
building=$!
for each in "${found[@]}"; do
    check "wheel with Python $each" in_empty_environment "${each%% *}" "${each#* }" "$wheel"
done
check "source distribution without cargo" says_what_is_missing "$python"
check "source distribution with Python $version" wait "$building"
cat from-source.log

echo "packages: $passed passed, $failed failed"
[ "$failed" = 0 ]
