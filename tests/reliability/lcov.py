"""How often each line was run, as LLVM exports it in lcov's form. Knows no gate."""

import collections
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def relative(name):
    """A file's path below the checkout, if it is there."""
    path = pathlib.Path(name)
    path = path if path.is_absolute() else ROOT / path
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else name


def lines(export):
    """(file, line), and how often it was run."""
    run, name = collections.Counter(), None
    for row in pathlib.Path(export).read_text(encoding="utf-8").splitlines():
        kind, _, rest = row.partition(":")
        if kind == "SF":
            name = relative(rest)
        elif kind == "DA":
            line, count = rest.split(",")[:2]
            run[name, int(line)] += int(count)
    return run
