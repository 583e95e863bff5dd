#!/usr/bin/env bash
# One store by name, seen by Python, C++ and Go in one process. Builds the parts as users would, and runs them.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
. "$ROOT/.toolchains/go-env.sh"
cd "$ROOT/tests/together"
out="$ROOT/target/together"
mkdir -p "$out"
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$ROOT/target/python/site"

format() {
    local changes
    "$BYTESTORE_TOOLCHAINS/c/bin/clang-format" --dry-run --Werror part.cpp || return
    changes=$(gofmt -d go) || return
    printf '%s' "$changes"
    [ -z "$changes" ]
}

build_cpp() {
    read -ra flags <<<"$(pkg-config --cflags --libs bytestore)"
    g++ -std=c++17 -O1 -Wall -Wextra -Wpedantic -Werror -shared -fPIC -I "$ROOT/bindings/cpp/include" part.cpp \
        -o "$out/cpp.so" "${flags[@]}" -pthread
}

build_go() { (cd go && go vet . && go build -buildmode=c-shared -o "$out/go.so" .); }

# The same run must fail where the store has no name.
nameless_fails() {
    sed 's/memory:together/memory:/' together.py >"$out/nameless.py"
    ! python3 "$out/nameless.py" "$out/cpp.so" "$out/go.so" python 2>/dev/null
}

echo "--- wheel: ./install.sh"
"$ROOT/bindings/python/install.sh"
check format format
check "C++ part" build_cpp
check "Go part" build_go
for first in python cpp go; do
    check "$first first" python3 together.py "$out/cpp.so" "$out/go.so" "$first"
done
check "a store without a name is not shared" nameless_fails
echo "together: $passed passed, $failed failed"
[ "$failed" = 0 ]
