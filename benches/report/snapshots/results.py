"""Reads what saving and loading took. It computes medians and ratios, and must not know what the page says."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from report.cases import OURS
from report.results import DESCRIPTION, Described, Fields, ResultsError, read_with, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

SAVE, FROM_DISK, FROM_CACHE = WORK = ("save", "load from disk", "load from the cache")
DD, PICKLE = "dd", "pickle"


@dataclass(frozen=True)
class Size:
    """What was saved."""

    entries: int
    key: int
    value: int
    bytes: int


@dataclass
class Results(Described):
    """All records of one run."""

    size: Size | None = None
    seconds: dict[str, dict[str, tuple[float, ...]]] = field(default_factory=dict)

    def time(self, work: str, who: str) -> float | None:
        """The median of its rounds."""
        rounds = self.seconds.get(work, {}).get(who)
        return median(rounds) if rounds else None

    def ratio(self, work: str, peer: str) -> float | None:
        """How many times as fast as a peer bytestore was: the median of the rounds' ratios."""
        times = self.seconds.get(work, {})
        if not times:
            return None
        return median(theirs / ours for theirs, ours in zip(times[peer], times[OURS], strict=True))


def _size(results: Results, fields: Fields) -> None:
    results.size = Size(*(fields.whole(name) for name in ("entries", "key", "value", "bytes")))


def _seconds(results: Results, fields: Fields) -> None:
    work = fields.one_of("work", WORK)
    ours = fields.rounds(OURS)
    times = {OURS: ours, DD: fields.rounds(DD), PICKLE: fields.rounds(PICKLE)}
    if {len(rounds) for rounds in times.values()} != {len(ours)}:
        raise ResultsError(f"not as many rounds of each: {work}")
    results.seconds[work] = times


KINDS: dict[str, Callable[[Results, Fields], None]] = {
    **DESCRIPTION,
    "size": _size,
    "seconds": _seconds,
}


def parse(lines: Iterable[str]) -> Results:
    """All records of a results file."""
    results = Results()
    take(results, lines, KINDS)
    if not results.machine or results.size is None:
        raise ResultsError("the machine or the size is not described")
    return results


def read(path: Path) -> Results | None:
    """The results file at a path; None where saving and loading were not measured."""
    return read_with(parse, path) if path.exists() else None
