"""Makes one change after another in the programs that woven.py has built, and runs the tests that reach it.

tried.py CHANGES COPY SAME: the quickest tests first, until one fails. What is found goes to COPY.killed, .timeout and
.missed, a change's name a line. Those whose names are in SAME are missed untried. Knows no change and no test.
"""

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

LONGEST = 5.0  # seconds: tests that take longer are left out, as each survivor would wait for them
MEMORY = 8 << 30  # bytes of address space: some changes ask for memory without an end


@dataclass
class Test:
    """One, and which changes it reaches."""

    command: list[str]
    seconds: float
    reached: set[int]


class Tries:
    """Runs tests in the copy's folder."""

    def __init__(self, copy: Path) -> None:
        self.copy = copy

    def run(self, command: list[str], patience: float, **chosen: str) -> int | None:
        """Its exit code, none when it takes too long. Whatever it has started ends with it."""
        child = subprocess.Popen(
            command,
            cwd=self.copy,
            env={**os.environ, "RUST_BACKTRACE": "0", **chosen},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return child.wait(patience)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def tests(self) -> Iterable[list[str]]:
        """Each Rust test is run alone; a program without libtest as a whole."""
        for line in self.copy.with_suffix(".programs").read_text().splitlines():
            name, program = line.split()
            if name == "conformance":
                yield [program]
                continue
            listed = subprocess.run(
                [program, "--list", "--format", "terse"], capture_output=True, text=True, check=True
            )
            for test in re.findall(r"^(.*): test$", listed.stdout, re.MULTILINE):
                yield [program, test, "--exact"]

    def unchanged(self, command: list[str], changes: int) -> Test:
        """What it reaches, and how long it takes."""
        with tempfile.NamedTemporaryFile() as reached:
            reached.write(bytes(changes))
            reached.flush()
            begin = monotonic()
            if self.run(command, 600, MUTANTS_REACHED=reached.name) != 0:
                sys.exit(f"without any change: {' '.join(command)} fails")
            seconds = monotonic() - begin
            return Test(
                command, seconds, {number for number, byte in enumerate(Path(reached.name).read_bytes()) if byte}
            )

    def outcome(self, number: int, tests: list[Test]) -> str:
        """Of a change: killed, timeout or missed."""
        for test in tests:
            if number in test.reached:
                status = self.run(test.command, 10 + 20 * test.seconds, MUTANT=str(number))
                if status != 0:
                    return "timeout" if status is None else "killed"
        return "missed"


def main() -> None:
    """The three arguments above."""
    changes, copy, same = Path(sys.argv[1]), Path(sys.argv[2]), set(Path(sys.argv[3]).read_text().splitlines())
    names: list[str] = [change["name"] for change in json.loads(changes.read_text())]
    alone = set(copy.with_suffix(".alone").read_text().splitlines())
    tries = Tries(copy)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))  # the tests', too

    with ThreadPoolExecutor(os.cpu_count()) as processors:
        tests = list(processors.map(lambda command: tries.unchanged(command, len(names)), tries.tests()))
        tests = sorted((test for test in tests if test.seconds <= LONGEST), key=lambda test: test.seconds)

        def outcome(number: int) -> str:
            return "missed" if names[number] in same else tries.outcome(number, tests)

        woven = [number for number, name in enumerate(names) if name not in alone]
        outcomes = list(zip(woven, processors.map(outcome, woven), strict=True))
    for kind in ["killed", "timeout", "missed"]:
        found = "".join(f"{names[number]}\n" for number, outcome in outcomes if outcome == kind)
        copy.with_suffix(f".{kind}").write_text(found)
    print(f"{len(woven)} changes tried with {len(tests)} tests")


main()
