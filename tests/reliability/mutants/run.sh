#!/usr/bin/env bash
# Changes the library's source in many small ways, one at a time: some test must fail for each (cargo-mutants). Those that
# none fails for are listed in survivors.txt, each with a reason. Knows no test.
# What counts is the mutation score: the share that is killed of the changes that are any. Those that leave a caller all he
# can see ("same: " before the reason) are none, as usual (Jia and Harman, An Analysis and Survey of the Development of
# Mutation Testing, IEEE TSE 37(5), 2011, section II); the share with them is printed, too.
# Nearly all are in one program, which is built once and told which one to make (woven.py, tried.py); what does not compile
# there, or is computed by the compiler, cargo-mutants builds and tries alone.
# Shallow: that the list still fits the source. Deep: all. Options of cargo-mutants behind the form choose among them:
# `deep --shard 7/60 --sharding round-robin`, `deep -f src/engine/bounds.rs`.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
here=tests/reliability/mutants
weaver=$out/weaver
enough=95 # per cent of the changes that compile and are any
sample=("${@:2}")

# Unsafe code is Miri's and the sanitizers'; the others are tests themselves, or compiled elsewhere alone: `absent.rs` where
# servers are left out, `be_quiet` in the library for C.
all=(cargo mutants --no-config --exclude-re='\bbe_quiet\b'
    --exclude='src/sys/**' --exclude='src/store/remote/**' --exclude='src/store/absent.rs'
    --exclude='src/engine/gate/**' --exclude='src/faults.rs'
    --exclude='src/**/tests.rs' --exclude='src/**/tests/**' --exclude='src/**/check.rs' --exclude='src/**/model.rs')

# listed [REASON]: the changes in survivors.txt, all or those whose reason begins like this.
listed() { sed -n "s/^\(src\/.*[^ ]\) *| ${1:-}[^|]*\$/\1/p" "$here/survivors.txt"; }
# as_listed: of changes as cargo-mutants names them, with a line number that every edit changes, the names that
# survivors.txt may have: FILE: CHANGE for all places that are alike, FILE: CHANGE #N for the Nth in the file.
as_listed() {
    awk 'function bare(name) { sub(/:[0-9]+:[0-9]+: /, ": ", name); return name }
        FNR == 1 { part++ }
        part == 1 { listed[$0] }
        part == 2 { place[$0] = bare($0) " #" ++places[bare($0)] }
        part == 3 { print place[$0] in listed ? place[$0] : bare($0) }' \
        <(listed) "$out/all" -
}

# Each is a change that could still be made, with a reason.
list_fits() {
    local change file function
    grep -E '^src/' "$here/survivors.txt" | grep -vE '^src/.+ \| [^|]+$' && return 1
    while read -r change; do
        file=${change%%: *}
        function=$(sed -E 's/ #[0-9]+$//; s/.* in (.+)$/\1/; t name; s/^[^ ]+ replace //; s/ (with|->) .*//; :name; s/.*:://' <<<"$change")
        [[ $function =~ ^[a-z_0-9]+$ ]] || function='' # a constant's change names none
        grep -qE "fn $function\b" "$file" || {
            echo "not there any more: $change"
            return 1
        }
    done < <(listed)
}

# --- In one program ---

weaves() { cargo "$1" --quiet --locked --manifest-path "$here/Cargo.toml" --target-dir "$weaver" "${@:2}"; }
in_order() { cargo fmt --check --manifest-path "$here/Cargo.toml"; }
# All changes, in the order of their places, and those to try.
list() {
    "${all[@]}" --list | sort -t : -k 1,1 -k 2,2n -k 3,3n >"$out/all" &&
        "${all[@]}" --list --json "${sample[@]}" >"$out/changes.json"
}
same() {
    paste <(as_listed <"$out/all") "$out/all" |
        awk -F '\t' 'NR == FNR { same[$0]; next } $1 in same { print $2 }' <(listed 'same: ') -
}
woven() { python3 "$here/woven.py" "$out/changes.json" "$out/copy" "$weaver/release/bytestore-mutants" "$out/woven"; }
tried() { same >"$out/same" && python3 "$here/tried.py" "$out/changes.json" "$out/copy" "$out/same"; }

# --- Alone ---

# alone STEP NAMES OPTION…: those changes, with the tests that the options choose; what is made of them is in
# $out/STEP/mutants.out. It goes on as if all others had been caught before. Without names for debuggers, which nobody
# reads. Optimised a little, the tests would take 7 s instead of 40, and the compiler 50 instead of 5. The first test that
# fails ends the others, which only a nightly's harness has an option for.
alone() {
    local results="$out/$1/mutants.out" status=0
    rm -rf "${out:?}/$1"
    mkdir -p "$results" && touch "$results"/{caught,timeout,missed,unviable}.txt
    [ -s "$2" ] || return 0
    grep -vxFf "$2" "$out/all" >"$results/caught.txt"
    RUSTC_BOOTSTRAP=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR="$out/build" "${all[@]}" --jobs 1 --iterate \
        --minimum-test-timeout 60 --output "$out/$1" "${@:3}" -- -- -Zunstable-options --fail-fast >"$out/$1/log" 2>&1 ||
        status=$?
    case $status in 0 | 2 | 3) ;; *) tail -n 20 "$out/$1/log" && return 1 ;; esac
}
# The unit tests see most, and are built by one run of the compiler. What the C ABI has of its own is in the C suite.
unit_tests() { alone unit "$out/copy.alone" --cargo-arg=--lib; }
other_tests() { alone others "$out/unit/mutants.out/missed.txt" --cargo-arg=--test={abi,ffi,model,named,compute,process,conformance}; }

# --- Both ---

killed() { cat "$out"/copy.{killed,timeout} "$out"/{unit,others}/mutants.out/{caught,timeout}.txt; }
missed() { cat "$out/copy.missed" "$out/others/mutants.out/missed.txt"; }
per_mille() { echo "$((1000 * $1 / ($2 > 0 ? $2 : 1)))/1000"; }
enough_killed() {
    local killed survived same any
    killed=$(killed | wc -l) survived=$(missed | wc -l)
    same=$(missed | grep -cxFf "$out/same" || true)
    any=$((killed + survived - same))
    figure "$killed of $any changes to the source make a test fail, $(per_mille "$killed" "$any");" \
        "$same others change nothing a caller can see (with them $(per_mille "$killed" $((any + same))))," \
        "$(wc -l <"$out/unit/mutants.out/unviable.txt") do not compile${sample[*]:+ (${sample[*]})}"
    [ "$any" -gt 0 ] && [ $((100 * killed)) -ge $((enough * any)) ]
}

survivors_are_listed() { ! missed | as_listed | grep -vxFf <(listed); }

check "the list fits the source" list_fits
figure "$(listed | wc -l) changes listed that no test can tell, each with a reason"
check "layout" in_order
if [ "$form" = deep ]; then
    "$ROOT/.toolchains/mutants.sh"
    check "lint" weaves clippy -- -D warnings
    check "builds" weaves build --release
    check "list" list
    check "in one program" woven
    check "each is tried" tried
    check "alone: unit tests" unit_tests
    check "alone: other tests" other_tests
    check "enough are killed" enough_killed
    check "the others are listed" survivors_are_listed
fi
end_gate
