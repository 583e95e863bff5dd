#!/usr/bin/env bash
# The documentation's site: it builds, each language's code in it runs and prints what the pages say, every link leads
# somewhere, and every page fits a desktop and a phone without a complaint of the browser's.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
. "$ROOT/.toolchains/go-env.sh"
cd "$ROOT"
out="$ROOT/target/docs-test"
examples="$ROOT/docs/site/examples"
mkdir -p "$out"
export PYTHONDONTWRITEBYTECODE=1 RUFF_CACHE_DIR="$out/ruff" MYPY_CACHE_DIR="$out/mypy"
site="$ROOT/target/python/site"

# --- Layout ---

# Narrower than the house's: a page of the site has room for so much.
width=96
pythons=(docs/site tests/docs)
narrow() { ! grep -nE "^.{$((width + 5))}" "$examples"/guide.*; }
check "the examples' lines are narrow" narrow
check "layout of C and C++" "$BYTESTORE_TOOLCHAINS/c/bin/clang-format" --dry-run --Werror "$examples"/guide.{c,cpp}
gofmt_clean() { [ -z "$(gofmt -l docs/site)" ]; }
check "layout of Go" gofmt_clean
check "vet of the writer of Go's reference" go vet docs/site/go_reference.go
check "layout of Rust" rustfmt --check --edition 2021 "$examples/guide.rs"
if swift format --version >/dev/null 2>&1; then
    check "layout of Swift" swift format lint --strict --configuration bindings/swift/.swift-format "$examples/guide.swift"
fi
prettier=("$BYTESTORE_TOOLCHAINS/node-modules/node_modules/.bin/prettier" --config bindings/node/.prettierrc.json)
check "layout of JavaScript" "${prettier[@]}" --print-width "$width" --check "$examples/guide.js"
check "layout of Python" ruff format --check --config bindings/python/pyproject.toml "${pythons[@]}"
check "lint of Python" ruff check --config bindings/python/pyproject.toml "${pythons[@]}"
check "types of Python" mypy --strict tests/docs
check "types of the site's hook" mypy --strict --python-executable "$BYTESTORE_TOOLCHAINS/docs/bin/python" docs/site/tree.py

# --- The code of the pages ---

build_c() {
    # shellcheck disable=SC2046
    gcc -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror "$examples/guide.c" -o "$out/c" \
        $(pkg-config --cflags --libs bytestore)
}

build_cpp() {
    # shellcheck disable=SC2046
    g++ -std=c++17 -Wall -Wextra -Wpedantic -Wconversion -Werror -I bindings/cpp/include "$examples/guide.cpp" \
        -o "$out/cpp" $(pkg-config --cflags --libs bytestore) -pthread
}

# In a module of its own that depends on the binding, as a reader's would.
build_go() {
    mkdir -p "$out/go"
    cp "$examples/guide.go" "$out/go/main.go"
    cat >"$out/go/go.mod" <<-MOD
	module guide
	go 1.23
	require github.com/bytestore/bytestore/bindings/go v0.0.0
	replace github.com/bytestore/bytestore/bindings/go => $ROOT/bindings/go
	MOD
    (cd "$out/go" && go vet . && go build -o guide .)
}

build_swift() {
    mkdir -p "$out/guide/Sources/guide"
    cp "$examples/guide.swift" "$out/guide/Sources/guide/main.swift"
    cat >"$out/guide/Package.swift" <<-PACKAGE
		// swift-tools-version: 5.9
		import PackageDescription
		let package = Package(
		    name: "guide",
		    dependencies: [.package(path: "$ROOT/bindings/swift")],
		    targets: [.executableTarget(name: "guide", dependencies: [.product(name: "Bytestore", package: "swift")])])
	PACKAGE
    swift build --package-path "$out/guide" --scratch-path "$out/guide/build" -Xswiftc -warnings-as-errors
}

build_python() { bindings/python/install.sh && MYPYPATH="$site" mypy --strict "$examples/guide.py"; }

build_rust() {
    mkdir -p "$out/rust/src"
    cp "$examples/guide.rs" "$out/rust/src/main.rs"
    cp Cargo.lock "$out/rust/"
    cat >"$out/rust/Cargo.toml" <<-TOML
	[package]
	name = "guide"
	version = "0.0.0"
	edition = "2021"
	[dependencies]
	bytestore = { path = "$ROOT" }
	[workspace]
	TOML
    # That nothing may abort is a rule of the library's own.
    cargo clippy --quiet --manifest-path "$out/rust/Cargo.toml" --target-dir target -- \
        -D warnings -A clippy::disallowed-methods &&
        cargo build --quiet --manifest-path "$out/rust/Cargo.toml" --target-dir target
}

# Where its users install it, programs find the package.
build_javascript() { bindings/node/install.sh && cp "$examples/guide.js" target/node/site/guide.js; }

# prints COMMAND…: beside a server, in an empty folder, exactly what the pages say that all languages print.
prints() {
    local folder
    folder=$(mktemp -d "$out/run.XXXXXX")
    grep -v -e '--8<--' "$examples/output.txt" >"$out/expected"
    # shellcheck disable=SC2016 # the inner shell expands these
    python3 tests/remote/with.py unix -- bash -c 'cd "$1" && STORE_URL="$BYTESTORE_TEST_URL" exec "${@:2}"' \
        bash "$folder" "$@" >"$out/printed" || { rm -rf "$folder" && return 1; }
    rm -rf "$folder"
    diff "$out/expected" "$out/printed"
}

check "C compiles" build_c
check "C prints what the pages say" prints "$out/c"
check "C++ compiles" build_cpp
check "C++ prints what the pages say" prints "$out/cpp"
check "Go compiles" build_go
check "Go prints what the pages say" prints "$out/go/guide"
check "Swift compiles" build_swift
check "Swift prints what the pages say" prints swift run --package-path "$out/guide" --scratch-path "$out/guide/build" --skip-build
check "Python is typed" build_python
check "Python prints what the pages say" prints env "PYTHONPATH=$site" python3 "$examples/guide.py"
check "Rust compiles" build_rust
check "Rust prints what the pages say" prints "$ROOT/target/debug/guide"
check "JavaScript's package is there" build_javascript
check "JavaScript prints what the pages say" prints node "$ROOT/target/node/site/guide.js"

# --- The site ---

check "the site builds" docs/site/build.sh
check "links lead somewhere" python3 tests/docs/links.py target/docs
check "pages fit, and say and ask nothing" python3 tests/docs/pages.py target/docs "$out/pictures"

echo "docs: $passed passed, $failed failed"
[ "$failed" = 0 ]
