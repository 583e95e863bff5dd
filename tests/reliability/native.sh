# What a gate of C programs begins with: gate.sh, and what tests/c/native.sh knows of compilers and sanitizers.
# shellcheck shell=bash
. "$ROOT/tests/reliability/gate.sh"
. "$ROOT/tests/c/native.sh"

# end_gate: the last line of such a gate, whose `finish` is the other file's.
end_gate() {
    echo "${gate:?}: ${passed:?} passed, ${failed:?} failed"
    [ "$failed" = 0 ]
}
