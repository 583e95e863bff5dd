# What every gate begins with: its form, counting, figures, its last line. Sourced; knows no gate.
# shellcheck shell=bash
. "$ROOT/tests/suites/check.sh"
cd "$ROOT" || exit

gate=$(basename "$(dirname "$(realpath "$0")")")
form=${1:-shallow} # shallow: part of `make test`; deep: the figures of docs/reliability.md
case $form in
    shallow | deep) ;;
    *)
        echo "usage: $0 [shallow|deep]" >&2
        exit 2
        ;;
esac
out="$ROOT/target/reliability/$gate"
mkdir -p "$out"

# by_form SHALLOW DEEP: how much of something.
by_form() { [ "$form" = shallow ] && echo "$1" || echo "$2"; }

# figure TEXT…: what a reader of docs/reliability.md wants to know, counted by this run.
figure() { echo "figure: $*"; }

# end_gate: the last line of a gate. (A suite's `finish`, in tests/c/native.sh, says more.)
end_gate() {
    echo "$gate: $passed passed, $failed failed"
    [ "$failed" = 0 ]
}
