#!/usr/bin/env bash
# Builds the wheel from this checkout and installs it into target/python/site, where the tests and the
# demonstrations find it with PYTHONPATH: they run what a user would have. Does nothing when that is current.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
out="$ROOT/target/python"
accelerator="$out/accelerator/_accelerator.abi3.so"
mkdir -p "$out"
cd "$ROOT/bindings/python"

stamp() {
    { printf '%s\0' pyproject.toml wheel_backend.py "$ROOT/target/lib/libbytestore.so.1" "$accelerator" &&
        find src -name '*.py*' -print0 | sort -z; } | xargs -0 sha256sum
}

exec 9>"$out/install.lock" # a test run and a demonstration may come together
flock 9
accelerator/build.sh
wanted=$(stamp)
if [ "$(cat "$out/installed.sha256" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
rm -rf "$out/wheel" "$out/site" "$out/installed.sha256"
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir "$out/wheel" .
python3 -m pip install --quiet --no-index --no-deps --target "$out/site" "$out/wheel"/*.whl
printf '%s\n' "$wanted" >"$out/installed.sha256"
