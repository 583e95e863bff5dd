#!/usr/bin/env bash
# Every system call of a save and of a load fails, or is the last one of its process: the old snapshot or the new one is
# there, whole, and the store in memory is the old one or the new one.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
. "$ROOT/tests/reliability/native.sh"
here=tests/reliability/crash

build() {
    # shellcheck disable=SC2046
    gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" "$here/main.c" -o "$out/crash" $(library_flags)
}

have strace || "$ROOT/.toolchains/apt.sh" strace
crash() { plain python3 "$here/crash.py" "$out/crash" "$(by_form 50 10000)" >"$out/crash.log" 2>&1 || { cat "$out/crash.log" && return 1; }; }
check "layout" in_layout "$here/main.c"
check "builds crash" build
check "no fault tears a snapshot" crash
figure "$(sed -n 's/^totals: //p' "$out/crash.log" | grep .)"
end_gate
