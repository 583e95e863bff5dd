"""Tests of the part on what features cost, on a few results made up here: `python3 -m unittest`, in benches."""

from __future__ import annotations

import json
import tempfile
import unittest
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from report.__main__ import main
from report.costs.goals import GOALS
from report.costs.page import sections
from report.costs.results import Results, parse
from report.goals import judge
from report.results import ResultsError
from test_report import MACHINE, RECORDS

Record = dict[str, object]
CASE: Record = {"op": "mget_hit", "entries": 1_000_000, "batch": 64, "threads": 1}


def bound(name: str, bounded: list[float], unbounded: list[float], **case: object) -> Record:
    """The base case with a bound and without, but for what is given."""
    return {"kind": "bound", **CASE, "bound": name, "bounded": bounded, "unbounded": unbounded, **case}


def counting(there: list[float], without: list[float], **case: object) -> Record:
    """The same for counters."""
    return {"kind": "counting", **CASE, "counting": there, "not_counting": without, **case}


def answer(store: str, question: str, us: float, entries: int = 1_000_000) -> Record:
    """How long a question took."""
    cold = {} if question == "first count" else {"cold_us": us * 4}
    return {"kind": "prefix", "entries": entries, "store": store, "question": question, "us": us, **cold}


LINES: list[Record] = [
    MACHINE,
    bound("never reached", [9, 16, 9], [10, 20, 9]),
    bound("reached", [8], [10], threads=2),
    bound("reached", [1], [10], op="overwrite"),
    counting([98, 99], [100, 100]),
    counting([101], [100], threads=2),
    answer("bytestore", "first count", 90_000),
    answer("bytestore", "count", 2.5),
    answer("BTreeMap", "count", 10),
    answer("bytestore", "keys", 8),
    answer("bytestore", "delete", 9.5),
    answer("bytestore", "count", 4.5, entries=10_000_000),
    answer("bytestore", "keys", 16.2, entries=10_000_000),
]


def results(*more: Record) -> Results:
    """What is above, and more."""
    return parse(json.dumps(record) for record in [*LINES, *more])


def measured(work: str) -> tuple[list[float], bool | None]:
    """The figures for one goal, and whether it is reached."""
    (goal,) = (goal for goal in GOALS if goal.work == work)
    outcome = judge(goal, results())
    return [round(figure.value, 6) for figure in outcome.figures], outcome.reached


class Reading(unittest.TestCase):
    """What is refused."""

    def refuses(self, words: str, *records: Record) -> None:
        with self.assertRaisesRegex(ResultsError, words):
            parse(json.dumps(record) for record in records)

    def test_what_is_unknown_or_missing(self) -> None:
        self.refuses("the machine is not described", *LINES[1:])
        self.refuses("'guess', which is unknown", MACHINE, answer("bytestore", "guess", 1))
        self.refuses("'upsert', which is unknown", MACHINE, bound("reached", [1], [1], op="upsert"))
        self.refuses("2 rounds in 'bounded', 1 in 'unbounded'", MACHINE, bound("reached", [1, 2], [1]))

    def test_the_rounds_of_several_pairs_of_stores_count_alike(self) -> None:
        found = results(bound("never reached", [5, 5, 5, 5], [10, 10, 10, 10]), counting([1], [2]))
        self.assertEqual([(len(pair.there), pair.ratio) for pair in found.bounds], [(7, 0.5), (1, 0.8), (1, 0.1)])
        self.assertEqual([pair.ratio for pair in found.counting], [0.98, 1.01])


class Goals(unittest.TestCase):
    """The figures that decide."""

    def test_what_a_bound_leaves_of_lookups(self) -> None:
        self.assertEqual(measured("mget hit with a bound"), ([0.8, 0.9], True))

    def test_what_counting_costs(self) -> None:
        self.assertEqual(measured("what counting costs mget hit"), ([0.015, -0.01], True))

    def test_prefixes(self) -> None:
        for question, time, reached in (("count", 2.5, True), ("keys", 8, True), ("delete", 9.5, False)):
            self.assertEqual(measured(f"100 of 1 million keys by prefix: {question}"), ([time], reached))
        self.assertEqual(measured("100 of 10 million keys by prefix"), ([2.025, 1.8], False))


class Page(unittest.TestCase):
    """What is written."""

    def test_all_of_it(self) -> None:
        text = "\n\n".join(sections(results({"kind": "note", "text": "measured again"})))
        for words in (
            "| mget hit with a bound | ≥ 80 % of its rate without | 80.0 % (mget hit, 1 million entries, batches of 64",
            ", two threads, bound reached) | ✔ reached |",
            "| what counting costs mget hit | ≤ 2 % | 1.50 % ",
            "| 100 of 1 million keys by prefix: delete | ≤ 8 µs | 9.50 µs | ✘ **not reached** |",
            "| ≤ 2 × the time for 1 million | 2.03 × (keys) | ✘ **not reached** |",
            "| mget hit | never reached | 1 million | 64 | 1 | 9.00 | 10.0 | 90.0 % |",
            "| mget hit | 1 million | 64 | 1 | 98.5 | 100 | 1.50 % |",
            "| mget hit | 1 million | 64 | 2 | 101 | 100 | -1.00 % |",
            "| 100 matches | count, 1 million entries | count, 10 million entries | keys, 1 million entries |",
            "| `BTreeMap` | 10.0 µs | – | – |",
            "| `BTreeMap` | 40.0 µs | – | – |",
            "keys in order: 90.0 ms with 1 million entries.",
            "\n\n**Note**: measured again\n\n",
        ):
            self.assertIn(words, text)

    def test_what_was_not_measured_is_said(self) -> None:
        text = "\n\n".join(sections(parse([json.dumps(MACHINE)])))
        self.assertEqual(text.count("\n\nNot measured."), 3)
        self.assertIn("0 reached, 0 not reached, 6 not measured.", text)

    def test_the_page_has_them_where_they_were_measured(self) -> None:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
            source, docs = Path(folder) / "latest.jsonl", Path(folder) / "docs"
            source.write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
            for there in (False, True):
                self.assertEqual(main([str(source), str(docs)]), 0)
                page = (docs / "performance.md").read_text(encoding="utf-8")
                self.assertEqual("# What bounds, counters and prefixes cost" in page, there)
                self.assertEqual("cost](#what-bounds-counters-and-prefixes-cost)." in page, there)
                source.with_name("costs.jsonl").write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
