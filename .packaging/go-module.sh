#!/usr/bin/env bash
# Makes the Go module as it is released, with the library that `make static` built: go-module.sh VERSION DATE OUTPUT, a
# folder as a module proxy serves it, where earlier versions stay. To the sources in bindings/go comes .packaging/go/overlay.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
version=$1 released=$2 output=$(realpath -m "$3")
cd "$ROOT"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of the tests only the examples, which are part of the package's page.
mkdir "$work/module"
find bindings/go -maxdepth 1 -type f \( ! -name '*_test.go' -o -name 'example*_test.go' \) -exec cp -t "$work/module" {} +
cp -r .packaging/go/overlay/. LICENSE THIRD-PARTY-LICENSES "$work/module"
.packaging/fill.sh .packaging/go/overlay/link_vendored.go.in libs="$(cat target/lib/libbytestore.a.libs)" \
    >"$work/module/link_vendored.go"
rm "$work/module/link_vendored.go.in"
cp include/bytestore.h "$work/module/internal/library"
# The archive is one object, and that is all that a .syso file is.
ar p target/lib/libbytestore.a >"$work/module/internal/library/bytestore_linux_amd64.syso"
strip --strip-unneeded "$work/module/internal/library/bytestore_linux_amd64.syso"

cd .packaging/go
GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly go run . "$work/module" "v$version" "$released" "$output"
find "$output" -name "v$version.zip"
