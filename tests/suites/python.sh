#!/usr/bin/env bash
# Formatter, linter, type checker and tests of the Python package, installed from its wheel as users have it.
set -euo pipefail
. "$(dirname "$0")/../../.toolchains/env.sh"
. "$ROOT/tests/suites/check.sh"
cd "$ROOT/bindings/python"
out="$ROOT/target/python"
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$out/site" RUFF_CACHE_DIR="$out/ruff" MYPY_CACHE_DIR="$out/mypy"
demos=("$ROOT/examples/demo/python" "$ROOT/examples/demo/langchain")

# The package as it is, and as it is where the accelerator cannot be loaded.
without_accelerator() {
    rm -rf "$out/plain"
    cp -r "$out/site" "$out/plain"
    rm "$out/plain/bytestore/_accelerator.abi3.so"
}

# The wheel in a virtual environment with the tests' tools, and the tests as the source distribution has them: they can
# import nothing from this checkout.
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
move_away() {
    local paths="import sysconfig; print(sysconfig.get_path('purelib'))"
    python3 -m venv --without-pip "$away/env"
    env -u PYTHONPATH python3 -m pip --python "$away/env/bin/python" install --quiet --disable-pip-version-check \
        --no-index --no-deps "$out"/dist/*.whl
    site=$("$away/env/bin/python" -c "$paths")
    python3 -c "$paths" >"$site/tools.pth"
    tar -xzf "$out"/dist/*.tar.gz -C "$away" --strip-components=1
}

# count WORD: the sum of that number in the figures of pytest, of LangChain's own tests and of the packages' trial.
count() {
    sed -n "s/^\(pytest\|upstream\|packages\): \(.* \)\{0,1\}\([0-9]*\) $1\b.*/\3/p" "$log" |
        awk '{ sum += $1 } END { print sum + 0 }'
}

echo "--- wheel: ./install.sh"
./install.sh
check format ruff format --check --config pyproject.toml . "$ROOT/examples" "$ROOT/tests"
check lint ruff check . "${demos[@]}" "$ROOT/examples/python"
check types mypy
for demo in "${demos[@]}"; do
    check "types of $(basename "$demo")'s demonstration" mypy "$demo/demo.py"
done
check "types of the examples" mypy "$ROOT"/examples/python/*.py
accelerator=(--manifest-path accelerator/Cargo.toml)
export PYO3_NO_PYTHON=1
check "format of the accelerator" cargo fmt "${accelerator[@]}" --check
check "lint of the accelerator" cargo clippy "${accelerator[@]}" --locked --release \
    --target-dir "$out/accelerator/build" -- -D warnings
without_accelerator

for name in languages/python embeddings; do
    benchmark="$ROOT/benches/$name"
    check "format of the benchmark $name" ruff format --check "$benchmark"
    check "lint of the benchmark $name" ruff check "$benchmark"
    check "types of the benchmark $name" mypy --config-file "$benchmark/pyproject.toml" "$benchmark"
    check "own tests of the benchmark $name" python3 -m pytest --quiet -p no:cacheprovider \
        -c "$benchmark/pyproject.toml" "$benchmark"
done

log="$out/pytest.log"
: >"$log"
status=0
move_away
# pytest_away OPTION…
pytest_away() { (cd "$away/bindings/python" && env -u PYTHONPATH "$away/env/bin/python" -m pytest "$@") 2>&1 | tee -a "$log"; }
echo "--- pytest on the package as it is"
pytest_away || status=$?
rm "$site/bytestore/_accelerator.abi3.so"
# What stands upon the store, and the package itself, know of no accelerator.
alike=(--ignore=tests/test_{bar,guide,package,wheel,without_langchain}.py --ignore-glob='tests/test_lang*' --ignore-glob='tests/test_llama*')
echo "--- pytest on the package without the accelerator"
pytest_away "${alike[@]}" || status=$?
echo "--- LangChain's own tests: ./upstream.sh"
./upstream.sh "$out/site" "$out/plain" 2>&1 | tee -a "$log" || status=$?
echo "--- the packages in empty environments: ./packages.sh"
./packages.sh 2>&1 | tee -a "$log" || status=$?
passed=$((passed + $(count passed))) failed=$((failed + $(count failed)))
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    failed=1 # it ended before it could count
fi
echo "python: $passed passed, $failed failed"
[ "$failed" = 0 ]
