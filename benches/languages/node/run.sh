#!/usr/bin/env bash
# Installs and runs the benchmark of the JavaScript binding: run.sh [--quick] [--out FILE].
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/node.sh"
if [ ! -e "$ROOT/target/lib/libbytestore.so.1" ]; then
    make -C "$ROOT" lib >&2
fi
here="$ROOT/benches/languages/node"
mapfile -t peers < <(node -p "Object.entries(require('$here/package.json').dependencies).map((each) => each.join('@')).join('\n')")
"$ROOT/bindings/node/install.sh" bench "${peers[@]}" >&2

. "$ROOT/benches/languages/options.sh"
cp "$here"/*.js "$ROOT/target/node/bench"
node --max-old-space-size=4096 "$ROOT/target/node/bench/main.js" "${quick[@]}" >>"$out"
