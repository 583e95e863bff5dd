#!/usr/bin/env bash
# Formatter, linter, type checker and tests of the Python package, installed from its wheel as users have it.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
cd "$ROOT/bindings/python"
out="$ROOT/target/python"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$out/site" RUFF_CACHE_DIR="$out/ruff" MYPY_CACHE_DIR="$out/mypy"
demos=("$ROOT/examples/demo/python" "$ROOT/examples/demo/langchain")

# count WORD: that number in pytest's own figures.
count() { sed -n "s/^pytest: \(.* \)\{0,1\}\([0-9]*\) $1\b.*/\2/p" "$log" | tail -n 1 | grep . || echo 0; }

echo "--- wheel: ./install.sh"
./install.sh
check format ruff format --check --config pyproject.toml . "$ROOT/examples/demo" "$ROOT/tests"
check lint ruff check . "${demos[@]}"
check types mypy
for demo in "${demos[@]}"; do
    check "types of $(basename "$demo")'s demonstration" mypy "$demo/demo.py"
done

echo "--- pytest"
log="$out/pytest.log"
status=0
python3 -m pytest 2>&1 | tee "$log" || status=$?
passed=$((passed + $(count passed))) failed=$((failed + $(count failed)))
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    failed=1 # it ended before it could count
fi
echo "python: $passed passed, $failed failed"
[ "$failed" = 0 ]
