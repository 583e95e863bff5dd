#!/usr/bin/env bash
# guest: the library keeps out of its host's way. Processes end while threads write in it, threads load it and let it go,
# a run of every export in a process that may do nothing but ask for memory, wait and ask for random bits, and the suite
# of the C ABI under a signal a millisecond.
set -euo pipefail
. "$(dirname "$0")/../../../.toolchains/env.sh"
out="$ROOT/target/reliability/guest"
. "$ROOT/tests/c/native.sh"
. "$ROOT/tests/reliability/gate.sh"
.toolchains/c.sh
make --silent lib

library="$ROOT/target/lib/libbytestore.so.1"
here=tests/reliability/guest
shared=(tests/c/check.c tests/c/abi/abi.c)
cases=("$ROOT"/tests/conformance/*.json)

# build NAME FLAGS-AND-FILES…
build() {
    # shellcheck disable=SC2046
    gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" "${@:2}" -o "$out/$1" $(library_flags) -pthread
}
unlinked() { gcc -std=c11 -D_GNU_SOURCE -O1 -g "${c_warnings[@]}" -Iinclude "${@:2}" -o "$out/$1" -pthread; }

# What it could start, change or leave behind, it does not even know by name; but for three that speaking to a server takes,
# socket, __cxa_thread_atexit_impl and, for copies of what it has, pthread_create. quiet.c watches them.
imports() { nm -D --undefined-only "$library" | awk '{ sub(/@.*/, "", $2); print $2 }'; }
alien='fork|vfork|execve?|system|popen|pipe2?|eventfd|epoll_.*|signal|sigaction|sigprocmask|sigaltstack'
alien+='|atexit|on_exit|__cxa_atexit|at_quick_exit|setlocale|setenv|putenv|environ|printf|puts|fwrite'
knows_nothing_alien() { ! imports | grep -xE "$alien"; }

declared() { grep -oE '\bbytestore_[a-z_]+\(' include/bytestore.h | sort -u; }
every_export_is_called() { diff <(declared) <(grep -oE '\bbytestore_[a-z_]+\(' "$here/quiet.c" | sort -u); }

# alarmed NAME LABEL COMMAND…: the program says the same under a signal a millisecond.
alarmed() {
    local name=$1 label=$2 last status=0
    shift 2
    rm -f "$out/alarms"
    plain "$@" >"$out/$name.log" 2>&1
    last=$(grep "^$label: " "$out/$name.log" | tail -n 1)
    BYTESTORE_ALARMS="$out/alarms" LD_PRELOAD="$out/alarms.so" plain "$@" >"$out/$name-alarmed.log" 2>&1 || status=$?
    alarms=$(awk '{ sum += $1 } END { print sum + 0 }' "$out/alarms")
    figure "$name under $alarms signals: $last"
    [ "$status" = 0 ] && [ "$alarms" -gt 100 ] && grep -qxF "$last" "$out/$name-alarmed.log"
}

# said LOG LABEL: the figure of a program.
said() { figure "$(sed -n "s/^$2: \([0-9].*\)/\1/p" "$out/$1.log" | grep -v passed)"; }

check "layout" in_layout "$here"/*.c
check "imports nothing alien" knows_nothing_alien
check "every export is called" every_export_is_called
check "builds quiet" build quiet "${shared[@]}" "$here/quiet.c"
tests quiet quiet plain "$out/quiet"
check "builds exits" build exits "${shared[@]}" tests/c/alone/storm.c "$here/exits.c"
tests exits exits plain "$out/exits" "$(by_form 100 1000)"
check "builds loading" unlinked loading tests/c/check.c tests/c/alone/loading.c -ldl
tests loading loading "$out/loading" "$library" "$(by_form 500 10000)"
check "builds alarms" unlinked alarms.so -shared -fPIC "$here/alarms.c"
check "builds abi" build abi tests/c/check.c tests/c/abi/*.c
check "the ABI under signals" alarmed abi abi "$out/abi"
check "builds conformance" build conformance tests/c/conformance/*.c -lcjson
check "the conformance cases under signals" alarmed conformance conformance "$out/conformance" "${cases[@]}"

said quiet quiet
said exits exits
said loading loading
# shellcheck disable=SC2119 # the gates', not the suites'
end_gate
