"""A plot for each language: the base case of mget, every form of ours beside every peer."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from report import drawing, figures
from report.cases import OURS
from report.languages.cases import C_ABI, LANGUAGES
from report.plots import FOUND, Plot

if TYPE_CHECKING:
    from report.languages.results import Results


def plots(results: Results) -> dict[str, Plot]:
    """By the names of their files."""
    made = {language: _plot(results, language) for language in results.languages()}
    return {language: plot for language, plot in made.items() if plot}


def _plot(results: Results, language: str) -> Plot | None:
    cases = [case for case in results.cases(language) if case.op == "mget_hit" and case.is_base]
    rates = [rate for case in cases for rate in results.of(case) if rate.peer != C_ABI]
    if not rates:
        return None
    bars = []
    for case in cases:
        rate = results.our_rate(case) or 0
        bars.append(drawing.Bar(f"{OURS}, {case.form}" if case.form else OURS, rate, figures.plain(rate)))
    for peer in results.peers(language):
        theirs = [rate.their_rate for rate in rates if rate.peer == peer]
        if theirs:
            bars.append(drawing.Bar(peer, median(theirs), figures.plain(median(theirs))))
    bars.sort(key=lambda bar: -bar.length)
    ratios = [rate.ratio for rate in rates]
    finding = (
        f"{LANGUAGES[language]}: bytestore finds {figures.span(ratios, 'times')} as many keys a second as its peers"
    )
    return Plot(finding, drawing.bars(finding, f"{FOUND}; 1 million entries, 100 B values, batches of 64", bars))
