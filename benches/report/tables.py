"""Markdown tables of rates: peers by rows, cases by columns. It must not know the page around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report import figures
from report.cases import AXES, OPERATIONS, OURS, Case, base_of, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from report.results import Rate, Results

NOTHING = "–"
# Every case but the base case belongs to the first of these axes on which it differs.
SECTIONS = {
    "threads": "Two threads",
    "value": "By size of values",
    "key": "By size of keys",
    "batch": "By size of batches",
    "dist": "By distribution",
    "entries": "By number of entries",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """A table whose first columns are words and whose others are figures, flush right."""
    marks = [":---" if column < words else "---:" for column in range(len(head))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, marks, *rows])


def name(peer: str) -> str:
    """A store's name: ours stands out, the others' are code."""
    return f"**{OURS}**" if peer == OURS else f"`{peer}`"


def cell(rate: Rate | None) -> str:
    """A peer's rate and how many times as fast we were; bold where the peer is faster."""
    if rate is None:
        return NOTHING
    text = f"{figures.plain(rate.their_rate)} ({figures.times(rate.ratio)})"
    return f"**{text}**" if rate.ratio < 1 else text


def find(results: Results, case: Case, peer: str) -> Rate | None:
    """A case beside one peer, if that was measured."""
    return next((rate for rate in results.of(case) if rate.peer == peer), None)


def rates(results: Results, columns: dict[str, Case], needed: Iterable[Case]) -> str:
    """Our rates, then those of every peer that was measured in one of the needed cases."""
    ours = [results.our_rate(case) for case in columns.values()]
    rows = [[name(OURS), *(NOTHING if rate is None else figures.plain(rate) for rate in ours)]]
    measured = {rate.peer for case in needed for rate in results.of(case)}
    for peer in (peer for peer in results.peers() if peer in measured):
        rows += [[name(peer), *(cell(find(results, case, peer)) for case in columns.values())]]
    return table(["M keys/s", *columns], rows)


def operations(results: Results) -> str:
    """Every operation in its base case."""
    columns = {label: base_of(op) for op, label in OPERATIONS.items() if results.of(base_of(op))}
    return rates(results, columns, columns.values())


def section(case: Case) -> str | None:
    """The axis under which a case is shown; None for a base case."""
    return next((axis for axis in SECTIONS if axis in differences(case)), None)


def by_axis(results: Results, axis: str) -> dict[str, str]:
    """A table for every operation that was measured along an axis, beside its base case."""
    tables = {}
    for op, label in OPERATIONS.items():
        cases = [case for case in results.cases() if case.op == op and section(case) == axis]
        base = [base_of(op)] if results.of(base_of(op)) else []
        if cases:
            columns = {_head(case, axis): case for case in sorted(base + cases, key=lambda case: _place(case, axis))}
            tables[label] = rates(results, columns, cases)
    return tables


def _head(case: Case, axis: str) -> str:
    others = (AXES[other](case) for other in differences(case) if other != axis)
    return ", ".join([AXES[axis](case), *others])


def _place(case: Case, axis: str) -> tuple[int, ...]:
    along = -1 if axis == "dist" else int(getattr(case, axis))
    return (along, *case.sort_key())
