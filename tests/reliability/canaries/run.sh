#!/usr/bin/env bash
# Plants one bug after another in a copy of the sources, and expects the gate that its patch names to fail, which passes
# there without. Knows no bug: each is a patch whose first line says "# gate: GATE · what is planted". CANARIES="NAME…"
# chooses some.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"

copy="$out/copy"
here=tests/reliability/canaries
# Sixty builds: what is planted shows without the last optimisations, too; but then a library imports what it does not use.
faster() { [ "$1" = guest ] || export CARGO_INCREMENTAL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16; }

# What is built in the copy stays, so that the next bug is built sooner; all else is new, and newer than that.
fresh_copy() {
    mkdir -p "$copy/target" && find "$copy" -mindepth 1 -maxdepth 1 ! -name target -exec rm -rf {} + &&
        { git ls-files -co --exclude-standard 2>/dev/null || find . -type f -not -path './target/*' -printf '%P\n'; } |
        tar -c --ignore-failed-read -f - -T - | tar -xmf - -C "$copy"
}

# Gates that build all that they run: for those it is enough that the library can be built.
alone=(coverage fuzz miri models tsan)
library() {
    case " ${alone[*]} " in
        *" $1 "*) cargo check --quiet --locked --lib ;;
        *) make --silent lib ;;
    esac
}

# run NAME GATE: the gate in the copy; its output is in NAME.log. It is ended at its first failure: after one none passes.
run() {
    (cd "$copy" && faster "$2" && library "$2") >"$out/$1.log" 2>&1 && built=yes || return
    (cd "$copy" && faster "$2" && exec timeout 900 "tests/reliability/$2/run.sh" shallow) >>"$out/$1.log" 2>&1 &
    local running=$!
    while kill -0 "$running" 2>/dev/null; do
        if has_failed "$1"; then kill "$running" 2>/dev/null; fi
        sleep 1
    done
    local status=0
    wait "$running" || status=$?
    if [ "$status" = 124 ]; then echo "$2 was still running after 15 minutes"; fi
    return "$status"
}
# The failures of a gate, but for those that say nothing of the bug: of what it builds, and how the sources are written.
failures() { grep -a '^FAILED' "$out/$1.log" | grep -vE '^FAILED +(builds?|format|layout)\b'; }
has_failed() { failures "$1" >/dev/null; }

passes() { fresh_copy && run "none-$1" "$1" && ! has_failed "none-$1"; }

# caught NAME GATE: the gate ends with a failure of its own, not because something cannot be built: the library, or what
# the gate builds.
caught() {
    local built=
    fresh_copy && (cd "$copy" && patch -p1 --silent <"$ROOT/$here/$1.patch") || return
    ! run "$@" && [ "$built" ] && ! grep -aE '^FAILED +builds?\b' "$out/$1.log" || return
    failures "$1"
}

# timed COMMAND…: a check, and how long it took.
timed() {
    local start=$SECONDS
    check "$@"
    echo "    $((SECONDS - start)) s"
}

have patch || "$ROOT/.toolchains/apt.sh" patch
mapfile -t names < <(cd "$here" && printf '%s\n' *.patch | sed 's/\.patch$//')
gate_of() { sed -n '1s/^# gate: \([a-z-]*\) .*/\1/p' "$here/$1.patch"; }
# By their gates, so that as little as possible is built anew.
mapfile -t planted < <(for name in ${CANARIES:-"${names[@]}"}; do echo "$(gate_of "$name") $name"; done | sort)

last='' built='' bugs=0 found=0
for each in "${planted[@]}"; do
    read -r gate_here name <<<"$each"
    [ "$gate_here" = "$last" ] || timed "without a bug $gate_here passes" passes "$gate_here"
    last=$gate_here bugs=$((bugs + 1)) before=$failed
    timed "$name is caught by $gate_here" caught "$name" "$gate_here"
    found=$((found + 1 - (failed - before)))
done
figure "$found of $bugs planted bugs are caught by the gate that each names, which passes without"
end_gate
