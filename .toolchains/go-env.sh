# shellcheck shell=bash
# Sourced after env.sh by what builds Go: where cgo finds the library of this checkout.

export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"
export GOTOOLCHAIN=local GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=1
# Go's build cache does not look into C headers. A flag that changes with them makes it.
CGO_CFLAGS="-O2 -g -DBYTESTORE_HEADER=$(cat "$ROOT/include/bytestore.h" "$PKG_CONFIG_PATH/bytestore.pc" | sha256sum | cut -c 1-16)"
export CGO_CFLAGS
