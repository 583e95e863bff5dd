#!/usr/bin/env bash
# Swift: formats, data races, tests in debug and release, and the README's program.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
package="$ROOT/bindings/swift"
out="$ROOT/target/swift"
mkdir -p "$out"
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig" LD_LIBRARY_PATH="$ROOT/target/lib"

# A build that fails has run no test: `run_tests NAME SWIFT-TEST-OPTIONS…` counts it as one failure.
run_tests() {
    local name=$1 log="$out/$1.log" status=0 good bad
    shift
    printf -- '--- swift test (%s)\n' "$name"
    # --disable-swift-testing: all tests are XCTest's.
    swift test --package-path "$package" --scratch-path "$out/$name" --disable-swift-testing \
        -Xswiftc -warnings-as-errors "$@" 2>&1 | tee "$log" | grep -v '^conformance:' || status=$?
    good=$(grep -c "^Test Case .* passed (" "$log" || true)
    bad=$(grep -c "^Test Case .* failed (" "$log" || true)
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then
        bad=1
    fi
    passed=$((passed + good)) failed=$((failed + bad))
}

# The binding in the language of Swift 6, where a possible data race is an error. Not the tests: XCTest is not ready.
in_swift_6() {
    swift build --package-path "$package" --scratch-path "$out/swift6" --target Bytestore \
        -Xswiftc -warnings-as-errors -Xswiftc -swift-version -Xswiftc 6
}

formatted() {
    swift format lint --strict --recursive --configuration "$package/.swift-format" \
        "$package" "$ROOT/examples/swift" "$ROOT/examples/demo/swift" "$ROOT/benches/languages/swift"
}

# The README's program as a package of its own, as a reader would make it.
quick_start() {
    local program="$out/quickstart"
    mkdir -p "$program/Sources/quickstart"
    python3 "$ROOT/tests/readme.py" swift >"$program/Sources/quickstart/main.swift"
    cat >"$program/Package.swift" <<-PACKAGE
		// swift-tools-version: 5.9
		import PackageDescription
		let package = Package(
		    name: "quickstart",
		    dependencies: [.package(path: "$package")],
		    targets: [
		        .executableTarget(name: "quickstart", dependencies: [.product(name: "Bytestore", package: "swift")])
		    ])
	PACKAGE
    swift build --package-path "$program" --scratch-path "$program/build" -Xswiftc -warnings-as-errors &&
        swift run --package-path "$program" --scratch-path "$program/build" --skip-build >"$out/quickstart.txt" &&
        diff "$out/quickstart.txt" - <<-OUTPUT
			user/1 3 bytes
			draft 0 bytes
			user/9 missing
			user/1
			user/2
			deleted 1
			"nosuch" in the URL "nosuch:" is unknown
		OUTPUT
}

# No time counts here: each store's answers in each case.
benchmark() {
    local program=(-c release --package-path "$ROOT/benches/languages/swift/bench" --scratch-path "$out/bench")
    swift build "${program[@]}" &&
        swift run "${program[@]}" --skip-build Bench 0 --check >"$out/bench.jsonl" &&
        [ "$(grep -c '"kind":"language"' "$out/bench.jsonl")" = 45 ]
}

if swift format --version >/dev/null 2>&1; then
    check "swift format" formatted
    check "no data races in Swift 6" in_swift_6
else
    say "this Swift is older than 6.0: it has no formatter, and cannot find data races in the way of Swift 6"
fi
# What DocC warns of is a failure: links that lead nowhere, and parameters without a word.
check "reference" "$package/reference.sh" "$out/reference"
check "every public symbol is documented" python3 "$ROOT/tests/docs/symbols.py" "$out/docs/symbols/Bytestore.symbols.json"
check "quick start" quick_start
check "the benchmark's stores answer right" benchmark
run_tests debug
run_tests release -c release -Xswiftc -enable-testing

echo "conformance: $(sed -n 's/^conformance: //p' "$out/debug.log" | tail -n 1)"
echo "swift: $passed passed, $failed failed"
[ "$failed" = 0 ]
