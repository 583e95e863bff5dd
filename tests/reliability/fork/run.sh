#!/usr/bin/env bash
# fork: the child has a working copy of every store, whatever other threads were doing: from C, from Python threads, and
# in the middle of the library's first call. Children that hang are killed and counted.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
out="$ROOT/target/reliability/fork"
. "$ROOT/tests/c/native.sh"
. "$ROOT/tests/reliability/gate.sh"
.toolchains/c.sh
.toolchains/python.sh
make --silent lib

build() {
    # shellcheck disable=SC2046
    gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" "${@:2}" -o "$out/$1" $(library_flags) -pthread
}

# said NAME: what the storm of that log counted, as a figure.
said() { figure "$1: $(sed -n 's/^storm: //p' "$out/$1.log" | grep .)"; }

pytest_forks() {
    PYTHONPATH="$ROOT/target/python/site" PYTHONDONTWRITEBYTECODE=1 BYTESTORE_FORKS=$(by_form 200 10000) \
        python3 -m pytest --quiet -s -p no:cacheprovider -c bindings/python/pyproject.toml \
        bindings/python/tests/test_fork.py -k 'beside_writers' >"$out/Python.log" 2>&1
    tail -n 3 "$out/Python.log"
    grep -qE '^1 passed' "$out/Python.log"
}

check "layout" in_layout tests/reliability/fork/*.c
check "builds first" build first tests/c/check.c tests/reliability/fork/first.c
tests first first plain "$out/first"
check "builds forks" build forks tests/c/check.c tests/c/abi/abi.c tests/c/alone/{forks,storm}.c
tests C forks plain "$out/forks" --forks "$(by_form 2000 100000)"
# shellcheck disable=SC2119 # the gates', not the suites'
[ "$failed" = 0 ] || finish # the slower part can wait
check "installs the Python package" bindings/python/install.sh
check "forks from Python" pytest_forks

figure "$(sed -n 's/^first: \([0-9]* cases.*\)/\1/p' "$out/first.log" | grep .)"
said C
said Python
# shellcheck disable=SC2119 # the gates', not the suites'
end_gate
