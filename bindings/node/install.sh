#!/usr/bin/env bash
# Builds the package from this checkout and installs it into target/node/site, where the demonstration and the benchmark
# run as a user's programs would: install.sh [PACKAGE…], with what they need beside. Leaves alone what is current.
set -euo pipefail
. "$(dirname "$0")/build.sh"
site="$out/site"

wanted=$(sha256sum "$out/bytestore.tgz"; printf '%s\n' "$@")
if [ "$(cat "$out/installed" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
rm -rf "$site" "$out/installed"
mkdir "$site"
printf '{ "private": true, "type": "module" }\n' >"$site/package.json"
npm install --prefix "$site" --silent --no-audit --no-fund "$out/bytestore.tgz" "$@"
printf '%s\n' "$wanted" >"$out/installed"
