#!/usr/bin/env bash
# The bindings watched for memory errors, leaks and data races: clean-bindings [shallow|deep]. What the suites watch
# already (C, Go with -race and cgocheck2, C++ under the sanitizers) is not watched again.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
"$ROOT/.toolchains/all.sh"
. "$ROOT/.toolchains/env.sh" # what was installed just now
out="$ROOT/target/reliability/clean-bindings"
. "$ROOT/tests/c/native.sh"
. "$ROOT/tests/reliability/gate.sh" # after it: its checks show what they run
. "$ROOT/.toolchains/go-env.sh"
. "$ROOT/tests/reliability/clean-bindings/watch.sh"
start=$SECONDS
BYTESTORE_CYCLES=$(by_form 1000 10000)
export PYTHONDONTWRITEBYTECODE=1 BYTESTORE_CYCLES

# What takes a while and stands for itself is built beside the rest.
build_cpp cpp -O0 tests/cpp/binding/*.cpp >"$out/build-cpp.log" 2>&1 &
building_cpp=$!
build_go >"$out/build-go.log" 2>&1 &
building_go=$!

# --- Python: with the accelerator, and without ---

library=(build_asan_library)
[ "$form" = shallow ] || library+=(--features default) # every test: some are of servers
check "builds the library with AddressSanitizer" "${library[@]}"
check "AddressSanitizer is in the library" is_instrumented target/asan/lib/libbytestore.so.1
check "builds the Python package" python_sites
must_report "Python reads what the library freed" 'heap-use-after-free' python3_watched site -c "$read_freed"
# ASan's allocator does not survive a fork beside threads that allocate (gcc 12). The others count what is allocated.
# Older libraries are made of this one by renaming its symbols; plugins of ours are not from the wheel.
all=(tests --ignore=tests/test_{fork,budgets,cycles,package}.py --deselect=tests/test_loading.py)
for site in site plain; do
    some=("${all[@]}")
    if [ "$form" = shallow ]; then
        some=(tests/test_views.py)
        [ "$site" = plain ] || some+=(tests/test_batches.py tests/test_compute.py)
    fi
    tests "python-$site" pytest python3_watched "$site" -m pytest -q -p watched -p collect_often "${some[@]}"
done
tests cycles-python pytest python3_plain -m pytest -q tests/test_cycles.py

# --- C++ ---

check "builds the C++ tests" wait "$building_cpp"
tests cpp binding valgrinded "$out/cpp"
check "builds the C++ cycles" build_cpp cycles -O1 tests/cpp/alone/cycles.cpp
tests cycles-cpp cycles plain "$out/cycles"
if [ "$form" = deep ]; then
    for program in forks ownership; do
        check "builds the C++ $program" build_cpp "$program" -O1 "tests/cpp/alone/$program.cpp"
    done
    # What threads of the parent held is lost in the child.
    tests forks forks valgrinded --leak-check=no "$out/forks"
    tests ownership ownership valgrinded "$out/ownership"
fi

# --- Go ---

check "builds the Go tests with AddressSanitizer" wait "$building_go"
some=(-test.skip "Budget|Cycles") # they count what is allocated
[ "$form" = deep ] || some+=(-test.run 'View|Keys|Namespace|Prefix|Compute')
go_tests go in_go go_watched "$out/go.test" -test.v "${some[@]}"
go_tests cycles-go in_go go test -v -count=1 -run TestCycles .

# --- Swift: with the build that the suite makes, too ---

swift_tests cycles-swift debug plain -- --filter CyclesTests
if [ "$form" = deep ]; then
    swift_tests swift-address address swift_watched --sanitize=address -- "${not_in_swift[@]}"
    swift_tests swift-thread thread swift_raced --sanitize=thread -- "${not_in_swift[@]}"
fi

# --- What was found ---

keep_own_leaks
for report in "$reports"/*; do
    [ -e "$report" ] || break
    head -n 60 "$report"
    ok "no report in $(basename "$report")" 1
done

figure "Python under ASan and LSan, the collector at every container: $(good python-site) tests with the accelerator," \
    "$(good python-plain) without, $(found python) reports"
figure "C++ under valgrind: $(good cpp) tests, $(errors_of cpp) errors; Go under ASan and LSan: $(good go) tests," \
    "$(found go) reports"
[ "$form" = shallow ] || figure "Swift under ASan: $(good swift-address) tests, under TSan: $(good swift-thread)," \
    "$(found swift) reports"
for language in cpp go python swift; do
    figure "$language: $(grep -ohE 'cycles: .*resident' "$out/cycles-$language.log" | tail -n 1)"
done
figure "$((SECONDS - start)) s"
end_gate
