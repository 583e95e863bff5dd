"""What bytestore's features may cost: each goal with the figures that decide it. It must not know how a page looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report import figures
from report.cases import OURS
from report.costs.results import FIRST, QUESTIONS
from report.goals import Figure, Goal

if TYPE_CHECKING:
    from collections.abc import Callable

    from report.costs.results import Results

MILLION, TEN_MILLION = 1_000_000, 10_000_000
LOOKUP = "mget_hit"


def _kept(results: Results) -> list[Figure]:
    pairs = [pair for pair in results.bounds if pair.case.op == LOOKUP]
    return [Figure("", pair.ratio, f"{pair.case}, bound {pair.bound}") for pair in pairs]


def _counting(results: Results) -> list[Figure]:
    return [Figure("", 1 - pair.ratio, str(pair.case)) for pair in results.counting if pair.case.op == LOOKUP]


def _answer(question: str) -> Callable[[Results], list[Figure]]:
    def take(results: Results) -> list[Figure]:
        time = results.answer(OURS, question, MILLION)
        return [] if time is None else [Figure("", time)]

    return take


def _growth(results: Results) -> list[Figure]:
    found = []
    for question in QUESTIONS:
        one, ten = (results.answer(OURS, question, entries) for entries in (MILLION, TEN_MILLION))
        if one and ten and question != FIRST:
            found.append(Figure("", ten / one, question))
    return found


def _micros(value: float) -> str:
    return f"{figures.up(value)} µs"


def _multiple(value: float) -> str:
    return f"{figures.up(value)} ×"


GOALS: tuple[Goal[Results], ...] = (
    Goal("mget hit with a bound", 0.8, _kept, write=figures.at_least, of="of its rate without"),
    Goal("what counting costs mget hit", 0.02, _counting, at_most=True, write=figures.at_most),
    *(
        Goal(f"100 of 1 million keys by prefix: {question}", 8, _answer(question), at_most=True, write=_micros)
        for question in QUESTIONS
        if question != FIRST
    ),
    Goal("100 of 10 million keys by prefix", 2, _growth, at_most=True, write=_multiple, of="the time for 1 million"),
)
