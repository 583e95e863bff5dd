#!/usr/bin/env bash
# Changes the library's source in many small ways, one at a time: some test must fail for each (cargo-mutants). Those that
# none fails for are listed in survivors.txt, each with a reason. Knows no test.
# Shallow: that the list still fits the source. Deep: a day. MUTANTS takes the place of its options: for a part of it
# `-f src/engine/bounds.rs`, or behind those that are there `--shard 0/50`.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"
here=tests/reliability/mutants
enough=95 # per cent of the mutants that compile

# Without line numbers, which change with every edit: FILE: CHANGE.
without_lines() { sed -E 's/^(src\/[^:]+):[0-9]+:[0-9]+: /\1: /'; }
listed() { sed -n 's/^\(src\/[^|]*[^ |]\) *|.*/\1/p' "$here/survivors.txt"; }

# Each is a change that could still be made, with a reason.
list_fits() {
    local change file function
    grep -E '^src/' "$here/survivors.txt" | grep -vE '^src/[^|]+\| .+' && return 1
    while read -r change; do
        file=${change%%: *}
        function=$(sed -E 's/.* in ([^ ]+)$/\1/; t name; s/^[^ ]+ replace ([^ ]+) .*/\1/; :name; s/.*:://' <<<"$change")
        grep -qE "fn $function\b" "$file" || {
            echo "not there any more: $change"
            return 1
        }
    done < <(listed)
}

# Unsafe code is Miri's and the sanitizers'; what the C ABI has of its own is in the C suite.
mutate() {
    local status=0 options
    read -ra options <<<"${MUTANTS:--f src/**/*.rs -e src/sys/** -e src/engine/gate/** -e src/**/tests.rs}"
    cargo mutants --no-shuffle --jobs 1 --timeout 300 --output "$out" "${options[@]}" -- \
        --lib --test abi --test ffi --test model --test named --test compute --test conformance >"$out/log" 2>&1 || status=$?
    case $status in 0 | 2 | 3) ;; *) tail -n 20 "$out/log" && return 1 ;; esac
}

lines() { wc -l <"$out/mutants.out/$1.txt"; }

enough_killed() {
    local killed survived viable
    killed=$(($(lines caught) + $(lines timeout))) survived=$(lines missed)
    viable=$((killed + survived))
    figure "$killed of $viable changes to the source make a test fail, $((1000 * killed / (viable > 0 ? viable : 1)))/1000; $(lines unviable) do not compile"
    [ "$viable" -gt 0 ] && [ $((100 * killed)) -ge $((enough * viable)) ]
}

survivors_are_listed() {
    ! without_lines <"$out/mutants.out/missed.txt" | grep -vxFf <(listed)
}

check "the list fits the source" list_fits
figure "$(listed | wc -l) changes listed that no test can tell, each with a reason"
if [ "$form" = deep ]; then
    "$ROOT/.toolchains/mutants.sh"
    check "mutants run" mutate
    check "enough are killed" enough_killed
    check "the others are listed" survivors_are_listed
fi
end_gate
