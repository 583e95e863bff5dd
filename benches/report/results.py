"""Reads the results file: one JSON object a line, every record known and complete, or an error that names the line.

It computes medians and ratios, and must not know what the page says of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from report.cases import BASE, DISTRIBUTIONS, OPERATIONS, OURS, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


Target = TypeVar("Target")  # the results of one benchmark


class ResultsError(Exception):
    """The results file is not what this program can report."""


@dataclass(frozen=True)
class Rounds:
    """The same work in bytestore and in a peer, round by round, in million keys a second."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def our_rate(self) -> float:
        """Our median beside this peer."""
        return median(self.ours)

    @property
    def their_rate(self) -> float:
        """The peer's median."""
        return median(self.theirs)

    @property
    def ratios(self) -> list[float]:
        """How many times as fast bytestore was in each round."""
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: both sides of each stem from the same seconds."""
        return median(self.ratios)

    @property
    def more_each(self) -> float:
        """Nanoseconds that a key takes longer in bytestore than in the peer, the median of the rounds."""
        return median(1e3 / ours - 1e3 / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True))

    @property
    def spread(self) -> float:
        """How far the rounds' ratios lie from their median, in the median and as a share of it."""
        return median(abs(ratio - self.ratio) for ratio in self.ratios) / self.ratio


@dataclass(frozen=True)
class Rate(Rounds):
    """A case beside one peer."""

    case: Case
    peer: str
    version: str


@dataclass(frozen=True)
class Growth:
    """Microseconds for one mset batch while a store grows from empty."""

    peer: str
    entries: int
    batch: int
    p50: float
    p99: float
    p999: float
    max: float


@dataclass(frozen=True)
class Memory:
    """Resident bytes beyond the empty process, and the share of the peak left after 90 % was deleted."""

    peer: str
    entries: int
    key: int
    value: int
    resident: int
    per_entry: float
    after_delete: float


@dataclass(frozen=True)
class Probe:
    """What the machine can do without any store."""

    what: str
    value: float
    unit: str
    huge_pages: bool | None


@dataclass(frozen=True)
class Isolation:
    """Million keys a second with atomic batches and, in the same rounds, without."""

    op: str
    batch: int
    atomic: tuple[float, ...]
    not_atomic: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median share of the speed that is left with atomic batches."""
        return median(a / b for a, b in zip(self.atomic, self.not_atomic, strict=True))


@dataclass
class Described:
    """What every run says of itself."""

    machine: dict[str, str | int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass
class Results(Described):
    """All records of one run."""

    rates: list[Rate] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    isolation: list[Isolation] = field(default_factory=list)

    def of(self, case: Case) -> list[Rate]:
        """A case beside every peer it was measured with."""
        return [rate for rate in self.rates if rate.case == case]

    def our_rate(self, case: Case) -> float | None:
        """Our median over all rounds of a case, whichever peer stood beside it."""
        rounds = [value for rate in self.of(case) for value in rate.ours]
        return median(rounds) if rounds else None

    def cases(self) -> list[Case]:
        """All measured cases, in the order of tables."""
        return sorted({rate.case for rate in self.rates}, key=Case.sort_key)

    def peers(self) -> list[str]:
        """All peers with rates: the fastest in the base case first, then those that were not measured there."""
        base = [rate.peer for rate in sorted(self.of(BASE), key=lambda rate: rate.ratio)]
        return list(dict.fromkeys(base + [rate.peer for rate in self.rates]))


class Fields:
    """The fields of one record: each is asked for once, with its type, and none may be left over."""

    def __init__(self, record: dict[str, object]) -> None:
        self.record = record

    def _take(self, name: str, kind: type | tuple[type, ...]) -> object:
        if name not in self.record:
            raise ResultsError(f"the field {name!r} is missing")
        value = self.record.pop(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ResultsError(f"the field {name!r} is {value!r}")
        return value

    def text(self, name: str) -> str:
        """A string."""
        return str(self._take(name, str))

    def one_of(self, name: str, known: Iterable[str]) -> str:
        """A string that this program knows."""
        value = self.text(name)
        if value not in known:
            raise ResultsError(f"the field {name!r} is {value!r}, which is unknown")
        return value

    def number(self, name: str) -> float:
        """A number."""
        return float(str(self._take(name, (int, float))))

    def whole(self, name: str) -> int:
        """A whole number."""
        return int(str(self._take(name, int)))

    def flag(self, name: str) -> bool | None:
        """A truth value, or None where the record has none."""
        return bool(self._take(name, bool)) if name in self.record else None

    def rounds(self, name: str) -> tuple[float, ...]:
        """A figure above zero for each round."""
        values = self._take(name, list)
        if not isinstance(values, list) or not values:
            raise ResultsError(f"the field {name!r} has no rounds")
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise ResultsError(f"the field {name!r} holds {value!r}")
        return tuple(float(value) for value in values)

    def pair(self, one: str, other: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Two fields with the same number of rounds."""
        first, second = self.rounds(one), self.rounds(other)
        if len(first) != len(second):
            raise ResultsError(f"{len(first)} rounds in {one!r}, {len(second)} in {other!r}")
        return first, second

    def rest(self) -> dict[str, str | int]:
        """Whatever else is said: it is shown as it is."""
        taken, self.record = self.record, {}
        return {name: value if isinstance(value, int) else str(value) for name, value in taken.items()}

    def end(self) -> None:
        """What is left over might be an axis: taking no notice would mix different cases."""
        if self.record:
            raise ResultsError(f"unknown fields: {', '.join(sorted(self.record))}")


