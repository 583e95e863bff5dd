#!/usr/bin/env bash
# The instructions that each hot path takes, as callgrind counts them, against the recorded budget. Knows no path.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
out="$ROOT/target/budget"
. "$ROOT/tests/c/native.sh"

source=tests/budget/hot_paths.c budget=tests/budget/budget.txt
dumps="$out/dumps"

# Without what only some CPUs have, glibc copies and compares in the same way on all of them. ERMS above all: its
# copies are one instruction, which callgrind counts once a byte. And whether a free() merges all small chunks is
# luck: without those (mxfast) there is nothing to merge.
steady=glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-SSSE3,-SSE4_1,-ERMS,-FSRM:glibc.malloc.mxfast=0

build() {
    rm -f "$out/hot_paths"
    # shellcheck disable=SC2046
    gcc -std=c11 -D_GNU_SOURCE -O2 -g "${c_warnings[@]}" "$source" -o "$out/hot_paths" $(library_flags) -Wl,-z,now
}

count_instructions() {
    rm -rf "$dumps" && mkdir "$dumps" || return
    GLIBC_TUNABLES=$steady plain valgrind --tool=callgrind --instr-atstart=no \
        --callgrind-out-file="$dumps/paths" "$out/hot_paths" 1
}

# scaled FACTOR: the figures against the budget times that.
scaled() {
    awk -v "factor=$1" '$1 == "path" { $3 *= factor } 1' "$budget" >"$out/scaled.txt"
    python3 tests/budget/check.py --budget "$out/scaled.txt"
}

check "layout" in_layout "$source"
check "builds hot_paths" build
check "callgrind counts" count_instructions
arch=$(uname -m)
recorded=$(sed -n 's/^arch //p' "$budget")
if [ "${recorded:-$arch}" = "$arch" ]; then
    tests paths paths python3 tests/budget/check.py
    must_fail "a path above its budget fails" '^FAILED .* above its budget' scaled 0.8
    must_fail "a path far below its budget fails" '^FAILED .* record the gain' scaled 1.3
else
    say "the budget was recorded on $recorded, this is $arch: nothing to compare"
fi

echo "budget: $passed passed, $failed failed"
[ "$failed" = 0 ]
