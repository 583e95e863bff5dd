#!/usr/bin/env bash
# Builds the site into target/docs: the pages, and beside them what each language's own tool makes of its comments.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/.toolchains/go-env.sh"
here="$ROOT/docs/site"
site="$ROOT/target/docs"
made="$ROOT/target/site" # what tree.py adds to the pages
export PYTHONDONTWRITEBYTECODE=1

say "reference of Go"
rm -rf "$made"
mkdir -p "$made"
go run "$here/go_reference.go" "$ROOT/bindings/go" >"$made/go.md"

say "pages"
# Not --quiet: then it would not count its warnings, which --strict makes failures.
NO_MKDOCS_2_WARNING=1 "$BYTESTORE_TOOLCHAINS/docs/bin/mkdocs" build --strict --config-file "$here/mkdocs.yml"

# doxygen NAME SETTING…
doxygen_of() {
    mkdir -p "$site/api/$1"
    { cat "$here/Doxyfile" && printf '%s\n' "OUTPUT_DIRECTORY = $site/api/$1" "${@:2}"; } | doxygen -
}

say "references of C, C++, Swift, JavaScript and Rust"
doxygen_of c "PROJECT_NAME = bytestore.h" "INPUT = $ROOT/include" "OPTIMIZE_OUTPUT_FOR_C = YES"
doxygen_of cpp "PROJECT_NAME = bytestore.hpp" "INPUT = $ROOT/bindings/cpp/include" "FILE_PATTERNS = *.hpp"
"$ROOT/bindings/swift/reference.sh" "$site/api/swift"
"$ROOT/bindings/node/reference.sh" "$site/api/javascript"
cargo doc --quiet --no-deps --lib --manifest-path "$ROOT/Cargo.toml" --target-dir "$ROOT/target"
rm -rf "$site/api/rust"
cp -r "$ROOT/target/doc" "$site/api/rust"
# Some of its pages lead to a list of crates, which it writes for none.
echo '<meta http-equiv="refresh" content="0; url=bytestore/index.html">' >"$site/api/rust/index.html"
say "target/docs/index.html, or with its search: python3 -m http.server --directory target/docs"
