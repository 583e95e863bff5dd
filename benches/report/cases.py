"""One measured case: which work, on which data, and how to say so in words. It knows no figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "bytestore"

OPERATIONS = {
    "mget_hit": "mget hit",
    "mget_hit_buffer": "mget hit, bytestore's buffer",
    "mget_miss": "mget miss",
    "mixed": "95/5 mixed",
    "overwrite": "overwrite",
    "insert": "insert from empty",
    "delete": "delete",
    "scan": "scan",
}
DISTRIBUTIONS = {"uniform": "uniform", "zipf": "Zipf 0.99"}


@dataclass(frozen=True)
class Case:
    """One kind of work on one kind of data."""

    op: str = "mget_hit"
    entries: int = 1_000_000
    key: int = 20
    value: int = 100
    dist: str = "uniform"
    batch: int = 64
    threads: int = 1

    def sort_key(self) -> tuple[int, ...]:
        """The order of cases in tables: operations as listed above, then from small to large."""
        place = list(OPERATIONS).index(self.op)
        distribution = list(DISTRIBUTIONS).index(self.dist)
        return (place, self.threads, self.value, self.key, distribution, self.batch, self.entries)


BASE = Case()  # each axis is varied from here


def base_of(op: str) -> Case:
    """The base case of an operation."""
    return replace(BASE, op=op)


def count(number: int) -> str:
    """A number of things: `10 thousand`, `1 million`, `1,500`."""
    for unit, word in ((1_000_000, "million"), (1_000, "thousand")):
        if number >= unit and number % unit == 0:
            return f"{number // unit} {word}"
    return f"{number:,}"


def size(number: int) -> str:
    """A number of bytes: `100 B`, `12 KiB`."""
    for unit, word in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= unit and number % unit == 0:
            return f"{number // unit} {word}"
    return f"{number:,} B"


def count_threads(number: int) -> str:
    """A number of threads: `one thread`, `two threads`."""
    return {1: "one thread", 2: "two threads"}.get(number, f"{number} threads")


AXES: dict[str, Callable[[Case], str]] = {
    "entries": lambda case: f"{count(case.entries)} entries",
    "key": lambda case: f"{size(case.key)} keys",
    "value": lambda case: f"{size(case.value)} values",
    "dist": lambda case: DISTRIBUTIONS[case.dist],
    "batch": lambda case: f"batches of {case.batch:,}",
    "threads": lambda case: count_threads(case.threads),
}


def differences(case: Case) -> list[str]:
    """The axes on which a case is not the base case."""
    return [axis for axis in AXES if getattr(case, axis) != getattr(BASE, axis)]


def describe(case: Case) -> str:
    """The operation, and what is not as in the base case."""
    return ", ".join([OPERATIONS[case.op], *(AXES[axis](case) for axis in differences(case))])
