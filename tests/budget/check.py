#!/usr/bin/env python3
"""Compares what callgrind counted of each hot path with the recorded budget. Knows no path, and not how it is counted.

`check.py` compares the last run of tests/suites/budget.sh with budget.txt beside it, `--budget FILE` with another one;
`check.py --record` makes that run the budget.
"""

import argparse
import os
import pathlib
import platform
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "target"
LIBRARY = TARGET / "lib" / "libbytestore.so.1"
PROGRAM = TARGET / "budget" / "hot_paths"

# What may be above and below. The same seeds make the same counts; other seeds, at most 0.9 % more or less.
ABOVE, BELOW = 0.03, 0.10
# Another compiler lays the same source out in another way, and another C library copies and allocates in another.
ELSEWHERE = 0.15

HEAD = "# Instructions a key of each hot path, the C library's included. Written by check.py --record; knows no reason."


def counted() -> dict[str, float]:
    """Instructions a key, by path: a dump's label is a path's name and for how many keys it ran."""
    paths = {}
    dumps = sorted(TARGET.glob("budget/dumps/*"), key=lambda dump: dump.stat().st_mtime_ns)
    for dump in dumps:
        text = dump.read_text(encoding="utf-8", errors="replace")
        label = re.search(r"^desc: Trigger: Client Request: (\S+) (\d+)$", text, re.MULTILINE)
        total = re.search(r"^totals: (\d+)", text, re.MULTILINE)
        if label and total:
            paths[label[1]] = int(total[1]) / int(label[2])
    if not paths or dumps[0].stat().st_mtime < max(file.stat().st_mtime for file in (LIBRARY, PROGRAM)):
        sys.exit("budget: this library was not counted yet: run tests/suites/budget.sh first")
    return paths


def place() -> list[str]:
    """Where counts compare: the machine's kind, the compiler that made the library, the C library."""
    rustc = re.search(rb"rustc version (\d+\.\d+)", LIBRARY.read_bytes())
    version = rustc[1].decode() if rustc else "unknown"
    processor = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    wide = "avx2" if re.search(r"^flags\b.* avx2 ", processor, re.MULTILINE) else "no avx2"
    return [
        f"arch {platform.machine()}",
        f"vectors: {wide}",
        f"rustc {version}",
        os.confstr("CS_GNU_LIBC_VERSION") or "glibc unknown",
    ]


def fault(count: float | None, budget: float | None, above: float, below: float) -> str | None:
    """What is wrong with a path's count, if anything is."""
    if budget is None:
        return "has no budget"
    if count is None:
        return "has a budget and was not counted"
    if count > budget * (1 + above):
        return f"above its budget by more than {above:.0%}"
    if count < budget * (1 - below):
        return f"below its budget by more than {below:.0%}: record the gain"
    return None


def compare(paths: dict[str, float], budget_file: pathlib.Path) -> int:
    """Prints a line for each path and how many are as they must be."""
    lines = budget_file.read_text(encoding="utf-8").splitlines()
    budgets = {name: float(count) for kind, name, count in (line.split() for line in lines[1:] if line.count(" ") == 2)}
    same = set(place()) <= set(lines)
    if not same:
        print(f"budget: recorded elsewhere, this is {', '.join(place())}: {ELSEWHERE:.0%} are allowed")
    failed = 0
    for name in sorted(paths.keys() | budgets.keys()):
        count, budget = paths.get(name), budgets.get(name)
        wrong = fault(count, budget, *((ABOVE, BELOW) if same else (ELSEWHERE, ELSEWHERE)))
        change = f"{count / budget - 1:+7.1%}" if count and budget else ""
        figures = f"{name:20} {count or 0:8.1f} instructions a key, budget {budget or 0:8.1f} {change}"
        print(f"FAILED  {figures}  {wrong}" if wrong else f"within  {figures}")
        failed += wrong is not None
    if failed:
        print("budget: if that is meant, tests/budget/check.py --record, and say in the commit why it is worth it")
    print(f"paths: {len(paths.keys() | budgets.keys()) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--record", action="store_true")
    arguments.add_argument("--budget", type=pathlib.Path, default=HERE / "budget.txt")
    chosen = arguments.parse_args()
    paths = counted()
    if not chosen.record:
        return compare(paths, chosen.budget)
    lines = [HEAD, *place(), *(f"path {name} {paths[name]:.1f}" for name in sorted(paths))]
    chosen.budget.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
