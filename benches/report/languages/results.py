"""Reads the bindings' results file. It computes medians and ratios, and must not know what the page says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from report.languages.cases import LANGUAGES, OPERATIONS, Case
from report.results import DESCRIPTION, Described, Fields, ResultsError, Rounds, read_with, take

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Rate(Rounds):
    """A case beside one peer."""

    case: Case
    peer: str
    version: str


@dataclass(frozen=True)
class Figure:
    """One number of one store in a process of its own, such as `resident_per_entry`."""

    language: str
    what: str
    store: str
    entries: int
    value: float


@dataclass
class Results(Described):
    """All records of one run."""

    rates: list[Rate] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    def languages(self) -> list[str]:
        """Those that were measured, in the order of the page."""
        return [language for language in LANGUAGES if any(rate.case.language == language for rate in self.rates)]

    def cases(self, language: str) -> list[Case]:
        """All measured cases of a language, in the order of tables."""
        return sorted({rate.case for rate in self.rates if rate.case.language == language}, key=Case.sort_key)

    def peers(self, language: str) -> dict[str, str]:
        """The peers of a language with their versions, as they were measured."""
        return {rate.peer: rate.version for rate in self.rates if rate.case.language == language}

    def of(self, case: Case) -> list[Rate]:
        """A case beside every peer it was measured with."""
        return [rate for rate in self.rates if rate.case == case]

    def our_rate(self, case: Case) -> float | None:
        """Our median over all rounds of a case, whichever peer stood beside it."""
        rounds = [value for rate in self.of(case) for value in rate.ours]
        return median(rounds) if rounds else None


def _rate(results: Results, fields: Fields) -> None:
    case = Case(
        language=fields.one_of("language", LANGUAGES),
        op=fields.one_of("op", OPERATIONS),
        form=fields.text("form"),
        entries=fields.whole("entries"),
        key=fields.whole("key"),
        value=fields.whole("value"),
        batch=fields.whole("batch"),
        threads=fields.whole("threads"),
    )
    rate = Rate(*fields.pair("ours", "theirs"), case, fields.text("peer"), fields.text("version"))
    if any(other.peer == rate.peer for other in results.of(case)):
        raise ResultsError(f"{rate.peer} has this case twice")
    results.rates.append(rate)


def _figure(results: Results, fields: Fields) -> None:
    if "version" in fields.record:
        fields.text("version")
    language, what, store = fields.one_of("language", LANGUAGES), fields.text("what"), fields.text("store")
    results.figures.append(Figure(language, what, store, fields.whole("entries"), fields.number("value")))


def parse(lines: Iterable[str]) -> Results:
    """All records of a results file."""
    results = Results()
    take(results, lines, {**DESCRIPTION, "language": _rate, "language_figure": _figure})
    if not results.machine:
        raise ResultsError("the machine is not described")
    return results


def read(path: Path) -> Results | None:
    """The results file at a path; None where the bindings were not measured."""
    return read_with(parse, path) if path.exists() else None
