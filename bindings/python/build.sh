#!/usr/bin/env bash
# Builds the wheel and the source distribution into target/python/dist, around the library that `make lib` built.
# Sourced by install.sh too, which goes on under the same lock.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../.toolchains/env.sh"
out="$ROOT/target/python"
export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$out"
cd "$ROOT/bindings/python"

exec 9>"$out/build.lock" # a test run and a demonstration may come together
flock 9
accelerator/build.sh
rm -rf "$out/dist"
mkdir "$out/dist"
python3 wheel_backend.py "$out/dist"
