# Which gates there are, and how one is run and counted. Sourced by those who run all; knows no gate's inside.
# shellcheck shell=bash

mapfile -t gates < <(cd "$ROOT/tests/reliability" && printf '%s\n' */run.sh | sed 's|/run.sh||')
# What `make test` leaves out: it runs the others, once for each bug.
deep_only=(canaries)
# shellcheck disable=SC2034 # for who runs those
mapfile -t shallow_gates < <(printf '%s\n' "${gates[@]}" | grep -vxF "$(printf '%s\n' "${deep_only[@]}")")

logs="$ROOT/target/reliability"
mkdir -p "$logs"

# run_gate GATE FORM: adds what it counts to `passed` and `failed`. Its output is in target/reliability/GATE.FORM.log.
run_gate() {
    local log="$logs/$1.$2.log" status=0 good='' bad=''
    local TIMEFORMAT="--- $1, $2: %0R s, processors %0U s and %0S s in the system"
    echo "--- $1, $2"
    { time "$ROOT/tests/reliability/$1/run.sh" "$2" 2>&1 | tee "$log"; } 2>&1 || status=$?
    read -r good bad <<<"$(tail -n 1 "$log" | sed -n "s/^$1: \([0-9]*\) passed, \([0-9]*\) failed\$/\1 \2/p")" || true
    if [ "${bad:-0}" = 0 ] && { [ "$status" != 0 ] || [ "${good:-0}" = 0 ]; }; then
        bad=1 # it ended before it could count
        echo "FAILED  $1: exit code $status"
    fi
    passed=$((passed + ${good:-0})) failed=$((failed + ${bad:-0}))
}
