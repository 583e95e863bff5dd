#!/usr/bin/env bash
# flood: chosen keys cost no more than half as much again as random ones. Sets that collide under hash functions that are
# known, under a seed of the library's own, or that are alike; no two stores or processes have one order of buckets; and
# where all keys do have one hash, every answer is still right. Work is counted, as instructions; no time is.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
out="$ROOT/target/reliability/flood"
. "$ROOT/tests/c/native.sh"
. "$ROOT/tests/reliability/gate.sh"
.toolchains/c.sh
make --silent lib

here=tests/reliability/flood
own="$out/own/release/own-hash"
bits=$(by_form 12 16)

# last LOG LABEL: how many of a program's tests passed.
last() { sed -n "s/^$2: \([0-9]*\) passed, 0 failed\$/\1/p" "$out/$1.log" | tail -n 1 | grep .; }

# --- Keys ---

build_own() { cargo build --quiet --locked --release --manifest-path "$here/own/Cargo.toml" --target-dir "$out/own"; }
own_keys() { for length in 8 16 60 100 400; do "$own" collide "$length" $((1 << bits)) >"$out/own-$length" || return; done; }

build_flood() {
    # shellcheck disable=SC2046
    gcc -std=gnu11 -O2 -g "${c_warnings[@]}" -Wno-pedantic "$here"/*.c -o "$out/flood" $(library_flags) -Wl,-z,now
}

count_instructions() {
    local files=() length
    for length in 8 16 60 100 400; do files+=("own-$length" "$out/own-$length" "$length"); done
    rm -rf "$out/dumps" && mkdir "$out/dumps" || return
    plain valgrind --quiet --tool=callgrind --instr-atstart=no --callgrind-out-file="$out/dumps/sets" \
        "$out/flood" "$bits" "${files[@]}"
}

check "layout" in_layout "$here"/*.[ch]
check "format of own-hash" cargo fmt --manifest-path "$here/own/Cargo.toml" --check
check "builds own-hash" build_own
check "keys for a seed that is known" own_keys
check "builds flood" build_flood
check "callgrind counts" count_instructions
tests sets sets python3 "$here/compare.py" "$out/dumps"

# --- Orders ---

stores=$(by_form 500 5000) processes=$(by_form 10 100)
orders() { for ((process = 0; process < processes; process++)); do "$own" order "$stores" || return; done | sort >"$out/orders"; }
no_two_are_equal() { [ "$(wc -l <"$out/orders")" = $((stores * processes)) ] && [ -z "$(uniq -d "$out/orders")" ]; }
check "orders of buckets" orders
check "no two are equal" no_two_are_equal

# --- One hash for all keys ---

one_hash() { LD_LIBRARY_PATH="$out/one-hash/lib" "$@"; }
build_one_hash() {
    # Where every key meets every other one, optimised; the checks of the dev profile stay.
    env RUSTFLAGS="--cfg bytestore_one_hash" CARGO_PROFILE_DEV_OPT_LEVEL=2 "${quick_dev_build[@]}" cargo rustc --quiet \
        --locked --lib "${without_servers[@]}" --crate-type cdylib --target-dir "$out/one-hash" || return
    put_library "$out/one-hash/debug/libbytestore.so" "$out/one-hash/lib"
}
build_program() {
    # shellcheck disable=SC2046
    gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" "${@:2}" -o "$out/$1" $(library_flags) -pthread -lcjson
}
check "builds the library with one hash" build_one_hash
check "builds the conformance suite" build_program conformance tests/c/conformance/*.c
tests conformance conformance one_hash "$out/conformance" --short tests/conformance/*.json
rest='' # that passes, too
if [ "$form" = deep ]; then
    check "builds the tests of the C ABI" build_program abi tests/c/check.c tests/c/abi/*.c
    tests abi abi one_hash "$out/abi" --short
    rest=" and $(last abi abi) tests of the C ABI"
fi
figure "$(last sets sets) sets of $((1 << bits)) keys, $(sed -n 's/^worst: /the worst takes /p' "$out/sets.log" | grep .)"
figure "$(sort -u "$out/orders" | wc -l) stores in $processes processes, as many orders of buckets"
figure "with one hash for all keys: $(last conformance conformance) conformance cases$rest pass"
# shellcheck disable=SC2119 # the gates', not the suites'
end_gate
