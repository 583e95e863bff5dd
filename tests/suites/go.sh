#!/usr/bin/env bash
# Formatter, linters and tests of the Go binding and of its benchmark, and the README's Go program.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
. "$ROOT/.toolchains/go-env.sh"
cd "$ROOT/bindings/go"
out="$ROOT/target/go"
mkdir -p "$out/readme"
bench="$ROOT/benches/languages/go" # a module of its own: the binding depends on nothing
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.6.1

format() {
    local changes
    changes=$(gofmt -d . "$ROOT/examples/go" "$ROOT/examples/demo/go" "$bench") || return
    printf '%s' "$changes"
    [ -z "$changes" ]
}

# The program runs as a reader's would: in a module of its own that depends on this one.
quick_start() {
    python3 "$ROOT/tests/readme.py" go >"$out/readme/main.go" || return
    cat >"$out/readme/go.mod" <<-MOD
	module quickstart
	go 1.23
	require github.com/bytestore/bytestore/bindings/go v0.0.0
	replace github.com/bytestore/bytestore/bindings/go => $ROOT/bindings/go
	MOD
    (cd "$out/readme" && go vet . && go run . >output) || return
    sed 's/: an argument is .*/: MESSAGE/' "$out/readme/output" | diff - <(
        cat <<-TEXT
		user/1: 3 bytes, missing: false
		draft: 0 bytes, missing: false
		user/9: 0 bytes, missing: true
		user/1 <nil>
		user/2 <nil>
		deleted 2 <nil>
		true bytestore: open: URL part "nosuch": MESSAGE
		TEXT
    )
}

# tests NAME FLAG…: runs the tests so, and counts each.
tests() {
    local log="$out/$1.log" status=0 bad
    echo "--- tests, $1: go test -v -count=1 ${*:2} ."
    go test -v -count=1 "${@:2}" . 2>&1 | tee "$log" | { grep -vE '^ *(=== RUN|--- PASS)' || true; } || status=$?
    # Nothing here is ever skipped: a test that says so is a failure.
    bad=$(grep -cE '^ *--- (FAIL|SKIP)' "$log" || true)
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || ! grep -q '^--- PASS' "$log"; }; then
        bad=1 # what ended before it could count
    fi
    passed=$((passed + $(grep -cE '^ *--- PASS' "$log" || true)))
    failed=$((failed + bad))
}

check format format
check "module file" go mod tidy -diff
check vet go vet .
check "vet, with the collector's tag" go vet -tags bytestore_gc .
check staticcheck go run "$staticcheck" -checks all .
check "quick start" quick_start
tests plain
tests race -race
tests collector -tags bytestore_gc -run TestFinalizer
# The strictest check of pointers that cross into C. It needs a Go runtime built for it.
GOEXPERIMENT=cgocheck2 tests cgocheck2

cd "$bench"
check "benchmark, module file" go mod tidy -diff
check "benchmark, vet" go vet .
check "benchmark, staticcheck" go run "$staticcheck" -checks all .
tests benchmark

cd "$ROOT/.packaging/go" # makes the released module
check "packer, module file" go mod tidy -diff
check "packer, vet" go vet .
check "packer, staticcheck" go run "$staticcheck" -checks all .

read -r cases_passed cases_failed <<<"$(sed -n 's/^conformance: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$out/plain.log" | tail -n 1)"
echo "conformance: ${cases_passed:-0} passed, ${cases_failed:-1} failed"
echo "go: $passed passed, $failed failed"
[ "$failed" = 0 ]
