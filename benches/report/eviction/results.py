"""Reads the hit ratios, and compares them with the optimum and the best peer. It must not know what the page says."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import mean
from typing import TYPE_CHECKING, TypeVar

from report.eviction.caches import BELADY, CACHES, OURS, set_of
from report.results import Fields, ResultsError, read_with, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Value = TypeVar("Value")  # what is known of a cache in a case
POINTS = 100  # a hit ratio of 1


@dataclass(frozen=True)
class Case:
    """A trace, and what fits into the cache: a percentage of its distinct keys, or of all their bytes."""

    trace: str
    percent: int

    @property
    def kind(self) -> str:
        """Which traces it belongs to."""
        return set_of(self.trace)

    def __str__(self) -> str:
        return f"{self.trace}, {self.percent} %"


@dataclass(frozen=True)
class Ahead:
    """A cache that hits more often than ours, by so many points."""

    cache: str
    points: float


@dataclass
class Results:
    """Hit ratios by case and cache; of values of two sizes the share of hits, and that of the bytes hit."""

    versions: dict[str, str] = field(default_factory=dict)
    hits: dict[Case, dict[str, float]] = field(default_factory=dict)
    sizes: dict[Case, dict[str, tuple[float, float]]] = field(default_factory=dict)

    def cases(self, kind: str) -> list[Case]:
        """The cases of one kind of traces: by name, from small to large."""
        found = (case for case in self.hits if case.kind == kind)
        return sorted(found, key=lambda case: (case.trace.lower(), case.percent))

    def caches(self) -> list[str]:
        """All that were replayed, in the order of the page."""
        return [cache for cache in CACHES if any(cache in found for found in self.hits.values())]

    def share(self, case: Case, cache: str) -> float:
        """The share of the optimum's hits; where that has none, all of them."""
        found = self.hits[case]
        return found[cache] / found[BELADY] if found[BELADY] else 1.0

    def peers(self, case: Case) -> list[Ahead]:
        """Every peer with its lead over ours, the best one first."""
        found = self.hits[case]
        leads = [Ahead(cache, (hit - found[OURS]) * POINTS) for cache, hit in found.items()]
        peers = [lead for lead in leads if lead.cache not in {OURS, BELADY}]
        return sorted(peers, key=lambda lead: (-lead.points, list(CACHES).index(lead.cache)))

    def mean_share(self, kind: str, cache: str) -> float | None:
        """The mean over all cases of one kind of traces; None where one of them was not replayed."""
        cases = self.cases(kind)
        complete = cases and all(cache in self.hits[case] for case in cases)
        return mean(self.share(case, cache) for case in cases) if complete else None

    def mean_of_best(self, kind: str) -> float:
        """The same of the best peer of each case: of a cache that nobody has."""
        return mean(self.share(case, self.peers(case)[0].cache) for case in self.cases(kind))


def _share(fields: Fields, name: str) -> float:
    value = fields.number(name)
    if not 0 <= value <= 1:
        raise ResultsError(f"the field {name!r} is {value}")
    return value


def _version(results: Results, fields: Fields) -> None:
    results.versions[fields.text("crate")] = fields.text("version")


def _put(into: dict[Case, dict[str, Value]], fields: Fields, value: Value) -> None:
    case, cache = Case(fields.text("trace"), fields.whole("percent")), fields.one_of("cache", CACHES)
    found = into.setdefault(case, {})
    if cache in found:
        raise ResultsError(f"{cache} has {case} twice")
    found[cache] = value


def _hits(results: Results, fields: Fields) -> None:
    _put(results.hits, fields, _share(fields, "hit_ratio"))


def _sizes(results: Results, fields: Fields) -> None:
    _put(results.sizes, fields, (_share(fields, "hit_ratio"), _share(fields, "byte_hit_ratio")))


KINDS: dict[str, Callable[[Results, Fields], None]] = {"crate": _version, "sizes": _sizes, "hits": _hits}


def _kind(fields: Fields) -> str:
    """These lines do not say what they are: their fields do."""
    if "crate" in fields.record:
        return "crate"
    return "sizes" if "byte_hit_ratio" in fields.record else "hits"


def parse(lines: Iterable[str]) -> Results:
    """All lines of a results file."""
    results = Results()
    take(results, lines, KINDS, _kind)
    for case, found in results.hits.items():
        if not {OURS, BELADY} < found.keys():
            raise ResultsError(f"{case}: ours, the optimum or all peers are missing")
    for case, sizes in results.sizes.items():
        if OURS not in sizes:
            raise ResultsError(f"{case}: ours is missing")
    return results


def read(path: Path) -> Results | None:
    """The results file at a path; None where nothing was replayed."""
    return read_with(parse, path) if path.exists() else None
