"""The page's part on what bytestore's own features cost. No sentence may become false with a run."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from report import figures, verdicts
from report.cases import OPERATIONS, OURS, count
from report.costs.goals import GOALS
from report.costs.results import FIRST, QUESTIONS
from report.tables import NOTHING, name, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from report.costs.results import Pair, Results

WORDS = """\
bytestore beside itself: with a feature and without, in turns as everything above. `make bench-costs` measures all of it
again and writes this part. Keys of 20 B, values of 100 B. Where a store's memory lies makes it some per cent faster or
slower, so that each case is measured in several pairs of stores, three for bounds and nine for counters, which cost
less; the rounds of all count."""
EACH_LINE = "Each line shows the worst\nof its figures."
BOUND = """\
A store without a bound, and the same with one. "Never reached" is `max_bytes=1TiB`; "reached" is `max_entries` at the
number of entries, so that every lookup finds its key. At "a tenth of the entries" nine in ten of the inserted pairs
find the store full, and each takes the place of another entry, while the store without a bound grows."""
COUNTING = """\
The library as it is, and a build of it with the counting taken out (`benches/uncounted.sh`). The cost is the median of
the rounds; where it is negative, the build that counts was faster."""
PREFIXES = """\
The median time of one question, each about another prefix that 100 keys begin with. Those keys were set far apart.
bytestore gives keys in the order in which they were set, BTreeMap in that of their bytes; the two maps are the bare
structures of one thread, without a lock. "keys" reads every byte of every key."""
COLD = "The same right after others had the processor's caches: the median of the first 128 questions of each turn."


def sections(results: Results) -> list[str]:
    """Everything below the heading."""
    machine = "; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in results.machine.items())
    parts = ["# What bounds, counters and prefixes cost", WORDS, f"**Machine**: {machine}."]
    parts += [f"**Note**: {note}" for note in results.notes]
    parts += [verdicts.table(GOALS, results, EACH_LINE)]
    parts += ["## What a bound costs", *_bounds(results)]
    parts += ["## What counting costs", *_counting(results)]
    return [*parts, "## Questions about a prefix", *_prefixes(results)]


def _rows(pairs: Iterable[Pair], *, cost: bool) -> list[list[str]]:
    return [
        [
            OPERATIONS[pair.case.op],
            *([pair.bound] if pair.bound else []),
            count(pair.case.entries),
            f"{pair.case.batch:,}",
            str(pair.case.threads),
            figures.plain(median(pair.there)),
            figures.plain(median(pair.without)),
            f"{figures.up((1 - pair.ratio) * 100)} %" if cost else f"{figures.down(pair.ratio * 100)} %",
        ]
        for pair in pairs
    ]


def _bounds(results: Results) -> list[str]:
    if not results.bounds:
        return ["Not measured."]
    pairs = sorted(results.bounds, key=lambda pair: (list(OPERATIONS).index(pair.case.op), pair.case.entries))
    heads = ["M keys/s", "bound", "entries", "batch", "threads", "with a bound", "without", "what is left"]
    return [BOUND, table(heads, _rows(pairs, cost=False), words=2)]


def _counting(results: Results) -> list[str]:
    if not results.counting:
        return ["Not measured."]
    heads = ["M keys/s", "entries", "batch", "threads", "counting", "not counting", "what counting costs"]
    return [COUNTING, table(heads, _rows(results.counting, cost=True))]


def _prefixes(results: Results) -> list[str]:
    sizes = sorted({answer.entries for answer in results.answers})
    stores = list(dict.fromkeys(answer.store for answer in results.answers))
    asked = [(question, entries) for question in QUESTIONS if question != FIRST for entries in sizes]

    def rows(*, cold: bool) -> list[list[str]]:
        times = {store: [results.answer(store, *question, cold=cold) for question in asked] for store in stores}
        written = {store: [NOTHING if us is None else figures.time(us) for us in row] for store, row in times.items()}
        return [[name(store), *row] for store, row in written.items()]

    heads = ["100 matches", *(f"{question}, {count(entries)} entries" for question, entries in asked)]
    firsts = [(entries, results.answer(OURS, FIRST, entries)) for entries in sizes]
    words = [f"{figures.time(time)} with {count(entries)} entries" for entries, time in firsts if time is not None]
    first = f"The first such question, in neither table, puts bytestore's keys in order: {', '.join(words)}."
    tables = [PREFIXES, table(heads, rows(cold=False)), COLD, table(heads, rows(cold=True))]
    return [*tables, *([first] if words else [])] if stores else ["Not measured."]
