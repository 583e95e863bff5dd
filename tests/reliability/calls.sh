# Programs that call every export by its row (tests/reliability/calls). Sourced after native.sh.
# shellcheck shell=bash

# calls_sources: the files of such a program, with the rows made of the header.
calls_sources() {
    python3 tests/reliability/calls/rows.py include/bytestore.h >"${out:?}/rows.c" || return
    echo tests/c/check.c tests/reliability/calls/{calls,verdicts}.c "$out/rows.c" "$ROOT/tests/reliability/${gate:?}/main.c" \
        -I"$ROOT/tests/reliability/calls"
}

# No row, no call: an export with a parameter of a kind that has no arguments is refused.
rows_refuse_what_they_do_not_know() {
    sed 's/bytestore_len(bytestore_store \*store, size_t \*len)/bytestore_len(bytestore_store *store, double *len)/' \
        include/bytestore.h >"$out/unknown.h"
    ! python3 tests/reliability/calls/rows.py "$out/unknown.h" >/dev/null 2>"$out/unknown.log" &&
        grep -q 'no kind for the parameter double \* len' "$out/unknown.log"
}
