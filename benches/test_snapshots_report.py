"""Tests of the part on saving and loading, on a few results made up here: `python3 -m unittest`, in benches."""

from __future__ import annotations

import json
import tempfile
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from report.__main__ import main
from report.goals import judge
from report.results import ResultsError
from report.snapshots.page import GOALS, sections
from report.snapshots.results import Results, parse
from test_report import MACHINE, RECORDS

Record = dict[str, object]
SIZE: Record = {"kind": "size", "entries": 300_000, "key": 36, "value": 6144, "bytes": 1_859_000_000}


def seconds(work: str, ours: list[float], dd: list[float], pickle: list[float]) -> Record:
    """What each took in each round."""
    return {"kind": "seconds", "work": work, "bytestore": ours, "dd": dd, "pickle": pickle}


LINES: list[Record] = [
    MACHINE,
    SIZE,
    seconds("save", [4, 5, 4], [3, 3, 4], [8, 5, 12]),
    seconds("load from disk", [2], [1], [3]),
    seconds("load from the cache", [1], [0.25], [5.5]),
]


def results(*more: Record) -> Results:
    """What is above, and more."""
    return parse(json.dumps(record) for record in [*LINES, *more])


class Reading(unittest.TestCase):
    """What is refused."""

    def refuses(self, words: str, *records: Record) -> None:
        with self.assertRaisesRegex(ResultsError, words):
            parse(json.dumps(record) for record in records)

    def test_what_is_unknown_or_missing(self) -> None:
        self.refuses("the machine or the size is not described", MACHINE)
        self.refuses("the machine or the size is not described", SIZE)
        self.refuses("'copy', which is unknown", MACHINE, SIZE, seconds("copy", [1], [1], [1]))
        self.refuses("not as many rounds of each: save", MACHINE, SIZE, seconds("save", [1], [1], [1, 2]))


class Page(unittest.TestCase):
    """What is judged and written."""

    def test_goals(self) -> None:
        outcomes = [judge(goal, results()) for goal in GOALS]
        self.assertEqual([outcome.figures[0].value for outcome in outcomes], [0.75, 0.5, 5.5])
        self.assertEqual([outcome.reached for outcome in outcomes], [True, False, True])
        self.assertEqual([judge(goal, parse(map(json.dumps, LINES[:2]))).reached for goal in GOALS], [None] * 3)

    def test_all_of_it(self) -> None:
        text = "\n\n".join(sections(results({"kind": "note", "text": "measured again"})))
        for words in (
            "| save | ≥ 70 % of dd's rate | 75.0 % | ✔ reached |",
            "| load from disk | ≥ 70 % of dd's rate | 50.0 % | ✘ **not reached** |",
            "| load from the cache | ≥ 5 × pickle.load's rate | 5.50 × | ✔ reached |",
            "| save | 4.00 s | 3.00 s | 8.00 s | 0.75 × | 2.00 × |",
            "**Size**: 300 thousand entries, keys of 36 B, values of 6,144 B; the file has 1.86 GB.",
            "\n\n**Note**: measured again.\n\n",
        ):
            self.assertIn(words, text)

    def test_the_page_has_it_where_it_was_measured(self) -> None:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            source, docs = Path(folder) / "latest.jsonl", Path(folder) / "docs"
            source.write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
            for there in (False, True):
                self.assertEqual(main([str(source), str(docs)]), 0)
                page = (docs / "performance.md").read_text(encoding="utf-8")
                self.assertEqual("# Saving and loading" in page, there)
                source.with_name("snapshots.jsonl").write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
