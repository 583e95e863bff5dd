# How the bindings of each language are built and run under a watcher, and how its reports are read. Sourced; knows no
# test.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what is set where it is sourced, and used there

here="$ROOT/tests/reliability/clean-bindings"
reports="$out/reports" # what the sanitizers write: a file for each process that has something to say
rm -rf "$reports" && mkdir -p "$reports"

# Errors end the process. Leaks do not: interpreters and test frameworks have some of their own.
asan=detect_leaks=1:exitcode=0:abort_on_error=1:allocator_may_return_null=1

# keep_own_leaks: of the leaks in the reports, those of what the library or the accelerator allocated.
keep_own_leaks() {
    local report
    for report in "$reports"/*; do
        if [ -e "$report" ] && grep -q 'LeakSanitizer: detected' "$report"; then
            awk -v RS= '/leak of/ && /libbytestore|_accelerator/' "$report" >"$out/lost"
            if [ -s "$out/lost" ]; then mv "$out/lost" "$report"; else rm "$report"; fi
        fi
    done
}

good() { sed -n 's/^[a-z]*: \([0-9]*\) passed, .*/\1/p' "$out/$1.log" | tail -n 1; }

# found LANGUAGE: how many reports.
found() { find "$reports" -name "$1*" | wc -l; }

# must_report NAME PATTERN COMMAND…: a control. It must fail and say why in a report, which is no finding then.
must_report() {
    local name=$1 pattern=$2 status=0 said=1
    shift 2
    "$@" >"$out/control.log" 2>&1 </dev/null || status=$?
    if [ "$status" != 0 ] && grep -qrE "$pattern" "$reports"; then
        said=0
    else
        cat "$out/control.log"
    fi
    ok "a control is seen: $name" "$said"
    rm -f "$reports"/*
}

# --- C++ ---

# build_cpp PROGRAM FLAG-OR-SOURCE…
build_cpp() {
    local flags
    read -ra flags <<<"$(library_flags)"
    rm -f "$out/$1"
    g++ -std=c++17 -g1 -I bindings/cpp/include "${@:2}" tests/cpp/check.cpp -o "$out/$1" "${flags[@]}" -pthread -ldl
}

# --- Python ---

# The package with the library under AddressSanitizer: `site`, and `plain` without the accelerator. In the deep form
# the accelerator is under it as well.
python_sites() {
    bindings/python/install.sh || return
    rm -rf "$out/site" "$out/plain"
    cp -r target/python/site "$out/site" || return
    cp target/asan/lib/libbytestore.so.1 "$out/site/bytestore/_lib/" || return
    if [ "$form" = deep ]; then
        local host
        host=$(rustc -vV | sed -n 's/^host: //p')
        (cd bindings/python/accelerator && RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address PYO3_NO_PYTHON=1 cargo build \
            --quiet --locked --release --target "$host" --target-dir "$out/accelerator") || return
        cp "$out/accelerator/$host/release/lib_accelerator.so" "$out/site/bytestore/_accelerator.abi3.so" || return
    fi
    cp -r "$out/site" "$out/plain" || return
    rm "$out/plain/bytestore/_accelerator.abi3.so"
}

# python3_watched SITE ARGUMENT…: malloc for all that Python allocates, so that the sanitizers see it.
python3_watched() {
    (cd "$ROOT/bindings/python" && PYTHONPATH="$out/$1:$here/python" PYTHONMALLOC=malloc \
        LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS="$asan:log_path=$reports/python" \
        python3 -X dev "${@:2}")
}

python3_plain() { (cd "$ROOT/bindings/python" && PYTHONPATH="$ROOT/target/python/site" python3 "$@"); }

# A control: an answer of the library's that is read after it was freed.
read_freed='
import ctypes
from bytestore import ByteStore, _abi
store, lens, answer = ByteStore(), (ctypes.c_uint32 * 1)(1), _abi.Buffer()
store.mset([("a", bytes(1000))])
_abi.library.bytestore_mget(store._handle.id, 1, b"a", ctypes.addressof(lens), ctypes.byref(answer))
data = _abi.Slice.from_address(answer.slices).ptr
_abi.library.bytestore_free_buffer(ctypes.byref(answer))
ctypes.string_at(data, 100)
'

# --- Go ---

in_go() { (cd "$ROOT/bindings/go" && "$@"); }
build_go() { in_go go test -asan -c -o "$out/go.test" .; }
go_watched() {
    LD_LIBRARY_PATH="$ROOT/target/asan/lib" ASAN_OPTIONS="$asan:log_path=$reports/go" "$@"
}

# go_tests NAME COMMAND…: tests of Go, each counted.
go_tests() {
    local log="$out/$1.log" status=0
    echo "--- $1: ${*:2}"
    "${@:2}" >"$log" 2>&1 </dev/null || status=$?
    count_lines "$log" "$status" '^ *--- PASS' '^ *--- (FAIL|SKIP)'
}

# errors_of NAME: what valgrind said there.
errors_of() { grep -cE '^==[0-9]+== [A-Z]' "$out/$1.log" || true; }

# count_lines LOG STATUS PASSED FAILED: counts the lines that say so.
count_lines() {
    local passes bad
    passes=$(grep -cE "$3" "$1" || true) bad=$(grep -cE "$4" "$1" || true)
    if [ "$bad" = 0 ] && { [ "$2" != 0 ] || [ "$passes" = 0 ]; }; then
        bad=1 # it ended before it could count
    fi
    if [ "$bad" != 0 ]; then
        tail -n 60 "$1"
        echo "FAILED  $(basename "$1" .log)"
    fi
    echo "counted: $passes passed, $bad failed" >>"$1"
    passed=$((passed + passes)) failed=$((failed + bad))
}

# --- Swift ---

# What counts allocations or resident memory means nothing under a sanitizer.
not_in_swift=(--skip BudgetTests --skip CyclesTests --skip testAHundredThousandObjectsLeaveNothing)

swift_watched() { LD_LIBRARY_PATH="$ROOT/target/asan/lib" ASAN_OPTIONS="$asan:log_path=$reports/swift" "$@"; }
# The library's own threads' work is no business of this: its tests have a form of their own for that.
swift_raced() { TSAN_OPTIONS="ignore_noninstrumented_modules=1:log_path=$reports/swift" "$@"; }

# swift_tests NAME BUILD WATCHER SWIFT-OPTION… [-- SWIFT-TEST-OPTION…]
swift_tests() {
    local log="$out/$1.log" status=0 watcher=$3
    local options=(--package-path bindings/swift --scratch-path "$ROOT/target/swift/$2" --disable-swift-testing
        -Xswiftc -warnings-as-errors)
    shift 3
    while [ "$#" != 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    echo "--- $log: swift test ${options[*]} ${*:2}"
    if swift build --build-tests "${options[@]}" >"$log" 2>&1 </dev/null; then
        "$watcher" swift test --skip-build "${options[@]}" "${@:2}" >>"$log" 2>&1 </dev/null || status=$?
    else
        echo "FAILED  builds the tests of Swift"
        status=1
    fi
    count_lines "$log" "$status" "^Test Case .* passed \(" "^Test Case .* failed \("
}
