"""`python3 -m report [RESULTS [DOCS]]`, in benches: writes the page and its plots, and prints what it wrote.

What the other benchmarks measured, `eviction.jsonl`, `costs.jsonl`, `languages.jsonl` and `snapshots.jsonl`, lies
beside the results; the page has no part for which there is none.
"""

from __future__ import annotations

import sys
from pathlib import Path

from report import drawing
from report.costs import page as costs_page
from report.costs import results as costs_results
from report.eviction import page as eviction_page
from report.eviction import plots as eviction_plots
from report.eviction import results as eviction_results
from report.languages import page as languages_page
from report.languages import plots as languages_plots
from report.languages import results as languages_results
from report.page import page
from report.plots import plots
from report.results import ResultsError, read
from report.snapshots import page as snapshots_page
from report.snapshots import results as snapshots_results

BENCHES = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Files first, so that the page never names a plot that is not there."""
    defaults = [BENCHES / "results" / "latest.jsonl", BENCHES.parent / "docs"]
    source, docs = [*map(Path, arguments), *defaults[len(arguments) :]]
    try:
        results = read(source)
        drawn = plots(results)
        further = []
        if costs := costs_results.read(source.with_name("costs.jsonl")):
            further += costs_page.sections(costs)
        if hits := eviction_results.read(source.with_name("eviction.jsonl")):
            drawn |= eviction_plots.plots(hits)
            further += eviction_page.sections(hits, drawn)
        if bindings := languages_results.read(source.with_name("languages.jsonl")):
            drawn |= languages_plots.plots(bindings)
            further += languages_page.sections(bindings, drawn)
        if snapshots := snapshots_results.read(source.with_name("snapshots.jsonl")):
            further += snapshots_page.sections(snapshots)
        text = page(results, drawn, further)
    except ResultsError as error:
        print(f"report: {error}", file=sys.stderr)
        return 1
    folder = docs / "performance"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()  # also of plots that this run has no figures for
    for name, plot in drawn.items():
        drawing.save(plot.figure, folder / f"{name}.svg")
        print(folder / f"{name}.svg")
    (docs / "performance.md").write_text(text, encoding="utf-8")
    print(docs / "performance.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
