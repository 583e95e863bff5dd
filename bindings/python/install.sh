#!/usr/bin/env bash
# Builds the wheel from this checkout and installs it into target/python/site, where the demonstrations and benchmarks
# find it with PYTHONPATH: they run what a user would have. Leaves alone what is current.
set -euo pipefail
. "$(dirname "$0")/build.sh" >/dev/null

wanted=$(sha256sum "$out"/dist/*.whl)
if [ "$(cat "$out/installed.sha256" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
rm -rf "$out/site" "$out/installed.sha256"
python3 -m pip install --quiet --disable-pip-version-check --no-index --no-deps --target "$out/site" "$out"/dist/*.whl
printf '%s\n' "$wanted" >"$out/installed.sha256"
