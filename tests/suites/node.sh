#!/usr/bin/env bash
# Formatter, linter, types and tests of the JavaScript binding, its package in an empty folder, and its programs.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
. "$ROOT/bindings/node/build.sh"
export BYTESTORE_ROOT="$ROOT"

# The package as its users install it, in a folder where nothing else is: programs find it and its dependencies there.
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
move_away() {
    cp "$ROOT/bindings/node/tests/programs/package.json" "$away"
    (cd "$away" && npm install --silent --no-audit --no-fund "$out/bytestore.tgz" "${@}")
}

# The README's program, run and compared, from JavaScript modules and from CommonJS.
quick_start() {
    python3 "$ROOT/tests/readme.py" js >"$away/quickstart.js" || return
    (cd "$away" && node quickstart.js >output) || return
    sed 's/: an argument is .*/: MESSAGE/' "$away/output" | diff - <(
        cat <<-TEXT
		user/1: 3 bytes
		draft: 0 bytes
		user/9: missing
		user/1
		user/2
		deleted 2
		invalid_argument: "nosuch" in the url "nosuch:": MESSAGE
		TEXT
    ) || return
    (cd "$away" && node --eval 'process.exit(require("bytestore").ByteStore.name === "ByteStore" ? 0 : 1)')
}

without_langchain() {
    (cd "$away" && node --input-type=module --eval 'await import("bytestore"); await import("bytestore/langchain").then(
        () => process.exit(1), (error) => process.exit(error.code === "ERR_MODULE_NOT_FOUND" ? 0 : 1))')
}

# Every program of the guide prints something, and satisfies the strictest types.
guide() {
    local programs
    programs=$(node "$ROOT/bindings/node/tests/programs/extract.mjs" "$ROOT/docs/javascript.md" "$away") || return
    [ "$programs" -ge 6 ] || return
    for program in "$away"/program*.mjs; do
        (cd "$away" && node "$program") >"$away/output" || return
        [ -s "$away/output" ] || return
    done
    (cd "$away" && "$package/node_modules/.bin/tsc" -p . && rm -f program*)
}

cd "$package"
programs=("$ROOT/examples/javascript" "$ROOT/examples/demo/node" "$ROOT/benches/languages/node")
check format npm run --silent format
check "format of the examples and the benchmark" node_modules/.bin/prettier --check --config .prettierrc.json "${programs[@]}"
check "types of the tests" npm run --silent build:tests
check lint npm run --silent lint
check "the package in an empty folder" move_away
check "quick start" quick_start
check "without LangChain" without_langchain
check "modules of the guide" move_away "@langchain/core@$(node -p "require('$package/package.json').devDependencies['@langchain/core']")" "@types/node@$(node -p "require('$package/package.json').devDependencies['@types/node']")"
check guide guide

log="$out/tests.log"
status=0
echo "--- tests: npm test"
npm test --silent 2>&1 | tee "$log" | { grep -v '^✔' || true; } || status=$?
count() { sed -n "s/^ℹ $1 \([0-9]*\)$/\1/p" "$log" | tail -n 1; }
# Nothing here is ever skipped: a test that says so is a failure.
bad=$(($(count fail) + $(count cancelled) + $(count skipped) + $(count todo))) || bad=1
if [ "$status" != 0 ] && [ "$bad" = 0 ]; then
    bad=1 # it ended before it could count
fi
passed=$((passed + $(count pass))) failed=$((failed + bad))
read -r cases_passed cases_failed <<<"$(sed -n 's/^conformance: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log" | tail -n 1)"
echo "conformance: ${cases_passed:-0} passed, ${cases_failed:-1} failed"
echo "node: $passed passed, $failed failed"
[ "$failed" = 0 ]
