#!/usr/bin/env bash
# The conformance cases on servers: one, through its socket, through TLS, with copies in memory, and a cluster; and
# servers that are killed.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
. "$ROOT/.toolchains/go-env.sh"
cd "$ROOT"
out="$ROOT/target/remote"
mkdir -p "$out"
site="$ROOT/target/python/site"
# As in the suite of Swift, which has built it so.
swift=(--package-path bindings/swift --scratch-path target/swift/debug --disable-swift-testing -Xswiftc -warnings-as-errors)
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"
export PYTHONDONTWRITEBYTECODE=1 RUFF_CACHE_DIR="$out/ruff" MYPY_CACHE_DIR="$out/mypy"

# harness_of LANGUAGE: sets what runs the cases of $BYTESTORE_TEST_CASES against $BYTESTORE_TEST_URL.
harness_of() {
    case $1 in
        rust) harness=(cargo test --quiet --locked --test conformance) ;;
        c) harness=(bash -c "'$out/conformance' --short \"\$BYTESTORE_TEST_CASES\"/*.json") ;;
        python)
            harness=(env "PYTHONPATH=$site" python3 -m pytest -q -p no:cacheprovider -c bindings/python/pyproject.toml
                --rootdir bindings/python bindings/python/tests/test_conformance.py -k test_case)
            ;;
        cpp) harness=(bash -c "'$out/conformance-cpp' \"\$BYTESTORE_TEST_CASES\"/*.json") ;;
        go) harness=(env -C bindings/go "$out/conformance-go" -test.run '^TestConformance$') ;;
        swift) harness=(swift test "${swift[@]}" --skip-build --filter ConformanceTests/testAllCases) ;;
        javascript)
            harness=(env "BYTESTORE_ROOT=$ROOT" node --test --test-reporter=spec target/node/package/build/conformance.test.js)
            ;;
    esac
}

build_c() {
    # shellcheck disable=SC2046
    gcc -std=c11 -D_GNU_SOURCE -O1 -g tests/c/conformance/*.c -o "$out/conformance" \
        $(pkg-config --cflags --libs bytestore) -lcjson -pthread
}

build_cpp() {
    # shellcheck disable=SC2046
    g++ -std=c++17 -O1 -I bindings/cpp/include tests/cpp/conformance/{notation,place,race,steps,scans,computing,main}.cpp \
        -o "$out/conformance-cpp" $(pkg-config --cflags --libs bytestore) -pthread
}

build_go() { go -C bindings/go test -c -o "$out/conformance-go" .; }
build_swift() { swift build "${swift[@]}" --build-tests; }

# shellcheck disable=SC2016 # the inner shell expands it
build_javascript() { bash -c '. bindings/node/build.sh && cd "$package" && npm run --silent build:tests'; }

build_two_tiers() {
    # shellcheck disable=SC2046
    gcc -std=c11 -O1 -g -Wall -Wextra -Werror tests/c/servers/two_tiers.c -o "$out/two_tiers" \
        $(pkg-config --cflags --libs bytestore)
}

# shellcheck disable=SC2016 # the inner shell expands it
two_tiers() {
    python3 tests/remote/with.py "$1" -- timeout 60 bash -c '"$1" "$BYTESTORE_TEST_URL"' - \
        "$out/two_tiers"
}

# outcome LANGUAGE SERVERS FOLDER: "PASSED FAILED" of the cases in FOLDER, empty if they did not run to their end.
outcome() {
    local harness log="$out/$1.run.log"
    harness_of "$1"
    BYTESTORE_TEST_CASES="$out/cases/$2/$3" python3 tests/remote/with.py "$2" -- "${harness[@]}" >"$log" 2>&1 || true
    sed -n 's/^conformance: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log"
}

cases_in() { grep -o '"steps"' "$out/cases/$1/$2/cases.json" | wc -l; }

# run LANGUAGE SERVERS: the cases that servers can pass must pass, all others must fail.
run() {
    local good=0 bad=0 count
    count=$(cases_in "$2" same)
    read -r good bad <<<"$(outcome "$1" "$2" same)" || true
    if [ "${bad:-1}" != 0 ] || [ "$good" != "$count" ]; then
        cat "$out/$1.run.log"
        echo "FAILED  $1, $2: ${good:-0} cases of $count passed"
    fi
    passed=$((passed + ${good:-0})) failed=$((failed + count - ${good:-0}))
    check "$1, $2: what a server cannot do" others_fail "$1" "$2"
}

others_fail() {
    local good bad
    read -r good bad <<<"$(outcome "$1" "$2" other)" || true
    if [ "${good:-1} ${bad:-0}" != "0 $(cases_in "$2" other)" ]; then
        cat "$out/$1.run.log"
        echo "${good:-?} passed, ${bad:-?} failed: all $(cases_in "$2" other) must fail, or differences.json is out of date"
        return 1
    fi
}

kinds=(single unix tls tiers cluster)
# What a kind of server does is the same in every language, and what a language does on every kind: each kind meets C and
# Rust, and each language one server and a cluster. `make nightly` has all of them meet.
meets() {
    case $1 in
        c | rust) true ;;
        *) [[ $2 == single || $2 == cluster || ${BYTESTORE_ALL_SERVERS:-} == true ]] ;;
    esac
}

on_servers() {
    local servers
    for servers in "${kinds[@]}"; do
        if meets "$1" "$servers"; then
            run "$1" "$servers"
        fi
    done
}

check "builds the harness of Rust" cargo test --quiet --locked --test conformance --no-run
check "builds the harness of C" build_c
check "builds the harness of C++" build_cpp
check "builds the harness of Go" build_go
check "builds the harness of Swift" build_swift
check "builds the harness of JavaScript" build_javascript
check "installs the Python package" bindings/python/install.sh
check format ruff format --check --config bindings/python/pyproject.toml tests/remote
check lint ruff check --config bindings/python/pyproject.toml tests/remote
check types env "MYPYPATH=$site" mypy --strict tests/remote/{with,servers,cases,dying}.py
for servers in "${kinds[@]}"; do
    check "cases for $servers" python3 tests/remote/cases.py "$servers" "$out/cases/$servers"
done

# Three languages at a time: each waits now and then, for a server or for time to pass.
side_by_side 3 "$out" on_servers python swift javascript go cpp c rust

check "builds the program of two tiers" build_two_tiers
for servers in single unix tls; do
    check "two tiers over $servers" two_tiers "$servers"
done

# What is killed comes back after 3 seconds: long enough for a replica to have taken its place.
killed() { PYTHONPATH="$site" python3 tests/remote/with.py --revive 3 "$1" -- python3 tests/remote/dying.py; }
check "a server is killed" killed single
check "servers of a cluster are killed" killed cluster

echo "remote: $passed passed, $failed failed"
[ "$failed" = 0 ]
