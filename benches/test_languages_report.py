"""Tests of the bindings' part of the report, on a few results made up here: `python3 -m unittest`, in benches."""

from __future__ import annotations

import json
import re
import tempfile
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from report.__main__ import main
from report.goals import judge
from report.languages.goals import GOALS
from report.languages.page import sections
from report.languages.plots import plots
from report.languages.results import Results, parse
from report.results import ResultsError
from test_report import MACHINE, RECORDS

Record = dict[str, object]


class ReadmeTest(unittest.TestCase):
    """The README's table of how fast the bindings are."""

    def test_says_what_the_page_says(self) -> None:
        """Who measures anew has both to write."""
        folder = Path(__file__).parent.parent
        page = (folder / "docs" / "performance.md").read_text(encoding="utf-8")
        rows = (folder / "README.md").read_text(encoding="utf-8").splitlines()
        found = re.findall(r"!\[(\S+): bytestore finds (\S+ to \S+) times as many keys", page)
        self.assertEqual(len(found), 5)
        for language, times in found:
            is_there = any(row.startswith(f"| {language} |") and row.endswith(f" {times} |") for row in rows)
            self.assertTrue(is_there, f"README.md: {language}, {times}")


def rate(peer: str, ours: list[float], theirs: list[float], **case: object) -> Record:
    """A record of Go's base case, but for what is given."""
    base = {"op": "mget_hit", "form": "views", "entries": 1_000_000, "key": 35, "value": 100, "batch": 64, "threads": 1}
    versions = {"peer": peer, "version": "1", "ours": ours, "theirs": theirs}
    return {"kind": "language", "language": "go", **base, **versions, **case}


def figure(store: str, value: float, entries: int = 5_000_000) -> Record:
    """How long a collection takes beside a Go store."""
    names = {"language": "go", "what": "gc_ms", "store": store}
    return {"kind": "language_figure", **names, "entries": entries, "value": value}


RESULTS: list[Record] = [
    MACHINE,
    rate("map + RWMutex", [12, 12, 8], [8, 6, 5]),
    rate("bigcache", [9], [1]),
    rate("bigcache", [4], [5], entries=1000),
    rate("C ABI", [10], [12.5], language="cpp"),
    *(
        rate(peer, [6], [theirs], language="python", form="bytes", key=20)
        for peer, theirs in {"InMemoryByteStore": 1, "theine": 2}.items()
    ),
    *(
        rate("cachebox", [4.0 + 2 * threads], [1], language="python", form="bytes", batch=1024, threads=threads)
        for threads in (1, 2)
    ),
    figure("bytestore", 0.75),
    figure("map + RWMutex", 100),
    figure("map + RWMutex", 1, entries=1000),
]


def results(*more: Record) -> Results:
    """What is above, and more."""
    return parse(json.dumps(record) for record in [*RESULTS, *more])


def measured(language: str, work: str, *, of: str = "") -> tuple[list[float], bool | None]:
    """The figures for one goal, and whether it is reached."""
    (goal,) = (goal for goal in GOALS[language] if goal.work == work and of in goal.of)
    outcome = judge(goal, results())
    return [figure.value for figure in outcome.figures], outcome.reached


class Reading(unittest.TestCase):
    """What is refused."""

    def refuses(self, words: str, *records: Record) -> None:
        with self.assertRaises(ResultsError) as caught:
            parse(json.dumps(record) for record in records)
        self.assertIn(words, str(caught.exception))

    def test_what_is_unknown_or_missing(self) -> None:
        self.refuses("line 2: the field 'language' is 'cobol'", MACHINE, rate("x", [1], [1], language="cobol"))
        self.refuses("line 2: unknown fields: dist", MACHINE, rate("x", [1], [1], dist="zipf"))
        self.refuses("line 3: bigcache has this case twice", MACHINE, RESULTS[2], RESULTS[2])
        self.refuses("the machine is not described", RESULTS[2])


class Goals(unittest.TestCase):
    """The figures that decide."""

    def test_only_the_named_peers_and_the_named_case_count(self) -> None:
        self.assertEqual(measured("go", "mget, views", of="RWMutex"), ([1.6], True))
        self.assertEqual(measured("go", "mget, views", of="caches"), ([9], True))
        self.assertEqual(measured("go", "mget, copy"), ([], None))
        self.assertEqual(measured("go", "forced GC, 5 million entries"), ([0.0075], True))

    def test_the_dict_and_the_others(self) -> None:
        self.assertEqual(measured("python", "mget", of="InMemory"), ([6], True))
        self.assertEqual(measured("python", "mget", of="other"), ([3], False))

    def test_two_threads_beside_one(self) -> None:
        self.assertEqual(measured("python", "mget, batches of 1,024, two threads over one"), ([8 / 6], False))

    def test_what_a_wrapper_adds_counts_for_the_whole_call(self) -> None:
        figures, reached = measured("cpp", "64 keys: what the wrapper adds to the C call, views")
        self.assertAlmostEqual(figures[0], 64 * (100 - 80))
        self.assertFalse(reached)


class Page(unittest.TestCase):
    """What is written."""

    def test_a_language_has_its_goals_rates_figures_and_plot(self) -> None:
        found = results({"kind": "note", "text": "measured again"})
        drawn = plots(found)
        self.assertEqual(set(drawn), {"go", "python"})
        text = "\n\n".join(sections(found, drawn))
        for words in (
            "Of 3 pairs measured, the peer was faster in 1.",
            "| mget, views | 1 million × 100 B, batch 64 (base case) | 10.5 | 1.60 × | 9.00 × |",
            "| mget, views | 1 thousand × 100 B, batch 64 | 4.00 | – | **0.80 ×** |",
            "| **bytestore** | 0.75 | – |",
            "| forced GC, 5 million entries | ≤ 1 % of a map's | 0.75 % (`map + RWMutex`) | ✔ reached |",
            "(performance/go.svg)",
            "\n\n**Note**: measured again\n\n",
        ):
            self.assertIn(words, text)

    def test_the_page_has_them_where_they_were_measured(self) -> None:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            source, docs = Path(folder) / "latest.jsonl", Path(folder) / "docs"
            source.write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
            for heading in (False, True):
                self.assertEqual(main([str(source), str(docs)]), 0)
                page = (docs / "performance.md").read_text(encoding="utf-8")
                self.assertEqual("# The bindings" in page, heading)
                self.assertEqual((docs / "performance" / "go.svg").exists(), heading)
                source.with_name("languages.jsonl").write_text("\n".join(map(json.dumps, RESULTS)), encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
