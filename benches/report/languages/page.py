"""The bindings' part of docs/performance.md: a section for each language. No sentence may become false with a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report import figures, verdicts
from report.cases import OURS, count
from report.languages.cases import LANGUAGES
from report.languages.goals import GOALS
from report.tables import NOTHING, name, table

if TYPE_CHECKING:
    from report.languages.cases import Case
    from report.languages.results import Rate, Results
    from report.plots import Plot

WORDS = """\
Each binding beside what its users would pick instead, in one process and in turns: `make bench-languages` measures all
of it again and writes this part. Keys are newly made for each call. A rate is the median of the rounds, in million keys
a second of all threads; in the columns of peers stand the medians of the rounds' ratios, bytestore's rate divided by
the peer's, rounded down: bold where the peer was faster. How answers are handed out ("views", "copy", ...) says the
first paragraph of the binding's documentation; a peer hands them out in its own way.

**Base case**, unless something else is said: 1 million entries, 100 B values, batches of 64, one thread."""
WHAT = {
    "gc_ms": ("a forced garbage collection", "ms"),
    "peak_per_entry": ("peak memory an entry, with key and value", "B"),
    "peak_per_entry_rewritten": ("peak memory an entry after each was set once more", "B"),
    "resident_per_entry": ("resident memory an entry, with key and value", "B"),
}


def sections(results: Results, plots: dict[str, Plot]) -> list[str]:
    """Everything below the heading."""
    parts = ["# The bindings", WORDS, _machine(results), *(f"**Note**: {note}" for note in results.notes)]
    for language in results.languages():
        parts += [f"## {LANGUAGES[language]}", _peers(results, language)]
        parts += [verdicts.table(GOALS[language], results)] if language in GOALS else []
        if language in plots:
            parts.append(f"![{plots[language].finding}](performance/{language}.svg)")
        parts += [_rates(results, language), *_figures(results, language)]
    return parts


def _machine(results: Results) -> str:
    words = (f"{key.replace('_', ' ')}: {value}" for key, value in results.machine.items())
    return f"**Machine**: {'; '.join(words)}."


def _peers(results: Results, language: str) -> str:
    rates = [rate for rate in results.rates if rate.case.language == language]
    slower = sum(rate.ratio < 1 for rate in rates)
    versions = ", ".join(f"{name(peer)} {version}".strip() for peer, version in results.peers(language).items())
    return f"Peers: {versions}. Of {len(rates)} pairs measured, the peer was faster in {slower}."


def _rates(results: Results, language: str) -> str:
    peers = list(results.peers(language))
    rows = []
    for case in results.cases(language):
        beside = {rate.peer: rate for rate in results.of(case)}
        rate = results.our_rate(case) or 0
        rows.append([case.work, _shape(case), figures.plain(rate), *(_cell(beside.get(peer)) for peer in peers)])
    return table(["work", "store and batch", f"{OURS}, M keys/s", *map(name, peers)], rows, words=2)


def _shape(case: Case) -> str:
    return f"{case.shape} (base case)" if case.is_base else case.shape


def _cell(rate: Rate | None) -> str:
    if rate is None:
        return NOTHING
    text = figures.times(rate.ratio)
    return f"**{text}**" if rate.ratio < 1 else text


def _figures(results: Results, language: str) -> list[str]:
    found = [figure for figure in results.figures if figure.language == language]
    whats = list(dict.fromkeys((figure.what, figure.entries) for figure in found))
    stores = list(dict.fromkeys(figure.store for figure in found))
    values = {(figure.store, figure.what, figure.entries): figure.value for figure in found}
    rows = []
    for store in sorted(stores, key=lambda store: store != OURS):
        cells = [values.get((store, *what)) for what in whats]
        rows.append([name(store), *(NOTHING if cell is None else figures.plain(cell) for cell in cells)])
    heads = ["each store in a process of its own"]
    for what, entries in whats:
        words, unit = WHAT.get(what, (what.replace("_", " "), ""))
        heads.append(f"{words}, {count(entries)} entries{f', {unit}' if unit else ''}")
    return [table(heads, rows)] if rows else []
