"""What we aim for: each goal with the figures that decide it. It must not know how a page looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from report import figures, limit
from report.cases import BASE, OURS, Case, describe, size
from report.figures import times
from report.growing import BIT_BY_BIT, SHARD, WHOLE, way

if TYPE_CHECKING:
    from collections.abc import Callable

    from report.results import Rate, Results

Measured = TypeVar("Measured")  # the results of one benchmark

TEN_MILLION = 10_000_000
VIEWS = replace(BASE, op="mget_hit_buffer")


@dataclass(frozen=True)
class Figure:
    """A measured figure, the peer it was measured against (empty: none), and the case where a goal has several."""

    peer: str
    value: float
    case: str = ""


@dataclass(frozen=True)
class Goal(Generic[Measured]):
    """Every figure must be at least, or at most, the bound."""

    work: str
    bound: float
    figures: Callable[[Measured], list[Figure]]
    at_most: bool = False
    write: Callable[[float], str] = times
    of: str = ""  # whose figure the bound is a multiple of

    @property
    def wanted(self) -> str:
        """The bound in words."""
        return f"{'≤' if self.at_most else '≥'} {figures.trim(self.write(self.bound))} {self.of}".strip()


@dataclass(frozen=True)
class Outcome(Generic[Measured]):
    """A goal beside what was measured: the figures from the worst to the best, and those that miss the bound."""

    goal: Goal[Measured]
    figures: list[Figure]
    missed: list[Figure]

    @property
    def reached(self) -> bool | None:
        """None: not measured."""
        return not self.missed if self.figures else None


def judge(goal: Goal[Measured], results: Measured) -> Outcome[Measured]:
    """What a run says about a goal."""
    found = sorted(goal.figures(results), key=lambda figure: figure.value, reverse=goal.at_most)
    missed = [figure for figure in found if (figure.value > goal.bound if goal.at_most else figure.value < goal.bound)]
    return Outcome(goal, found, missed)


def _boost(peer: str) -> bool:
    return "boost" in peer


def _beside(
    matches: Callable[[Case], bool], peers: Callable[[str], bool] = lambda _: True
) -> Callable[[Results], list[Figure]]:
    def take(rate: Rate) -> bool:
        return matches(rate.case) and peers(rate.peer)

    return lambda results: [Figure(rate.peer, rate.ratio, describe(rate.case)) for rate in results.rates if take(rate)]


def _is(**axes: int | str) -> Callable[[Case], bool]:
    """The base case but for some axes."""
    return lambda case: case == replace(BASE, **axes)  # type: ignore[arg-type]


def _views(case: Case) -> bool:
    """12 KiB values, in as many entries as memory holds."""
    return case.value == 12 << 10 and replace(case, value=BASE.value, entries=BASE.entries) == VIEWS


def _one_by_one(case: Case) -> bool:
    """Any operation in batches of one, in and out of the cache."""
    return case.batch == 1 and replace(case, op=BASE.op, entries=BASE.entries, batch=BASE.batch) == BASE


def _two_over_one(op: str) -> Callable[[Results], list[Figure]]:
    def take(results: Results) -> list[Figure]:
        two, one = (results.our_rate(replace(BASE, op=op, threads=threads)) for threads in (2, 1))
        return [Figure("", two / one)] if two and one else []

    return take


def _per_entry(results: Results) -> list[Figure]:
    base = (BASE.entries, BASE.key, BASE.value)
    return [
        Figure("", record.per_entry)
        for record in results.memory
        if record.peer == OURS and (record.entries, record.key, record.value) == base
    ]


def _after_delete(results: Results) -> list[Figure]:
    return [
        Figure("", record.after_delete, f"{size(record.key)} + {size(record.value)}")
        for record in results.memory
        if record.peer == OURS
    ]


def _worst_batch(grows: str) -> Callable[[Results], list[Figure]]:
    """Our worst batch while growing, as a multiple of the peers' that grow in that way."""

    def take(results: Results) -> list[Figure]:
        return [
            Figure(theirs.peer, ours.max / theirs.max)
            for ours in results.growth
            for theirs in results.growth
            if ours.peer == OURS != theirs.peer
            and (ours.entries, ours.batch) == (theirs.entries, theirs.batch) == (TEN_MILLION, BASE.batch)
            and way(theirs.peer) == grows
        ]

    return take


def _limit(results: Results) -> list[Figure]:
    share = limit.reached(results)
    return [Figure("", share)] if share else []


def _fraction(value: float) -> str:
    return f"1/{figures.trim(figures.down(1 / value))}" if value < 1 else f"{figures.up(value)} ×"


def _bytes(value: float) -> str:
    return f"{figures.up(value)} B"


def _growing(bound: float, grows: str, of: str) -> Goal[Results]:
    work = "worst mset batch while growing to 10 million entries"
    return Goal(work, bound, _worst_batch(grows), at_most=True, write=_fraction, of=of)


EVERY = "every peer"
GOALS: tuple[Goal[Results], ...] = (
    Goal("mget hit", 2.5, _beside(_is(), _boost), of="boost bulk visit"),
    Goal("mget hit", 3, _beside(_is(), lambda peer: not _boost(peer)), of="every other peer"),
    Goal("mget hit, Zipf 0.99", 3, _beside(_is(dist="zipf")), of=EVERY),
    Goal("mget hit, 10 million entries", 3, _beside(_is(entries=TEN_MILLION)), of=EVERY),
    Goal(
        "95/5 mixed, 10 million entries, two threads",
        3.5,
        _beside(_is(op="mixed", entries=TEN_MILLION, threads=2)),
        of=EVERY,
    ),
    Goal("mget hit, 10 thousand entries (in cache)", 1.15, _beside(_is(entries=10_000)), of=EVERY),
    Goal("mget miss", 2, _beside(_is(op="mget_miss")), of=EVERY),
    Goal("mget hit, 1 KiB values", 1.9, _beside(_is(value=1 << 10)), of=EVERY),
    Goal("mget hit, 12 KiB values (views)", 5, _beside(_views), of="every peer that copies"),
    Goal("95/5 mixed, two threads", 2.5, _beside(_is(op="mixed", threads=2)), of=EVERY),
    Goal("overwrite", 2, _beside(_is(op="overwrite")), of=EVERY),
    Goal("insert from empty", 1.6, _beside(_is(op="insert")), of=EVERY),
    Goal("delete", 2.8, _beside(_is(op="delete")), of=EVERY),
    Goal("batches of one", 1, _beside(_one_by_one), of="every peer's single call"),
    Goal("mget hit, two threads over one", 1.85, _two_over_one("mget_hit")),
    Goal("95/5 mixed, two threads over one", 1.85, _two_over_one("mixed")),
    Goal("resident memory an entry beyond key and value", 32, _per_entry, at_most=True, write=_bytes),
    Goal("share of the peak resident after 90 % was deleted", 0.25, _after_delete, at_most=True, write=figures.at_most),
    _growing(1 / 50, WHOLE, f"of every peer that moves {WHOLE}"),
    _growing(1 / 50, SHARD, f"of every peer that moves {SHARD}"),
    _growing(1, BIT_BY_BIT, f"of every peer that grows {BIT_BY_BIT}"),
    Goal("mget hit, share of the bare-memory limit", 0.6, _limit, write=figures.at_least),
)
