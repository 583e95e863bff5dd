"""The plots: what each one shows, and the title that states its finding. How they look is in drawing.py."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from report import drawing, figures
from report.cases import AXES, BASE, OURS, Case, count, differences, size

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

    from report.results import Results

FOUND = "million keys a second"


@dataclass(frozen=True)
class Plot:
    """A drawing, and in words what it shows."""

    finding: str
    figure: Figure


def plots(results: Results) -> dict[str, Plot]:
    """All plots for which there are figures, by the names of their files."""
    makers: dict[str, Callable[[Results], Plot | None]] = {
        "mget-hit": _mget_hit,
        "batch": _batch,
        "entries": _entries,
        "growth": _growth,
        "memory": _memory,
    }
    made = {name: maker(results) for name, maker in makers.items()}
    return {name: plot for name, plot in made.items() if plot}


def _mget_hit(results: Results) -> Plot:
    rates = results.of(BASE)
    ratios = [rate.ratio for rate in rates]
    finding = f"bytestore finds {figures.span(ratios, 'times')} as many keys a second as its peers"
    bars = [drawing.Bar(OURS, ours := results.our_rate(BASE) or 0, figures.plain(ours))]
    for rate in rates:
        words = f"{figures.plain(rate.their_rate)}  (bytestore: {figures.times(rate.ratio)})"
        bars.append(drawing.Bar(rate.peer, rate.their_rate, words))
    bars.sort(key=lambda bar: -bar.length)
    return Plot(finding, drawing.bars(finding, f"{FOUND}; {', '.join(AXES[axis](BASE) for axis in AXES)}", bars))


def _lines(results: Results, axis: str) -> dict[str, list[tuple[float, float]]]:
    """The rates of mget hit along one axis, all else as in the base case; the fastest peers first."""
    cases = [case for case in results.cases() if case.op == BASE.op and set(differences(case)) <= {axis}]
    cases.sort(key=lambda case: int(getattr(case, axis)))
    lines: dict[str, list[tuple[float, float]]] = {}
    for peer in [OURS, *results.peers()]:
        points = []
        for case in cases:
            rate = results.our_rate(case) if peer == OURS else _their_rate(results, case, peer)
            if rate:
                points.append((float(getattr(case, axis)), rate))
        if len(points) > 1:
            lines[peer] = points
    return lines


def _their_rate(results: Results, case: Case, peer: str) -> float | None:
    return next((rate.their_rate for rate in results.of(case) if rate.peer == peer), None)


def _batch(results: Results) -> Plot | None:
    lines = _lines(results, "batch")
    if OURS not in lines:
        return None
    smallest = lines[OURS][0][0]
    ends = {peer: dict(points) for peer, points in lines.items()}
    gains = {peer: of[BASE.batch] / of[smallest] for peer, of in ends.items() if {BASE.batch, smallest} <= of.keys()}
    finding = (
        f"bytestore in batches of {BASE.batch}: {figures.times(gains.pop(OURS))} its rate in batches of {smallest:g}"
    )
    if gains:
        finding += f"; peers {figures.times(median(gains.values()))} (median)"
    labels = {x: f"{x:g}" for points in lines.values() for x, _ in points}
    return Plot(finding, drawing.lines(finding, ("keys in a batch", FOUND), lines, labels))


def _entries(results: Results) -> Plot | None:
    lines = _lines(results, "entries")
    if OURS not in lines:
        return None
    closest = []
    for entries, _ in lines[OURS]:
        least = min(rate.ratio for rate in results.of(replace(BASE, entries=int(entries))))
        closest.append(f"{figures.times(least)} at {count(int(entries))}")
    finding = f"bytestore beside the fastest peer, by entries: {', '.join(closest)}"
    labels = {x: count(int(x)) for points in lines.values() for x, _ in points}
    return Plot(finding, drawing.lines(finding, ("entries in the store", FOUND), lines, labels))


def _growth(results: Results) -> Plot | None:
    largest = max(((record.entries, record.batch) for record in results.growth), default=None)
    records = [record for record in results.growth if (record.entries, record.batch) == largest]
    ours = next((record for record in records if record.peer == OURS), None)
    others = [record.max for record in records if record.peer != OURS]
    if not ours or not others:
        return None
    finding = (
        f"Worst batch while growing to {count(ours.entries)}: bytestore {figures.time(ours.max)}, "
        f"peers {figures.time(min(others))} to {figures.time(max(others))}"
    )
    bars = [
        drawing.Bar(record.peer, record.max / 1e3, figures.time(record.max))
        for record in sorted(records, key=lambda record: record.max)
    ]
    axis = f"worst batch of {ours.batch}, milliseconds (logarithmic: each line is ten times the one before)"
    return Plot(finding, drawing.bars(finding, axis, bars, logarithmic=True))


def _memory(results: Results) -> Plot | None:
    shape = (BASE.entries, BASE.key, BASE.value)
    records = [record for record in results.memory if (record.entries, record.key, record.value) == shape]
    ours = next((record for record in records if record.peer == OURS), None)
    others = [record.per_entry for record in records if record.peer != OURS]
    if not ours or not others:
        return None
    finding = (
        f"An entry beyond its key and value: bytestore {figures.plain(ours.per_entry)} B, "
        f"peers {figures.plain(min(others))} to {figures.plain(max(others))} B"
    )
    bars = [
        drawing.Bar(record.peer, record.per_entry, figures.plain(record.per_entry))
        for record in sorted(records, key=lambda record: record.per_entry)
    ]
    shape_words = f"{count(BASE.entries)} entries of {size(BASE.key)} + {size(BASE.value)}"
    axis = f"resident bytes an entry beyond key and value; {shape_words}"
    return Plot(finding, drawing.bars(finding, axis, bars))
