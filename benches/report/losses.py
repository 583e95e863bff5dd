"""Where others are faster, or smaller: every measured figure in which a peer is ahead, found without choosing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from report import figures
from report.cases import BASE, OURS, count, describe, size
from report.tables import name, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from report.results import Results


@dataclass(frozen=True)
class Loss:
    """A figure in which a peer is ahead; the ratio is below 1."""

    what: str
    peer: str
    ours: str
    theirs: str
    ratio: float


def losses(results: Results) -> dict[str, list[Loss]]:
    """All of them, the worst first, by what was measured."""
    found = {"Rates": _rates(results), "Growth": _growth(results), "Memory": _memory(results)}
    return {
        kind: sorted((loss for loss in each if loss.ratio < 1), key=lambda loss: loss.ratio)
        for kind, each in found.items()
    }


def listing(results: Results) -> str:
    """The lists as tables, or a word that says why there is none."""
    slower = sum(rate.ratio < 1 for rate in results.rates)
    words = (
        f"Of {len(results.rates):,} rates measured side by side, the peer's was the higher one in {slower:,}. Here "
        "stands every measured figure in which a peer is ahead, the worst first."
    )
    parts = [words]
    for kind, found in losses(results).items():
        measured = {"Rates": results.rates, "Growth": results.growth, "Memory": results.memory}[kind]
        nothing = "None." if measured else "Not measured."
        rows = [[loss.what, name(loss.peer), loss.ours, loss.theirs, figures.times(loss.ratio)] for loss in found]
        heads = ["case", "peer ahead", "bytestore", "peer", "ratio"]
        parts += [f"### Others ahead: {kind.lower()}", table(heads, rows, words=2) if rows else nothing]
    return "\n\n".join(parts)


def _rates(results: Results) -> Iterator[Loss]:
    for rate in results.rates:
        what = describe(rate.case) + (" (base case)" if rate.case == BASE else "")
        ours, theirs = (f"{figures.plain(value)} M keys/s" for value in (rate.our_rate, rate.their_rate))
        yield Loss(what, rate.peer, ours, theirs, rate.ratio)


def _growth(results: Results) -> Iterator[Loss]:
    for ours in results.growth:
        for theirs in results.growth:
            if ours.peer == OURS != theirs.peer and (ours.entries, ours.batch) == (theirs.entries, theirs.batch):
                for field, words in (("p50", "median"), ("p99", "99 %"), ("p999", "99.9 %"), ("max", "worst")):
                    what = f"growing to {count(ours.entries)}, batches of {ours.batch}: {words}"
                    yield _less(what, theirs.peer, getattr(ours, field), getattr(theirs, field), figures.time)


def _memory(results: Results) -> Iterator[Loss]:
    for ours in results.memory:
        for theirs in results.memory:
            shape, other = ((record.entries, record.key, record.value) for record in (ours, theirs))
            if ours.peer == OURS != theirs.peer and shape == other:
                what = f"memory of {count(ours.entries)} entries of {size(ours.key)} + {size(ours.value)}"
                yield _less(f"{what}: an entry", theirs.peer, ours.per_entry, theirs.per_entry, _bytes)
                what = f"{what}: share left when 90 % is deleted"
                yield _less(what, theirs.peer, ours.after_delete, theirs.after_delete, figures.percent)


def _less(what: str, peer: str, ours: float, theirs: float, write: Callable[[float], str]) -> Loss:
    """Of a figure that should be small, the ratio is the peer's divided by ours."""
    return Loss(what, peer, write(ours), write(theirs), theirs / ours if ours else 1.0)


def _bytes(value: float) -> str:
    return f"{figures.plain(value)} B"
