#!/usr/bin/env bash
# Changes the library's source in many small ways, one at a time: some test must fail for each (cargo-mutants). Those that
# none fails for are listed in survivors.txt, each with a reason. Knows no test.
# What counts is the mutation score: the share that is killed of the changes that are any. Those that leave a caller all he
# can see ("same: " before the reason) are none, as usual (Jia and Harman, An Analysis and Survey of the Development of
# Mutation Testing, IEEE TSE 37(5), 2011, section II); the share with them is printed, too.
# Shallow: that the list still fits the source. Deep: half an hour, every SAMPLES-th change; with which one it begins says
# the day of the year, so that as many nights try all. Options of cargo-mutants behind the form take the sample's place:
# `deep --shard 7/60 --sharding round-robin` is another, `deep -f src/engine/bounds.rs` a whole file, `deep -f 'src/**'` all.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
here=tests/reliability/mutants
enough=95 # per cent of the changes that compile and are any
SAMPLES=60

today=$((10#$(date +%j) % SAMPLES))
sample=(--shard "$today/$SAMPLES" --sharding round-robin)
if [ $# -gt 1 ]; then sample=("${@:2}"); fi

# Unsafe code is Miri's and the sanitizers'; the others are tests themselves, or compiled elsewhere alone: `absent.rs` where
# servers are left out, `be_quiet` in the library for C.
all=(cargo mutants --no-config --exclude-re='\bbe_quiet\b'
    --exclude='src/sys/**' --exclude='src/store/remote/**' --exclude='src/store/absent.rs'
    --exclude='src/engine/gate/**' --exclude='src/faults.rs'
    --exclude='src/**/tests.rs' --exclude='src/**/tests/**' --exclude='src/**/check.rs' --exclude='src/**/model.rs')

# Without line numbers, which change with every edit: FILE: CHANGE.
without_lines() { sed -E 's/^(src\/[^:]+):[0-9]+:[0-9]+: /\1: /'; }
# listed [REASON]: the changes in survivors.txt, all or those whose reason begins like this.
listed() { sed -n "s/^\(src\/.*[^ ]\) *| ${1:-}[^|]*\$/\1/p" "$here/survivors.txt"; }

# Each is a change that could still be made, with a reason.
list_fits() {
    local change file function
    grep -E '^src/' "$here/survivors.txt" | grep -vE '^src/.+ \| [^|]+$' && return 1
    while read -r change; do
        file=${change%%: *}
        function=$(sed -E 's/.* in (.+)$/\1/; t name; s/^[^ ]+ replace //; s/ (with|->) .*//; :name; s/.*:://' <<<"$change")
        grep -qE "fn $function\b" "$file" || {
            echo "not there any more: $change"
            return 1
        }
    done < <(listed)
}

# mutate STEP OPTION…: what is made of it is in $out/STEP/mutants.out. Without names for debuggers, which nobody reads.
# Optimised a little, the tests would take 7 s instead of 40, and the compiler 50 instead of 5. The first test that fails
# ends the others, which only a nightly's harness has an option for.
mutate() {
    local step=$1 status=0
    shift
    mkdir -p "$out/$step"
    RUSTC_BOOTSTRAP=1 CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR="$out/build" "${all[@]}" --jobs 1 \
        --minimum-test-timeout 60 --output "$out/$step" "$@" -- -- -Zunstable-options --fail-fast >"$out/$step/log" 2>&1 ||
        status=$?
    case $status in 0 | 2 | 3) ;; *) tail -n 20 "$out/$step/log" && return 1 ;; esac
}

outcome() { cat "$out/$1/mutants.out/$2.txt"; }
count() { outcome "$@" | wc -l; }

# The unit tests see most, and are built by one run of the compiler.
unit_tests() { mutate unit "${sample[@]}" --cargo-arg=--lib; }

# All other tests, for what those do not see. What the C ABI has of its own is in the C suite.
other_tests() {
    local results="$out/others/mutants.out"
    rm -rf "$out/others"
    mkdir -p "$results" && touch "$results"/{caught,timeout,missed}.txt
    if [ "$(count unit missed)" -gt 0 ]; then
        # It goes on as if all others had been caught before.
        "${all[@]}" --list | grep -vxFf "$out/unit/mutants.out/missed.txt" >"$results/caught.txt"
        mutate others --iterate --cargo-arg=--test={abi,ffi,model,named,compute,process,conformance}
    fi
}

per_mille() { echo "$((1000 * $1 / ($2 > 0 ? $2 : 1)))/1000"; }
enough_killed() {
    local killed survived same any
    survived=$(count others missed)
    killed=$(($(count unit caught) + $(count unit timeout) + $(count others caught) + $(count others timeout)))
    same=$(outcome others missed | without_lines | grep -cxFf <(listed 'same: ') || true)
    any=$((killed + survived - same))
    figure "$killed of $any changes to the source make a test fail, $(per_mille "$killed" "$any");" \
        "$same others change nothing a caller can see (with them $(per_mille "$killed" $((any + same))))," \
        "$(count unit unviable) do not compile (${sample[*]})"
    [ "$any" -gt 0 ] && [ $((100 * killed)) -ge $((enough * any)) ]
}

survivors_are_listed() { ! outcome others missed | without_lines | grep -vxFf <(listed); }

check "the list fits the source" list_fits
figure "$(listed | wc -l) changes listed that no test can tell, each with a reason"
if [ "$form" = deep ]; then
    "$ROOT/.toolchains/mutants.sh"
    check "unit tests" unit_tests
    check "other tests" other_tests
    check "enough are killed" enough_killed
    check "the others are listed" survivors_are_listed
fi
end_gate
