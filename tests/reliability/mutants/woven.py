"""Builds a copy of the library with all changes of a list in it, each behind a switch (src, switch.rs).

woven.py CHANGES COPY WEAVER TARGET: one that does not compile beside what it changes is left out. The names of those,
and of what nothing can choose while it runs, go to COPY.alone, the tests' programs to COPY.programs. Knows no test.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = ["ffi", "model", "named", "compute", "process", "conformance"]  # `abi` reads the source
ENV = {
    **os.environ,
    "RUSTFLAGS": "--cap-lints=allow -Awarnings",
    "CARGO_PROFILE_DEV_DEBUG": "0",
    # Tries are thousands, the build is one.
    "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
    "CARGO_PROFILE_TEST_OPT_LEVEL": "1",
}
MARKED = re.compile(rb"/\*<(\d+)\*/.*?/\*\1>\*/", re.DOTALL)  # as weave.rs marks what a change brings


def cargo(copy: Path, target: Path, *arguments: str) -> tuple[bool, list[dict[str, Any]]]:
    """Whether it succeeds, and all that it says."""
    command = ["cargo", *arguments, "--locked", "--target-dir", str(target), "--message-format=json"]
    ended = subprocess.run(command, cwd=copy, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return ended.returncode == 0, [json.loads(line) for line in ended.stdout.splitlines()]


def blamed(copy: Path, messages: list[dict[str, Any]]) -> Iterator[int]:
    """The changes that errors are in."""
    for message in messages:
        if message["reason"] != "compiler-message" or message["message"]["level"] != "error":
            continue
        for span in message["message"]["spans"]:
            file = copy / span["file_name"]
            for marked in MARKED.finditer(file.read_bytes() if file.is_file() else b""):
                if marked.start() <= span["byte_start"] and span["byte_end"] <= marked.end():
                    yield int(marked[1])


def weave(changes: Path, copy: Path, weaver: str, left_out: set[int]) -> set[int]:
    """Those that nothing can choose while it runs."""
    file = copy.with_suffix(".left-out")
    file.write_text("".join(f"{number}\n" for number in sorted(left_out)))
    ended = subprocess.run([weaver, str(changes), ".", str(copy), str(file)], stdout=subprocess.PIPE, check=True)
    return {int(number) for number in ended.stdout.split()}


def explained(messages: list[dict[str, Any]]) -> str:
    """What a reader needs."""
    return "".join(m["message"]["rendered"] for m in messages if m["reason"] == "compiler-message")


def main() -> None:
    """The four arguments above."""
    changes, copy, weaver, target = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(".", copy, symlinks=True, ignore=shutil.ignore_patterns("target", ".git"))

    left_out: set[int] = set()
    while True:
        unreachable = weave(changes, copy, weaver, left_out)
        compiles, messages = cargo(copy, target, "check", "--lib", "--profile", "test")
        if compiles:
            break
        found = set(blamed(copy, messages))
        if not found:
            sys.exit(explained(messages))
        left_out |= found
    tests = [argument for test in TESTS for argument in ("--test", test)]
    built, messages = cargo(copy, target, "test", "--no-run", "--lib", *tests)
    if not built:
        sys.exit(explained(messages))

    programs = [m for m in messages if m["reason"] == "compiler-artifact" and m["executable"]]
    lines = "".join(f"{m['target']['name']} {m['executable']}\n" for m in programs)
    copy.with_suffix(".programs").write_text(lines)
    names = [change["name"] for change in json.loads(changes.read_text())]
    copy.with_suffix(".alone").write_text("".join(f"{names[number]}\n" for number in sorted(left_out | unreachable)))


main()
