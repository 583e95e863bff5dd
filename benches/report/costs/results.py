"""Reads what bytestore's own features cost. It computes medians and ratios, and must not know what the page says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from report.cases import OPERATIONS, count, count_threads
from report.results import DESCRIPTION, Described, Fields, ResultsError, read_with, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

FIRST = "first count"
QUESTIONS = ("count", "keys", "delete", FIRST)


@dataclass(frozen=True)
class Case:
    """The same work with a feature and without."""

    op: str
    entries: int
    batch: int
    threads: int

    @classmethod
    def of(cls, fields: Fields) -> Case:
        """As a record says it."""
        numbers = (fields.whole(name) for name in ("entries", "batch", "threads"))
        return cls(fields.one_of("op", OPERATIONS), *numbers)

    def __str__(self) -> str:
        words = [OPERATIONS[self.op], f"{count(self.entries)} entries", f"batches of {self.batch:,}"]
        return ", ".join([*words, count_threads(self.threads)])


@dataclass(frozen=True)
class Pair:
    """Million keys a second, round by round: with the feature, and in the same rounds without."""

    case: Case
    there: tuple[float, ...]
    without: tuple[float, ...]
    bound: str = ""

    @property
    def ratio(self) -> float:
        """The median share of the speed that is left."""
        return median(a / b for a, b in zip(self.there, self.without, strict=True))


@dataclass(frozen=True)
class Answer:
    """Microseconds for a question about a prefix that a hundred keys begin with."""

    entries: int
    store: str
    question: str
    us: float
    # Right after others had the processor's caches.
    cold_us: float | None = None


@dataclass
class Results(Described):
    """All records of one run."""

    bounds: list[Pair] = field(default_factory=list)
    counting: list[Pair] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def answer(self, store: str, question: str, entries: int, *, cold: bool = False) -> float | None:
        """One store's time."""
        key = (store, question, entries)
        found = (a for a in self.answers if (a.store, a.question, a.entries) == key)
        return next((a.cold_us if cold else a.us for a in found), None)


def _add(pairs: list[Pair], new: Pair) -> None:
    """A case is measured in several pairs of stores: their rounds count alike."""
    for at, old in enumerate(pairs):
        if (old.case, old.bound) == (new.case, new.bound):
            pairs[at] = replace(old, there=old.there + new.there, without=old.without + new.without)
            return
    pairs.append(new)


def _bound(results: Results, fields: Fields) -> None:
    case, name = Case.of(fields), fields.text("bound")
    _add(results.bounds, Pair(case, *fields.pair("bounded", "unbounded"), name))


def _counting(results: Results, fields: Fields) -> None:
    _add(results.counting, Pair(Case.of(fields), *fields.pair("counting", "not_counting")))


def _prefix(results: Results, fields: Fields) -> None:
    entries, store = fields.whole("entries"), fields.text("store")
    question = fields.one_of("question", QUESTIONS)
    cold_us = None if question == FIRST else fields.number("cold_us")
    results.answers.append(Answer(entries, store, question, fields.number("us"), cold_us))


KINDS: dict[str, Callable[[Results, Fields], None]] = {
    **DESCRIPTION,
    "bound": _bound,
    "counting": _counting,
    "prefix": _prefix,
}


def parse(lines: Iterable[str]) -> Results:
    """All records of a results file."""
    results = Results()
    take(results, lines, KINDS)
    if not results.machine:
        raise ResultsError("the machine is not described")
    return results


def read(path: Path) -> Results | None:
    """The results file at a path; None where the costs were not measured."""
    return read_with(parse, path) if path.exists() else None
