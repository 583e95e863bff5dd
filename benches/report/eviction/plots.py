"""A plot for each kind of traces: the share of the optimum by trace and size, ours beside the peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report import drawing, figures
from report.eviction.caches import OURS, SETS
from report.plots import Plot

if TYPE_CHECKING:
    from report.eviction.results import Results


def plots(results: Results) -> dict[str, Plot]:
    """By the names of their files."""
    made = {f"hits-{kind.replace(' ', '-')}": _plot(results, kind) for kind in SETS}
    return {name: plot for name, plot in made.items() if plot}


def _plot(results: Results, kind: str) -> Plot | None:
    cases = results.cases(kind)
    percents = sorted({case.percent for case in cases})
    panels = []
    for trace in dict.fromkeys(case.trace for case in cases):
        row = [case for case in cases if case.trace == trace]
        peers = [peer.cache for peer in results.peers(row[0])]
        if len(row) == len(percents) and all(cache in results.hits[case] for case in row for cache in peers):
            lines = [[results.share(case, cache) for case in row] for cache in (OURS, *peers)]
            panels.append(drawing.Panel(trace, lines[0], lines[1:]))
    ours = results.mean_share(kind, OURS)
    means = [results.mean_share(kind, cache) for cache in results.caches()]
    others = [mean for cache, mean in zip(results.caches(), means, strict=True) if mean and cache in _peers(results)]
    if not panels or ours is None or not others:
        return None
    finding = (
        f"{SETS[kind][0]}: bytestore hits {figures.down(ours * 100)} % as often as the optimum in the mean, "
        f"peers {figures.down(min(others) * 100)} to {figures.down(max(others) * 100)} %"
    )
    axes = ("size of the cache, in percent of the distinct keys", "share of the optimum's hits")
    return Plot(finding, drawing.panels(finding, axes, [f"{percent}" for percent in percents], panels))


def _peers(results: Results) -> set[str]:
    return {peer.cache for case in results.hits for peer in results.peers(case)}
