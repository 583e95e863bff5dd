# The bindings, with the library that is shipped: its requests for memory fail, their hosts' do not. Sourced by run.sh.
# shellcheck shell=bash
here=tests/reliability/oom/bindings

failing_build() {
    gcc -std=c11 -D_GNU_SOURCE -O1 "${c_warnings[@]:?}" -Wno-missing-prototypes -fno-builtin -shared -fPIC \
        $here/failing.c -o "${out:?}/failing.so"
}

# Where a program finds the library. The shim comes last, and only for the program itself.
export LD_LIBRARY_PATH="$ROOT/target/lib"
failing() { env LD_PRELOAD="$out/failing.so" "$@"; }

cpp_build() {
    # shellcheck disable=SC2046
    g++ -std=c++17 -O1 "${warnings[@]:?}" -I bindings/cpp/include $here/cpp/main.cpp -o "$out/failing-cpp" \
        $(library_flags) -ldl
}
cpp_run() { failing "$out/failing-cpp"; }

go_build() {
    mkdir -p "$out/go" && cp $here/go/main.go "$out/go/main.go" || return
    cat >"$out/go/go.mod" <<-MOD
	module failing
	go 1.23
	require github.com/bytestore/bytestore/bindings/go v0.0.0
	replace github.com/bytestore/bytestore/bindings/go => $ROOT/bindings/go
	MOD
    (. .toolchains/go-env.sh && cd "$out/go" && go vet . && go build -o "$out/failing-go" .)
}
go_run() { failing "$out/failing-go"; }

python_build() { bindings/python/install.sh; }
python_run() { PYTHONPATH="$ROOT/target/python/site" PYTHONDONTWRITEBYTECODE=1 failing python3 $here/python/main.py; }

swift_package=("--package-path" "$out/failing-swift" "--scratch-path" "$out/failing-swift/build")
swift_build() {
    mkdir -p "$out/failing-swift/Sources/failing" && cp $here/swift/main.swift "$out/failing-swift/Sources/failing/" || return
    cat >"$out/failing-swift/Package.swift" <<-PACKAGE
	// swift-tools-version: 5.9
	import PackageDescription
	let package = Package(
	    name: "failing",
	    dependencies: [.package(path: "$ROOT/bindings/swift")],
	    targets: [.executableTarget(name: "failing", dependencies: [.product(name: "Bytestore", package: "swift")])])
	PACKAGE
    swift build "${swift_package[@]}" -Xswiftc -warnings-as-errors
}
swift_run() { failing swift run "${swift_package[@]}" --skip-build failing; }

# binding LANGUAGE TOOLCHAIN: builds its program and runs it.
binding() {
    check "the tools of $1" ".toolchains/$2.sh"
    check "builds the program in $1" "$1_build"
    tests "failing-$1" bindings "$1_run"
    local failures
    failures=$(sed -n 's/^totals: \([0-9]*\) failures$/\1/p' "$out/failing-$1.log")
    figure "$1: ${failures:-0} injected failures of the shipped library, each the language's own error"
}
