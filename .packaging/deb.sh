#!/usr/bin/env bash
# Makes Debian's packages in target/deb of what `make lib static` built. To package the source as Debian does, copy
# .packaging/debian to debian.
set -euo pipefail
. "$(dirname "$0")/../.toolchains/env.sh"
"$ROOT/.toolchains/apt.sh" debhelper dpkg-dev
cd "$ROOT"
rm -rf target/deb
mkdir -p target/deb/bytestore
cp -r .packaging/debian target/deb/bytestore/
cd target/deb/bytestore
# The toolchain may be none of Debian's packages.
SOURCE=$ROOT dpkg-buildpackage --build=binary --no-sign --no-check-builddeps --no-pre-clean >../log 2>&1 || { cat ../log >&2 && exit 1; }
cd ..
rm -r bytestore
printf 'target/deb/%s\n' *.deb
