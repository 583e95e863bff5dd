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

# side_by_side MOST FOLDER COMMAND NAME…: `COMMAND NAME` for each name, at most so many at a time, each in a shell that counts
# for itself. Adds what they counted; one that ended before it could count is a failure.
side_by_side() {
    local name good bad
    for name in "${@:4}"; do
        while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do
            wait -n || true
        done
        rm -f "$2/$name.count"
        counts_alone "$2/$name.count" "$3" "$name" &
    done
    wait
    for name in "${@:4}"; do
        read -r good bad < <(cat "$2/$name.count" 2>/dev/null || echo "0 1")
        passed=$((passed + good)) failed=$((failed + bad))
    done
}

counts_alone() {
    passed=0 failed=0
    "${@:2}"
    echo "$passed $failed" >"$1"
}
