"""Runs the selected tests with LangChain's own store, with ours, and with a broken one, and compares.

`python3 -m upstream CACHE TREE SITE…`: where the archives are kept, where to unpack them, where the package is.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from . import sources
from .selection import FILES, MENTIONS, NOT_RUN

TESTS = Path(__file__).resolve().parents[1]


def prepare(tree: Path) -> None:
    """Turns the values that are str into bytes; ends the program when a file with a store has not been thought of."""
    for project in sorted(tree.iterdir()):
        for path in project.rglob("*.py"):
            name = path.relative_to(project).as_posix()
            text = path.read_text(encoding="utf-8")
            if re.search(MENTIONS, text) and name not in FILES and name not in NOT_RUN:
                sys.exit(f"upstream: {project.name} has {name}, which uses a store: add it to selection.py")
            if name in FILES and (strings := FILES[name].strings):
                path.write_text(re.sub(f'"({strings})"', r'b"\1"', text), encoding="utf-8")


def run(tree: Path, site: Path, store: str) -> tuple[dict[str, bool], str]:
    """Which test passed with that store, and all that pytest said."""
    outcomes: dict[str, bool] = {}
    said = ""
    for project in sorted(tree.iterdir()):
        report = project / "outcomes.json"
        files = [path for path, file in FILES.items() if file.project == project.name]
        pytest = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-p", "upstream.swap"]
        done = subprocess.run(
            [*pytest, "--store", store, "--outcomes", str(report), *files],
            cwd=project,
            env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{TESTS}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said += done.stdout
        if done.returncode not in {0, 1}:  # not "passed", not "failed": it did not run at all
            sys.exit(f"{said}\nupstream: pytest could not run {project.name}'s tests")
        results = json.loads(report.read_text(encoding="utf-8"))
        outcomes.update({f"{project.name}/{test}": passed for test, passed in results.items()})
    return outcomes, said


def file_of(test: str) -> str:
    return test.split("::", maxsplit=1)[0]


def count(label: str, tests: Iterable[str], outcomes: dict[str, bool], said: str) -> tuple[int, int]:
    """Prints how many of the tests passed, and pytest's words when not all did."""
    results = [outcomes.get(test, False) for test in tests]
    passed, failed = sum(results), len(results) - sum(results)
    if failed:
        print(said)
    print(f"{label}: {passed} passed, {failed} failed")
    return passed, failed


def main(cache: Path, tree: Path, sites: list[Path]) -> int:
    sources.unpack(sources.fetch(cache), tree)
    prepare(tree)
    for path, reason in NOT_RUN.items():
        print(f"not run: {path}: {reason}")
    for path, file in FILES.items():
        for test, reason in file.left_out.items():
            print(f"left out: {path}::{test}: {reason}")

    original, said = run(tree, sites[0], "original")
    _, failed = count("upstream with LangChain's own stores", original, original, said)

    forgetful, _ = run(tree, sites[0], "forgetful")
    noticed = {file_of(test) for test, passed in forgetful.items() if not passed}
    print(f"upstream with a store that keeps nothing: {sum(forgetful.values())} of {len(forgetful)} do not notice")
    for blind in sorted({file_of(test) for test in original} - noticed):
        print(f"FAILED  no test of {blind} notices a store that keeps nothing")
        failed += 1

    passed = 0
    for site in sites:
        ours, said = run(tree, site, "ours")
        good, bad = count(f"upstream with ByteStore in {site.name}", original.keys() | ours.keys(), ours, said)
        passed, failed = passed + good, failed + bad
    print(f"upstream: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    where, unpacked, *installed = (Path(argument).resolve() for argument in sys.argv[1:])
    sys.exit(main(where, unpacked, installed))
