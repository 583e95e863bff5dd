# shellcheck shell=bash disable=SC2034 # most is for who sources it
# Sourced after env.sh by the suites of C and C++: how they compile and link, how they count, and how a program
# is watched for memory errors. Knows no test.

cd "$ROOT" || exit
. "$ROOT/tests/suites/build.sh"
export PKG_CONFIG_PATH="$ROOT/target/lib/pkgconfig"
unset RUST_BACKTRACE # a backtrace's symbols, once read, look like a leak
clang_format="$BYTESTORE_TOOLCHAINS/c/bin/clang-format"

# `out` is where the suite builds.
mkdir -p "${out:?}"
passed=0 failed=0

# ok NAME RESULT: counts one check.
ok() {
    if [ "$2" = 0 ]; then
        passed=$((passed + 1))
        echo "ok      $1"
    else
        failed=$((failed + 1))
        echo "FAILED  $1"
    fi
}

# check NAME COMMAND…: quiet when it succeeds.
check() {
    local name=$1 status=0
    shift
    "$@" >"$out/check.log" 2>&1 </dev/null || status=$?
    if [ "$status" != 0 ]; then
        echo "--- $*"
        cat "$out/check.log"
    fi
    ok "$name" "$status"
}

# must_fail NAME PATTERN COMMAND…: the command must fail, and say so.
must_fail() {
    local name=$1 pattern=$2 status=0 said=1
    shift 2
    "$@" >"$out/check.log" 2>&1 </dev/null || status=$?
    if [ "$status" != 0 ] && grep -qE -- "$pattern" "$out/check.log"; then
        said=0
    else
        echo "--- $*: exit code $status, must say: $pattern"
        cat "$out/check.log"
    fi
    ok "$name" "$said"
}

# tests NAME LABEL COMMAND…: a program that ends with "LABEL: N passed, N failed". Counts what it counts.
tests() {
    local name=$1 label=$2 log="$out/$1.log" status=0 good bad
    shift 2
    echo "--- $name: $*"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    # Passed tests are many; what else a program says is there to be read.
    grep -vE '^ok      ' "$log" || true
    read -r good bad <<<"$(sed -n "s/^$label: \([0-9]*\) passed, \([0-9]*\) failed\$/\1 \2/p" "$log" | tail -n 1)"
    good=${good:-0} bad=${bad:-0}
    # What ended before it could count, or was found to be wrong from outside: a failure too.
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then
        echo "FAILED  $name: exit code $status"
        bad=1
    fi
    passed=$((passed + good)) failed=$((failed + bad))
}

# in_layout FILE…: laid out as clang-format does it.
in_layout() { "$clang_format" --dry-run --Werror "$@"; }

# files_below EXTENSION FOLDER…
files_below() { find "${@:2}" -name "*.$1" | sort; }

# Debian has no compiler by the name of another: clang is used as well where it is there.
c_compilers=(gcc) cxx_compilers=(g++)
if have clang; then c_compilers+=(clang); fi
if have clang++; then cxx_compilers+=(clang++); fi

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef -Wcast-qual -Werror)
c_warnings=("${warnings[@]}" -Wstrict-prototypes -Wmissing-prototypes)
cxx_warnings=("${warnings[@]}" -Wold-style-cast -Wnon-virtual-dtor)
sanitize=(-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)

# The compiler's and linker's flags for programs that use the library: plain, or the one under ASan.
library_flags() { pkg-config --cflags --libs bytestore; }
asan_flags() { echo "$(pkg-config --cflags bytestore) -L$ROOT/target/asan/lib -lbytestore"; }

plain() { LD_LIBRARY_PATH="$ROOT/target/lib" "$@"; }

# Every kind of leak that is certain. What the library makes once for ever stays reachable.
valgrinded() {
    LD_LIBRARY_PATH="$ROOT/target/lib" valgrind --quiet --fair-sched=yes --error-exitcode=9 \
        --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite "$@"
}

under_asan() {
    LD_LIBRARY_PATH="$ROOT/target/asan/lib" \
        ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1 \
        UBSAN_OPTIONS=print_stacktrace=1 "$@"
}

# build_asan_library [CARGO-OPTION…]: the library with AddressSanitizer compiled in, without servers unless options say
# what else; quicker to make than the one that is shipped. Its runtime comes with the program: gcc's. Any rustc can do it,
# the stable ones after being told that this is meant.
build_asan_library() {
    local host options=("${@:-"${without_servers[@]:?}"}")
    host=$(rustc -vV | sed -n 's/^host: //p')
    env RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address -Zub-checks=yes" "${quick_build[@]:?}" cargo rustc --quiet --locked \
        --release --lib "${options[@]}" --crate-type cdylib --target "$host" --target-dir target/asan || return
    put_library "target/asan/$host/release/libbytestore.so" target/asan/lib
}

# The library itself must report to the runtime; otherwise only the program would be watched.
is_instrumented() {
    local symbols # kept whole: a grep that ends early would end nm with a broken pipe
    symbols=$(nm -D "$1")
    grep -q ' U __asan_init$' <<<"$symbols" && grep -q ' U __asan_report_load' <<<"$symbols"
}

# finish NAME LOG: the last two lines of a suite. Ends it.
finish() {
    sed -n 's/^conformance: [0-9]* passed, [0-9]* failed$/&/p' "$2" | tail -n 1 | grep . || echo "conformance: 0 passed, 1 failed"
    echo "$1: $passed passed, $failed failed"
    [ "$failed" = 0 ]
}
