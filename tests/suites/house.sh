#!/usr/bin/env bash
# What belongs to no language: the conformance cases themselves, the scripts, the documents.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
cd "$ROOT"
have python3 || .toolchains/apt.sh python3
have shellcheck || .toolchains/apt.sh shellcheck

is_script() { head -n 1 "$1" | grep -qE '^#!.*\bbash$|^# shellcheck shell='; }

# All that is in the checkout, or only what a copy without git has.
mapfile -t files < <({ git ls-files -co --exclude-standard 2>/dev/null ||
    find . -type f -not -path './target/*' -not -path './.git/*' -printf '%P\n'; } | sort)

scripts=() texts=()
for file in "${files[@]}"; do
    if [ ! -f "$file" ]; then
        continue # deleted, and not yet committed so
    fi
    if is_script "$file"; then
        scripts+=("$file")
    elif [[ $file =~ \.(md|rs|c|h|hpp|cpp|go|swift|py|ts|m?js)$ ]]; then
        texts+=("$file")
    fi
done
# Many at a time: to begin takes the tools longer than a file does.
in_order() { printf '%s\0' "${scripts[@]}" | xargs -0 -n 16 -P "$(nproc)" shellcheck; }
check "shellcheck, ${#scripts[@]} scripts" in_order
measured() { python3 tests/documents.py "${texts[@]}"; }
check "measures of ${#texts[@]} documents and sources" measured

reach=tests/reliability/coverage
check "the lines that no test reaches are there" python3 "$reach/check.py" listed "$reach/unreached.toml"

cases_agree() { python3 tests/conformance/check.py | sed 's/^conformance-check:/conformance:/'; }
check "the conformance cases agree with a dict" cases_agree

have_zstd() { ldconfig -p 2>/dev/null | grep -q 'libzstd\.so\.1'; }
have_zstd || .toolchains/apt.sh libzstd1
snapshots_read() { python3 tests/snapshots/check.py; }
check "the kept snapshots are read as their page says" snapshots_read

echo "house: $passed passed, $failed failed"
[ "$failed" = 0 ]
