# Counting what a suite checks. Sourced by the suites; knows nothing of any language.
# shellcheck shell=bash

. "$ROOT/tests/suites/build.sh"

passed=0 failed=0

# check NAME COMMAND…: runs the command and counts it.
check() {
    local name=$1
    shift
    echo "--- $name: $*"
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
    fi
}
