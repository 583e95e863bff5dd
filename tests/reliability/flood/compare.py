#!/usr/bin/env python3
"""Compares what callgrind counted of each set of keys with random ones. Knows no set.

`compare.py DUMPS`: a line for each set, then the worst one; fails where chosen keys take more than half as much again.
"""

import pathlib
import re
import sys

MOST = 1.5


def counted(dumps: pathlib.Path) -> dict[str, dict[str, float]]:
    """Instructions a key, by set and kind: a dump's label is a set's name, a kind, and how many keys it has."""
    sets: dict[str, dict[str, float]] = {}
    for dump in dumps.iterdir():
        text = dump.read_text(encoding="utf-8", errors="replace")
        label = re.search(r"^desc: Trigger: Client Request: (\S+) (\S+) (\d+)$", text, re.MULTILINE)
        total = re.search(r"^totals: (\d+)", text, re.MULTILINE)
        if label and total:
            sets.setdefault(label[1], {})[label[2]] = int(total[1]) / int(label[3])
    return sets


def main() -> int:
    ratios = {}
    for name, kinds in sorted(counted(pathlib.Path(sys.argv[1])).items()):
        ratios[name] = kinds["chosen"] / kinds["random"]
        verdict = "ok    " if ratios[name] <= MOST else "FAILED"
        print(f"{verdict}  {name:18} {kinds['chosen']:9.1f} instructions a key, random keys {kinds['random']:9.1f}")
    failed = sum(ratio > MOST for ratio in ratios.values())
    if ratios:
        worst = max(ratios, key=lambda name: ratios[name])
        print(f"worst: {ratios[worst]:.2f} times the work of random keys ({worst})")
    print(f"sets: {len(ratios) - failed} passed, {failed} failed")
    return 1 if failed or not ratios else 0


if __name__ == "__main__":
    sys.exit(main())
