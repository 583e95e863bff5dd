#!/usr/bin/env bash
# Measures mget of 64 keys in memory, on servers of its own and through two tiers, beside hiredis and redis-py, and how
# long two tiers have an old value: run.sh. Writes
# benches/results/servers.jsonl and the table of docs/scaling.md. Knows no case.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
cd "$ROOT"
.toolchains/bench.sh
.toolchains/bench-python.sh
bindings/python/install.sh
. .toolchains/env.sh # what was installed just now

out=target/bench-servers
mkdir -p "$out"
read -ra hiredis <<<"$(pkg-config --cflags --libs hiredis)"
for program in servers stale; do
    gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Iinclude "benches/servers/$program.c" -o "$out/$program" \
        -Ltarget/lib -Wl,-rpath,"$ROOT/target/lib" -lbytestore "${hiredis[@]}"
done
python="$BYTESTORE_TOOLCHAINS/bench-python/bin/python3"
export PYTHONPATH="$ROOT/target/python/site" PYTHONDONTWRITEBYTECODE=1

# on KIND: one line of results from C, one from Python.
on() {
    local kind=$1
    # shellcheck disable=SC2016 # the inner shell expands them
    python3 tests/remote/with.py "$kind" -- bash -c '
        peer=() plain=$BYTESTORE_TEST_URL
        case $1 in
            unix) peer=("${plain#redis+unix://}") plain=${plain#redis+} ;;
            tiers) plain=${plain#*over=redis+} plain=${plain%%\?*} && peer=("${plain#unix://}") ;;
            single) address=${plain#redis://} address=${address%/} && peer=("${address%:*}" "${address#*:}") ;;
        esac
        "$2" "$BYTESTORE_TEST_URL" "${peer[@]}"
        if [ "$1" = tiers ]; then "$4" "$BYTESTORE_TEST_URL" "redis+$plain"; fi
        if [ "$1" != cluster ]; then "$3" benches/servers/peers.py "$BYTESTORE_TEST_URL" "$plain"; fi
    ' on "$kind" "$out/servers" "$python" "$out/stale" | sed "s/^{/{\"on\": \"$kind\", /"
}

results=benches/results/servers.jsonl
{
    "$out/servers" memory: | sed 's/^{/{"on": "memory", /'
    on tiers
    on unix
    on single
    on cluster
} >"$results.new"
mv "$results.new" "$results"
python3 benches/servers/table.py "$results" docs/scaling.md
