#!/usr/bin/env bash
# Plants one bug after another in a copy of the sources, and expects the gate that its patch names to fail.
# Knows no bug: each is a patch whose first line says "# gate: GATE · what is planted". CANARIES="NAME…" chooses some.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/gate.sh"

copy="$out/copy"
here=tests/reliability/canaries

# What is built in the copy stays, so that the next bug is built sooner; all else is new, and newer than that.
fresh_copy() {
    mkdir -p "$copy/target" && find "$copy" -mindepth 1 -maxdepth 1 ! -name target -exec rm -rf {} + &&
        { git ls-files -co --exclude-standard 2>/dev/null || find . -type f -not -path './target/*' -printf '%P\n'; } |
        tar -c --ignore-failed-read -f - -T - | tar -xmf - -C "$copy"
}

# caught NAME GATE: the gate ends with a failure of its own, not because something cannot be built.
caught() {
    local log="$out/$1.log"
    fresh_copy && (cd "$copy" && patch -p1 --silent <"$ROOT/$here/$1.patch") || return
    (cd "$copy" && make --silent lib) >"$log" 2>&1 || return
    ! (cd "$copy" && timeout 900 "tests/reliability/$2/run.sh" shallow) >>"$log" 2>&1 || return
    grep -aE '^FAILED|^[a-z-]+: [0-9]+ passed, [1-9][0-9]* failed$' "$log"
}

have patch || "$ROOT/.toolchains/apt.sh" patch
mapfile -t names < <(cd "$here" && printf '%s\n' *.patch | sed 's/\.patch$//')
for name in ${CANARIES:-"${names[@]}"}; do
    read -r gate_of < <(sed -n '1s/^# gate: \([a-z-]*\) .*/\1/p' "$here/$name.patch")
    check "$name is caught by $gate_of" caught "$name" "$gate_of"
done
figure "$passed of $((passed + failed)) planted bugs are caught by the gate that each names"
end_gate
