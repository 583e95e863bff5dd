#!/usr/bin/env bash
# Builds the accelerator into target/python/accelerator, from where the wheel takes it. Cargo knows what is current.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/rust.sh"
. "$ROOT/.toolchains/env.sh" # what was installed just now
out="$ROOT/target/python/accelerator"
cd "$ROOT/bindings/python/accelerator"
PYO3_NO_PYTHON=1 cargo build --quiet --locked --release --target-dir "$out/build"
install -D "$out/build/release/lib_accelerator.so" "$out/_accelerator.abi3.so.new"
mv "$out/_accelerator.abi3.so.new" "$out/_accelerator.abi3.so"
