#!/usr/bin/env bash
# What the tests reach of the library, by branch and by line. Shallow: the C programs of the test suite on the shared
# object. Deep: those and all Rust tests. Knows no test; check.py says what is enough.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/llvm.sh"
"$ROOT/.toolchains/c.sh"
. "$ROOT/tests/reliability/gate.sh"
here=tests/reliability/coverage

# Branches are counted by stable Rust too, after it is told that this is meant. Optimised a little for the Rust tests: the
# counts are the same. The counters are in the file from the start (%c): those of the child of a fork, and of who ends with
# _exit, count too.
export RUSTFLAGS="-Cinstrument-coverage -Zcoverage-options=branch -Cllvm-args=-runtime-counter-relocation"
CARGO_PROFILE_DEV_OPT_LEVEL=$(by_form 0 1)
export RUSTC_BOOTSTRAP=1 CARGO_PROFILE_DEV_OPT_LEVEL "${quick_dev_build[@]}"
export LD_LIBRARY_PATH="$out/lib" LLVM_PROFILE_FILE="$out/counts/%p-%m%c.profraw"
objects=("$out/lib/libbytestore.so.1")

build_library() {
    cargo rustc --quiet --locked --lib "${without_servers[@]}" --crate-type cdylib --target-dir "$out" &&
        put_library "$out/debug/libbytestore.so" "$out/lib"
}

# program NAME SOURCE…: built and run.
program() {
    local name=$1
    shift
    gcc -std=c11 -D_GNU_SOURCE -O1 -g -Iinclude "$@" -o "$out/$name" -L"$out/lib" -lbytestore -pthread -lcjson
}

run_program() { "$@" >"$out/program.log" 2>&1 </dev/null || { tail -n 20 "$out/program.log" && return 1; }; }

# rust_tests NAME OPTION…: tests that cargo runs, and the programs that have the counters in them.
rust_tests() {
    local name=$1
    shift
    cargo test --locked --no-fail-fast --target-dir "$out" --message-format=json "$@" >"$out/$name.json" 2>"$out/$name.log" || {
        grep -E '^(test .* FAILED|error)' "$out/$name.log" "$out/$name.json" | head -n 20
        return 1
    }
    mapfile -t -O "${#objects[@]}" objects < <(sed -n 's/^{.*"executable":"\([^"]*\)".*/\1/p' "$out/$name.json")
}

reached() {
    local more=()
    for object in "${objects[@]:1}"; do
        more+=(-object "$object")
    done
    "$(llvm_tool llvm-profdata)" merge -sparse "$out"/counts/*.profraw -o "$out/all.profdata" || return
    export_as() { "$(llvm_tool llvm-cov)" export "${objects[0]}" "${more[@]}" -instr-profile="$out/all.profdata" "$@"; }
    export_as -format=text -skip-functions -skip-expansions >"$out/branches.json" || return
    export_as -format=lcov >"$out/lines.info" || return
    python3 "$here/check.py" "$form" "$out/branches.json" "$out/lines.info" "$here/unreached.toml"
}

rm -rf "$out/counts"
check "builds the library" build_library
check "builds abi" program abi tests/c/check.c tests/c/abi/*.c
check "builds conformance" program conformance tests/c/check.c tests/c/conformance/*.c
check "builds exhaustion" program exhaustion tests/c/check.c tests/c/abi/abi.c tests/c/alone/exhaustion.c
check "builds forks" program forks tests/c/check.c tests/c/abi/abi.c tests/c/alone/{forks,storm}.c
check "abi" run_program "$out/abi" --short
check "conformance" run_program "$out/conformance" --short tests/conformance/*.json
check "exhaustion" run_program "$out/exhaustion"
check "forks" run_program "$out/forks" --short
if [ "$form" = deep ]; then
    check "Rust tests" rust_tests all "${without_servers[@]}" --tests
    # What reads their URLs needs no servers.
    check "tests of URLs" rust_tests urls --no-default-features --features zstd,redis --lib store::remote::location
fi
check "reached" reached
end_gate