def _rate(results: Results, fields: Fields) -> None:
    case = Case(
        op=fields.one_of("op", OPERATIONS),
        entries=fields.whole("entries"),
        key=fields.whole("key"),
        value=fields.whole("value"),
        dist=fields.one_of("dist", DISTRIBUTIONS),
        batch=fields.whole("batch"),
        threads=fields.whole("threads"),
    )
    rate = Rate(*fields.pair("ours", "theirs"), case, fields.text("peer"), fields.text("version"))
    if any(other.peer == rate.peer for other in results.of(case)):
        raise ResultsError(f"{rate.peer} has this case twice")
    results.rates.append(rate)


def _growth(results: Results, fields: Fields) -> None:
    percentiles = {name: fields.number(name) for name in ("p50", "p99", "p999", "max")}
    peer, entries, batch = fields.text("peer"), fields.whole("entries"), fields.whole("batch")
    results.growth.append(Growth(peer, entries, batch, **percentiles))


def _memory(results: Results, fields: Fields) -> None:
    peer = fields.text("peer")
    counts = {name: fields.whole(name) for name in ("entries", "key", "value", "resident")}
    record = Memory(peer, **counts, per_entry=fields.number("per_entry"), after_delete=fields.number("after_delete"))
    if record.peer == OURS and record.per_entry <= 0:
        raise ResultsError(f"{record.per_entry} bytes an entry beyond keys and values")
    results.memory.append(record)


def _probe(results: Results, fields: Fields) -> None:
    unit = fields.text("unit") if "unit" in fields.record else ""
    results.probes.append(Probe(fields.text("what"), fields.number("value"), unit, fields.flag("huge_pages")))


def _isolation(results: Results, fields: Fields) -> None:
    op, batch = fields.one_of("op", OPERATIONS), fields.whole("batch")
    results.isolation.append(Isolation(op, batch, *fields.pair("atomic", "not_atomic")))


def _note(results: Described, fields: Fields) -> None:
    results.notes.append(fields.text("text"))


def _machine(results: Described, fields: Fields) -> None:
    if results.machine:
        raise ResultsError("the machine is described twice")
    results.machine = fields.rest()


DESCRIPTION: dict[str, Callable[[Described, Fields], None]] = {"machine": _machine, "note": _note}
KINDS: dict[str, Callable[[Results, Fields], None]] = {
    **DESCRIPTION,
    "rate": _rate,
    "growth": _growth,
    "memory": _memory,
    "probe": _probe,
    "isolation": _isolation,
}


def _object(line: str) -> dict[str, object]:
    record = json.loads(line)
    if not isinstance(record, dict):
        raise ResultsError("not a JSON object")
    return record


def take(
    into: Target,
    lines: Iterable[str],
    kinds: dict[str, Callable[[Target, Fields], None]],
    kind_of: Callable[[Fields], str] | None = None,
) -> None:
    """Each line into the results, as its kind says, its field or else `kind_of`; what is wrong is said of that line."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            fields = Fields(_object(line))
            kinds[kind_of(fields) if kind_of else fields.one_of("kind", kinds)](into, fields)
            fields.end()
        except (ResultsError, ValueError) as error:
            raise ResultsError(f"line {number}: {error}") from error


def parse(lines: Iterable[str]) -> Results:
    """All records of a results file."""
    results = Results()
    take(results, lines, KINDS)
    if not results.machine:
        raise ResultsError("the machine is not described")
    if not results.of(BASE):
        raise ResultsError(f"the base case is missing: {BASE}")
    return results


def read(path: Path) -> Results:
    """The results file at a path."""
    return read_with(parse, path)


Parsed = TypeVar("Parsed")


def read_with(parse: Callable[[Iterable[str]], Parsed], path: Path) -> Parsed:
    """The results of a file's lines; what is wrong is said of that file."""
    try:
        return parse(path.read_text(encoding="utf-8").splitlines())
    except (OSError, ResultsError) as error:
        raise ResultsError(f"{path}: {error}") from error
