"""What a full store aims for: each goal with the figures that decide it. It must not know how a page looks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from report import figures
from report.eviction.caches import CACHES, OURS, SETS
from report.goals import Figure, Goal

if TYPE_CHECKING:
    from collections.abc import Callable

    from report.eviction.results import Results

NEARLY = 0.5  # points that the best peer may be ahead
SHARE = 0.89


def points(value: float) -> str:
    """Hundredths of a hit ratio, rounded down: ours less a peer's."""
    return f"{math.floor(value * 100 + figures.HAIR) / 100:+.2f} points"


def _beside_best(kind: str) -> Callable[[Results], list[Figure]]:
    def take(results: Results) -> list[Figure]:
        best = {case: results.peers(case)[0] for case in results.cases(kind)}
        return [Figure(CACHES[peer.cache][0], -peer.points, str(case)) for case, peer in best.items()]

    return take


def _mean_share(kind: str) -> Callable[[Results], list[Figure]]:
    def take(results: Results) -> list[Figure]:
        share = results.mean_share(kind, OURS)
        return [] if share is None else [Figure("", share)]

    return take


def _percent(share: float) -> str:
    return f"{figures.down(share * 100)} %"


GOALS: tuple[Goal[Results], ...] = tuple(
    goal
    for kind, (heading, _) in SETS.items()
    for goal in (
        Goal(
            f"{heading.lower()}: hit ratio less that of each case's best peer",
            -NEARLY,
            _beside_best(kind),
            write=points,
        ),
        Goal(f"{heading.lower()}: mean share of the optimum's hits", SHARE, _mean_share(kind), write=_percent),
    )
)
