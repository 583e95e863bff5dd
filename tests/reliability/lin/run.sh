#!/usr/bin/env bash
# Linearizability: what a store of any kind answers to threads that ask at the same time, it could have answered one
# by one. Histories of batches, prefixes, counts, scans page by page, and time; porcupine checks each of them.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
"$ROOT/.toolchains/go.sh"
. "$ROOT/.toolchains/go-env.sh"
here=tests/reliability/lin
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"

layout() { [ -z "$(gofmt -l "$here")" ] && "$BYTESTORE_TOOLCHAINS/c/bin/clang-format" --dry-run --Werror "$here"/*.[ch]; }
build() { go -C "$here" vet . && go -C "$here" build -o "$out/lin" .; }
linearizable() {
    "$out/lin" -operations "$(by_form 1000000 10000000)" >"$out/lin.log" 2>&1 || { head -n 150 "$out/lin.log"; return 1; }
}
# Who sets batches in two calls is found out.
torn() { "$out/lin" -torn -operations 1000000 >"$out/torn.log" 2>&1; }
# counted NAME LOG: a number of the last line.
counted() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" "$2" | tail -n 1 | grep . || echo 0; }

"$ROOT/.toolchains/c.sh"
check layout layout
check build build
check "a torn batch is found" torn
started=$SECONDS
check linearizable linearizable
seconds=$((SECONDS - started))

# grouped NUMBER: 1,234,567.
grouped() { sed ':more; s/\B[0-9]\{3\}\>/,&/; t more' <<<"$1"; }

figure "$(grouped "$(counted batches "$out/lin.log")") operations of several keys (of $(grouped \
    "$(counted operations "$out/lin.log")"), $(grouped "$(counted overlapping "$out/lin.log")") beside others) in" \
    "$(grouped "$(counted histories "$out/lin.log")") histories of 3 clients on 8 kinds of stores, checked by" \
    "porcupine: $(counted violations "$out/lin.log") violations, $(counted unknown "$out/lin.log") not decided, $seconds s; batches set in two calls are found in" \
    "$(counted histories "$out/torn.log") histories"
end_gate
