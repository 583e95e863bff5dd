#!/usr/bin/env bash
# Installs what `make lib static` built, or takes it away again: install.sh install|uninstall, called by make, which says
# by PREFIX, LIBDIR, INCLUDEDIR, MANDIR, DOCDIR and DESTDIR where to. Builds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
action=$1
: "${PREFIX:?}" "${LIBDIR:?}" "${INCLUDEDIR:?}" "${MANDIR:?}" "${DOCDIR:?}" "${VERSION:?}" "${ABI:?}" "${RELEASED:?}"

# put MODE SOURCE TARGET
put() {
    if [ "$action" = install ]; then
        install -D -m "$1" "$2" "${DESTDIR:-}$3"
    else
        rm -f "${DESTDIR:-}$3"
    fi
}

# link NAME LINK: a link to a file beside it.
link() {
    if [ "$action" = install ]; then
        ln -sf "$1" "${DESTDIR:-}$2"
    else
        rm -f "${DESTDIR:-}$2"
    fi
}

# filled TEMPLATE TARGET NAME=VALUE…
filled() {
    local made
    made=$(mktemp)
    .packaging/fill.sh ".packaging/$1" version="$VERSION" abi="$ABI" "${@:3}" >"$made"
    put 644 "$made" "$2"
    rm -f "$made"
}

# from FOLDER TARGET: the way that leads there, so that all of it can be moved.
from() { realpath -m -s --relative-to="$1" "$2"; }

put 755 target/lib/libbytestore.so.1 "$LIBDIR/libbytestore.so.$VERSION"
link "libbytestore.so.$VERSION" "$LIBDIR/libbytestore.so.$ABI"
link "libbytestore.so.$ABI" "$LIBDIR/libbytestore.so"
put 644 target/lib/libbytestore.a "$LIBDIR/libbytestore.a"

put 644 include/bytestore.h "$INCLUDEDIR/bytestore.h"
for header in bytestore.hpp bytestore/; do
    for file in bindings/cpp/include/"$header"*; do
        put 644 "$file" "$INCLUDEDIR/${file#bindings/cpp/include/}"
    done
done

libs=$(cat target/lib/libbytestore.a.libs 2>/dev/null || true)
# shellcheck disable=SC2016 # pkg-config's variables
for file in bytestore.pc bytestore-static.pc; do
    filled "$file.in" "$LIBDIR/pkgconfig/$file" libs="$libs" prefix='${pcfiledir}/'"$(from "$LIBDIR/pkgconfig" "$PREFIX")" \
        libdir='${prefix}/'"$(from "$PREFIX" "$LIBDIR")" includedir='${prefix}/'"$(from "$PREFIX" "$INCLUDEDIR")"
done
cmake="$LIBDIR/cmake/bytestore"
names=${libs//-l/}
filled bytestore-config.cmake.in "$cmake/bytestore-config.cmake" \
    includedir="$(from "$cmake" "$INCLUDEDIR")" libs="${names// /;}"
filled bytestore-config-version.cmake.in "$cmake/bytestore-config-version.cmake"
parts=()
for part in names synopsis conventions caveats types functions errors example; do
    parts+=("$part=$(awk -v "part=$part" -f .packaging/manual.awk include/bytestore.h)")
done
filled bytestore.3.in "$MANDIR/man3/bytestore.3" "${parts[@]}" date="$(date -u -d "$RELEASED" '+%B %-d, %Y')"
put 644 LICENSE "$DOCDIR/LICENSE"
put 644 THIRD-PARTY-LICENSES "$DOCDIR/THIRD-PARTY-LICENSES"

if [ "$action" = uninstall ]; then
    rmdir --ignore-fail-on-non-empty "${DESTDIR:-}$cmake" "${DESTDIR:-}$INCLUDEDIR/bytestore" "${DESTDIR:-}$DOCDIR" 2>/dev/null || true
fi
