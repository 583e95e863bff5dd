#!/usr/bin/env bash
# What the option `erase` promises: after every way that keys and values go, none of their bytes are in this process's
# memory any more, nor were they in what it gave back. Without the option the same search finds them.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/c.sh"
. "$ROOT/tests/reliability/native.sh"

build() {
    # Bound at once: who resolves a symbol at its first call saves registers on the stack, with what was copied last.
    # shellcheck disable=SC2046
    gcc -std=c11 -D_GNU_SOURCE -O2 -g "${c_warnings[@]}" tests/reliability/erase/*.c -o "$out/erase" \
        $(library_flags) -pthread -Wl,-z,now
}
mapfile -t sources < <(files_below '[ch]' tests/reliability/erase)

make --no-print-directory lib
check "layout" in_layout "${sources[@]}"
check "builds" build
tests ways ways plain "$out/erase" "$(by_form 20000 300000)"

end_gate
