#!/usr/bin/env bash
# Builds the wheel from this checkout and installs it into target/python/site, where the tests and the
# demonstrations find it with PYTHONPATH: they run what a user would have. Prints nothing when all is well.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
out="$ROOT/target/python"
mkdir -p "$out"

exec 9>"$out/install.lock" # a test run and a demonstration may come together
flock 9
rm -rf "$out/wheel" "$out/site"
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir "$out/wheel" "$ROOT/bindings/python"
python3 -m pip install --quiet --no-index --no-deps --target "$out/site" "$out/wheel"/*.whl
