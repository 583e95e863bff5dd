#!/usr/bin/env bash
# Builds the package from this checkout and installs it into a folder of target/node, where the demonstration and the
# benchmark run as a user's programs would: install.sh [FOLDER [PACKAGE…]], by default site. Leaves alone what is current.
set -euo pipefail
. "$(dirname "$0")/build.sh"
site="$out/${1:-site}"
shift || true

wanted=$(sha256sum "$out/bytestore.tgz" && printf '%s\n' "$@")
if [ "$(cat "$site/installed" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
rm -rf "$site"
mkdir "$site"
printf '{ "private": true, "type": "module" }\n' >"$site/package.json"
npm install --prefix "$site" --silent --no-audit --no-fund "$out/bytestore.tgz" "$@"
printf '%s\n' "$wanted" >"$site/installed"
