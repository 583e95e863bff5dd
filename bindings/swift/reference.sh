#!/usr/bin/env bash
# Builds the module's reference into a folder: reference.sh FOLDER. DocC makes it of the symbol graph that the compiler
# finds in the sources, and of Sources/Bytestore/Bytestore.docc; what it warns of is a failure. The graph stays in
# target/swift/docs/symbols.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
package="$ROOT/bindings/swift"
folder=$1
built="$ROOT/target/swift/docs"
symbols="$built/symbols"
log="$built/build.log"
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"

mkdir -p "$built"
swift build --package-path "$package" --scratch-path "$built" --target Bytestore -Xswiftc -emit-symbol-graph \
    -Xswiftc -emit-symbol-graph-dir -Xswiftc "$symbols" -Xswiftc -symbol-graph-minimum-access-level -Xswiftc public \
    >"$log" 2>&1 || { cat "$log" >&2 && exit 1; }
rm -rf "$folder"
docc convert "$package/Sources/Bytestore/Bytestore.docc" --additional-symbol-graph-dir "$symbols" --warnings-as-errors \
    --fallback-display-name Bytestore --fallback-bundle-identifier bytestore --hosting-base-path /_ --output-path "$folder"

# The pages are made for one place of one server, here /_. With addresses that count from each page they may stand anywhere.
find "$folder" -name index.html -printf '%P\n' | while IFS= read -r page; do
    up=$(dirname "$page" | sed -E 's|^\.$||; s|[^/]+/?|../|g')
    sed -i "s|var baseUrl = \"/_/\"|var baseUrl = new URL(\"${up:-./}\", location).pathname|; s|\"/_/|\"${up:-./}|g" "$folder/$page"
done
# There is no page of its own here; their scripts know folders, and no index.html.
echo '<meta http-equiv="refresh" content="0; url=documentation/bytestore/">' >"$folder/index.html"
echo '{}' >"$folder/theme-settings.json" # they ask for it, and a browser complains where there is none
