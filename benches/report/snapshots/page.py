"""The page's part on saving and loading, with its goals. No sentence may become false with a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report import figures, verdicts
from report.cases import OURS, count
from report.goals import Figure, Goal
from report.snapshots.results import DD, FROM_CACHE, FROM_DISK, PICKLE, SAVE, WORK, Results
from report.tables import NOTHING, name, table

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = """\
A store in memory beside dd, which copies the same file, and beside a dict of the same keys and values with pickle, from
Python, in turns: each a process of its own. `make bench-snapshots` measures all of it again and writes this part. A
save ends when the disk has all of it (fsync). "From disk": the system has dropped the file from its cache before. "From
the cache": it has just been read. dd loads into nothing. A ratio is the median of the rounds' own ratios."""
EACH_LINE = "All figures are ratios\nof rates."


def _beside(work: str, peer: str) -> Callable[[Results], list[Figure]]:
    def take(results: Results) -> list[Figure]:
        ratio = results.ratio(work, peer)
        return [] if ratio is None else [Figure("", ratio)]

    return take


def _share(value: float) -> str:
    return f"{figures.down(value * 100)} %"


GOALS: tuple[Goal[Results], ...] = (
    Goal("save", 0.7, _beside(SAVE, DD), write=_share, of="of dd's rate"),
    Goal("load from disk", 0.7, _beside(FROM_DISK, DD), write=_share, of="of dd's rate"),
    Goal("load from the cache", 5, _beside(FROM_CACHE, PICKLE), of="pickle.load's rate"),
)


def sections(results: Results) -> list[str]:
    """Everything below the heading."""
    machine = "; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in results.machine.items())
    parts = ["# Saving and loading", WORDS, f"**Machine**: {machine}."]
    parts += [f"**Note**: {note}." for note in results.notes]
    if size := results.size:
        words = f"{count(size.entries)} entries, keys of {size.key} B, values of {size.value:,} B"
        parts += [f"**Size**: {words}; the file has {size.bytes / 1e9:.2f} GB."]
    return [*parts, verdicts.table(GOALS, results, EACH_LINE), _times(results)]


def _times(results: Results) -> str:
    rows = []
    for work in WORK:
        times = {who: results.time(work, who) for who in (OURS, DD, PICKLE)}
        cells = [NOTHING if time is None else figures.time(time * 1e6) for time in times.values()]
        ratios = (results.ratio(work, peer) for peer in (DD, PICKLE))
        rows.append([work, *cells, *(NOTHING if ratio is None else figures.times(ratio) for ratio in ratios)])
    heads = ["", name(OURS), name(DD), name(PICKLE), "beside dd", "beside pickle"]
    return table(heads, rows)
