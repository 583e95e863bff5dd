"""Tests of the part on full stores, on a few results made up here: `python3 -m unittest`, in benches."""

from __future__ import annotations

import json
import tempfile
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from report.__main__ import main
from report.eviction.caches import HELD_OUT, MADE, RECORDED, set_of
from report.eviction.goals import GOALS, points
from report.eviction.page import sections
from report.eviction.plots import plots
from report.eviction.results import Case, Results, parse
from report.goals import judge
from report.results import ResultsError
from test_report import RECORDS

Record = dict[str, object]


def hits(trace: str, percent: int, **caches: float) -> list[Record]:
    """A line for each cache."""
    case = {"trace": trace, "percent": percent}
    return [{**case, "cache": cache, "hit_ratio": ratio} for cache, ratio in caches.items()]


def size(cache: str, ratio: float, of_bytes: float) -> Record:
    """A line of the mix of sizes."""
    return {"trace": "two-sizes", "percent": 5, "cache": cache, "hit_ratio": ratio, "byte_hit_ratio": of_bytes}


LINES: list[Record] = [
    {"crate": "moka", "version": "0.12"},
    *hits("web12", 1, ours=0.4, moka=0.3, lru=0.25, belady=0.5),
    *hits("web12", 25, ours=0.6, moka=0.62, lru=0.61, belady=0.8),
    *hits("cs", 1, ours=0.2, moka=0.204, lru=0.1, belady=0.25),
    *hits("cs", 25, ours=0.5, moka=0.5, lru=0.1, belady=0.5),
    *hits("zipf-7", 1, ours=0, moka=0, lru=0, belady=0),
    size("ours", 0.7, 0.5),
    size("lru", 0.4, 0.6),
]


def results(*more: Record) -> Results:
    """What is above, and more."""
    return parse(json.dumps(record) for record in [*LINES, *more])


def text(*more: Record) -> str:
    """The part of the page."""
    found = results(*more)
    return "\n\n".join(sections(found, plots(found)))


class Reading(unittest.TestCase):
    """Which traces are which, what is computed, and what is refused."""

    def test_a_trace_belongs_where_its_file_lies(self) -> None:
        self.assertEqual([set_of(trace) for trace in ("web12", "cs", "zipf-7")], [RECORDED, HELD_OUT, MADE])

    def test_shares_of_the_optimum(self) -> None:
        found = results()
        self.assertEqual(found.mean_share(RECORDED, "ours"), (0.4 / 0.5 + 0.6 / 0.8) / 2)
        self.assertEqual(found.mean_of_best(RECORDED), (0.3 / 0.5 + 0.62 / 0.8) / 2)
        self.assertEqual(found.mean_share(MADE, "lru"), 1)
        self.assertIsNone(found.mean_share(RECORDED, "sieve"))

    def test_a_cache_has_a_mean_only_if_it_has_every_case(self) -> None:
        self.assertIsNone(results(*hits("web12", 1, sieve=0.4)).mean_share(RECORDED, "sieve"))

    def test_the_best_peer_is_neither_ours_nor_the_optimum(self) -> None:
        (first, second) = results().peers(Case("web12", 25))
        self.assertEqual((first.cache, second.cache), ("moka", "lru"))
        self.assertAlmostEqual(first.points, 2)

    def refuses(self, words: str, *records: Record) -> None:
        with self.assertRaisesRegex(ResultsError, words):
            results(*records)

    def test_what_is_refused(self) -> None:
        self.refuses("'clock', which is unknown", *hits("web12", 1, clock=0.1))
        self.refuses("'hit_ratio' is 1.2", *hits("web12", 5, ours=1.2))
        self.refuses("moka has web12, 1 % twice", *hits("web12", 1, moka=0.31))
        self.refuses("moka has web12, 1 % twice", *hits("web12", 1, moka=0.3))
        self.refuses("lru has two-sizes, 5 % twice", LINES[-1])
        self.refuses("web12, 5 %: ours, the optimum or all peers are missing", *hits("web12", 5, ours=0.1, belady=0.2))
        self.refuses("unknown fields: colour", {**LINES[1], "percent": 5, "colour": "red"})


class Goals(unittest.TestCase):
    """Each way to reach or to miss a goal."""

    def outcome(self, work: str) -> tuple[list[float], bool | None]:
        (goal,) = (goal for goal in GOALS if goal.work.startswith(work))
        found = judge(goal, results())
        return [round(figure.value, 6) for figure in found.figures], found.reached

    def test_every_case_counts(self) -> None:
        self.assertEqual(self.outcome("recorded traces: hit"), ([-2, 10], False))
        self.assertEqual(self.outcome("traces held out: hit"), ([-0.4, 0], True))

    def test_the_mean_share(self) -> None:
        self.assertEqual(self.outcome("recorded traces: mean"), ([0.775], False))
        self.assertEqual(self.outcome("traces held out: mean"), ([0.9], True))

    def test_points_are_rounded_down(self) -> None:
        self.assertEqual(
            [points(value) for value in (-0.501, 0.509, 0.3 - 0.1)], ["-0.51 points", "+0.50 points", "+0.20 points"]
        )


class Page(unittest.TestCase):
    """What is written."""

    def test_all_of_it(self) -> None:
        page = text()
        for words in (
            "**Peers**: `moka` 0.12, `LRU`.",
            "| recorded traces: mean share of the optimum's hits | ≥ 89 % | 77.5 % | ✘ **not reached** |",
            "| ≥ -0.5 points | -2.00 points (`moka`, web12, 25 %) | ✘ **not reached**: `moka` |",
            "| **bytestore** | 77.5 % | 90.0 % | 100 % |",
            "| the best peer of each case | 68.7 % | 90.8 % | 100 % |",
            "| web12 | 1 % | 40.0 % | 30.0 % | 25.0 % | 50.0 % | +10.00 points |",
            "| web12 | 25 % | 60.0 % | **62.0 %** | **61.0 %** | 80.0 % | -2.00 points |",
            "| 5 % | 70.0 %, 50.0 % | 40.0 %, **60.0 %** |",
            "a day of a web shop's product pages",
        ):
            self.assertIn(words, page)

    def test_every_case_in_which_a_peer_is_ahead_is_listed_and_no_other(self) -> None:
        _, _, rest = text().partition("## Where others hit more often\n")
        listed = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("| ")][2:]
        self.assertEqual(
            listed,
            [
                "| web12, 25 % | `moka` | `LRU` | 60.0 % | 62.0 % | -2.00 points |",
                "| cs, 1 % | `moka` | – | 20.0 % | 20.4 % | -0.40 points |",
            ],
        )
        self.assertIn("Of 5 cases, the best peer hit more often in 2:", rest)

    def test_a_plot_for_each_kind_of_traces(self) -> None:
        drawn = plots(results())
        self.assertEqual(set(drawn), {"hits-recorded", "hits-held-out", "hits-made"})
        self.assertIn(
            "bytestore hits 77.5 % as often as the optimum in the mean, peers", drawn["hits-recorded"].finding
        )

    def test_the_page_has_them_where_they_were_measured(self) -> None:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            source, docs = Path(folder) / "latest.jsonl", Path(folder) / "docs"
            source.write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
            for there in (False, True):
                self.assertEqual(main([str(source), str(docs)]), 0)
                page = (docs / "performance.md").read_text(encoding="utf-8")
                self.assertEqual("# Hit ratios of a full store" in page, there)
                self.assertEqual((docs / "performance" / "hits-recorded.svg").exists(), there)
                source.with_name("eviction.jsonl").write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
