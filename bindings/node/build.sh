#!/usr/bin/env bash
# Builds the npm package into target/node/bytestore.tgz, around the library that `make lib` built. It is made in a copy,
# target/node/package, beside the modules that the toolchain installed: nothing is left in the sources.
# Sourced by who goes on under the same lock.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../.toolchains/env.sh"
out="$ROOT/target/node"
package="$out/package"
mkdir -p "$out"

exec 9>"$out/build.lock" # a test run and a demonstration may come together
flock 9
rm -rf "$package"
cp -r "$ROOT/bindings/node" "$package"
cp "$ROOT"/{README.md,LICENSE,THIRD-PARTY-LICENSES} "$package"
ln -s "$BYTESTORE_TOOLCHAINS/node-modules/node_modules" "$package/node_modules"
install -D "$ROOT/target/lib/libbytestore.so.1" "$package/native/linux-$(node -p process.arch)/libbytestore.so.1"
(
    cd "$package"
    npm run --silent build
    npm pack --silent --pack-destination "$out" >"$out/packed"
)
mv "$out/$(cat "$out/packed")" "$out/bytestore.tgz"
