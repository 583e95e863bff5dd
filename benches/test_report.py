"""The report's own tests, on a few results made up here: `python3 -m unittest`, in benches. Nothing is measured."""

from __future__ import annotations

import json
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from report import figures
from report.__main__ import main
from report.cases import BASE
from report.goals import GOALS, Outcome, judge
from report.growing import SHARD, WHOLE
from report.losses import Loss, losses
from report.page import page
from report.plots import plots
from report.results import Results, ResultsError, parse

Record = dict[str, object]

MACHINE: Record = {"kind": "machine", "cpu": "abacus", "cores": 2, "memory_bytes": 1 << 34}


def rate(peer: str, ours: list[float], theirs: list[float], **case: object) -> Record:
    """A record of the base case, but for what is given."""
    base = {
        "op": "mget_hit",
        "entries": 1_000_000,
        "key": 20,
        "value": 100,
        "dist": "uniform",
        "batch": 64,
        "threads": 1,
    }
    return {"kind": "rate", **base, "peer": peer, "version": "1", "ours": ours, "theirs": theirs, **case}


def growth(peer: str, worst: float) -> Record:
    """Growth to ten million, in which only the worst batch differs."""
    percentiles = {"p50": 10, "p99": 20, "p999": 30, "max": worst}
    return {"kind": "growth", "peer": peer, "entries": 10_000_000, "batch": 64, **percentiles}


def memory(peer: str, per_entry: float, after_delete: float) -> Record:
    """The memory of the base case."""
    shape = {"entries": 1_000_000, "key": 20, "value": 100, "resident": int(1e6 * (120 + per_entry))}
    return {"kind": "memory", "peer": peer, **shape, "per_entry": per_entry, "after_delete": after_delete}


RECORDS: list[Record] = [
    MACHINE,
    rate("boost::concurrent_flat_map", [20, 20, 26], [10, 8, 8]),
    rate("dashmap", [22, 22, 22], [6, 5, 4]),
    rate("dashmap", [4, 5, 6], [5, 5, 8], batch=1),
    rate("dashmap", [10, 10], [8, 8], op="delete", batch=1),
    rate("dashmap", [60], [50], entries=10_000),
    rate("dashmap", [30], [10], op="mixed", threads=2, entries=10_000_000),
    rate("dashmap", [40], [10], threads=2),
    rate("dashmap", [9], [1], op="mget_hit_buffer", value=12 << 10, entries=100_000),
    growth("bytestore", 1000),
    growth("boost::concurrent_flat_map", 60_000),
    growth("dashmap", 30_000),
    memory("bytestore", 31.5, 0.3),
    memory("dashmap", 94, 0.2),
    {"kind": "probe", "what": "random_lines", "huge_pages": True, "value": 96, "unit": "M lines/s"},
    {"kind": "probe", "what": "random_lines", "huge_pages": False, "value": 64, "unit": "M lines/s"},
    {"kind": "isolation", "op": "overwrite", "batch": 64, "atomic": [9, 9], "not_atomic": [10, 10]},
]


def results(*more: Record) -> Results:
    """What is above, and more."""
    return parse(json.dumps(record) for record in [*RECORDS, *more])


def outcome(work: str, *, of: str = "") -> Outcome[Results]:
    """What the results above say about one goal."""
    (goal,) = (goal for goal in GOALS if goal.work == work and of in goal.of)
    return judge(goal, results())


class Reading(unittest.TestCase):
    """Medians, ratios, and what is refused."""

    def test_the_ratio_is_the_median_of_the_rounds_ratios(self) -> None:
        boost = results().rates[0]
        self.assertEqual(boost.ratios, [2, 2.5, 3.25])
        self.assertEqual((boost.ratio, boost.our_rate, boost.their_rate), (2.5, 20, 8))
        self.assertEqual(boost.spread, 0.2)

    def test_our_rate_is_the_median_beside_all_peers(self) -> None:
        self.assertEqual(results().our_rate(BASE), 22)

    def test_peers_stand_in_the_order_of_the_base_case(self) -> None:
        late = rate("papaya", [1], [1], batch=4)
        self.assertEqual(results(late).peers(), ["boost::concurrent_flat_map", "dashmap", "papaya"])

    def refuses(self, words: str, *records: Record) -> None:
        with self.assertRaisesRegex(ResultsError, words):
            parse(json.dumps(record) for record in records)

    def test_a_missing_base_case(self) -> None:
        self.refuses("base case is missing", MACHINE, rate("dashmap", [1], [1], batch=1))

    def test_a_missing_machine(self) -> None:
        self.refuses("machine is not described", rate("dashmap", [1], [1]))

    def test_what_is_unknown(self) -> None:
        self.refuses("line 2: .*'goal'.* unknown", MACHINE, {"kind": "goal"})
        self.refuses("'upsert'.* unknown", rate("dashmap", [1], [1], op="upsert"))
        self.refuses("unknown fields: colour", rate("dashmap", [1], [1], colour="red"))

    def test_what_is_incomplete_or_implausible(self) -> None:
        self.refuses("'max' is missing", {k: v for k, v in growth("scc", 1).items() if k != "max"})
        self.refuses("1 rounds in 'ours', 2 in 'theirs'", rate("dashmap", [1], [1, 2]))
        self.refuses("has no rounds", rate("dashmap", [], []))
        self.refuses("holds 0", rate("dashmap", [0], [1]))
        self.refuses("has this case twice", rate("dashmap", [1], [1]), rate("dashmap", [2], [2]))
        with self.assertRaisesRegex(ResultsError, "line 1: "):
            parse(["{"])


class Goals(unittest.TestCase):
    """Each way to reach or to miss a goal."""

    def test_reached_exactly_at_the_bound(self) -> None:
        boost = outcome("mget hit", of="boost")
        self.assertEqual(([figure.value for figure in boost.figures], boost.reached), ([2.5], True))

    def test_missed_by_one_figure_of_several(self) -> None:
        single = outcome("batches of one")
        self.assertEqual([figure.value for figure in single.figures], [0.8, 1.25])
        self.assertEqual(([figure.value for figure in single.missed], single.reached), ([0.8], False))

    def test_not_measured(self) -> None:
        self.assertIsNone(outcome("mget hit, Zipf 0.99").reached)

    def test_two_axes_at_once(self) -> None:
        self.assertEqual(outcome("95/5 mixed, 10 million entries, two threads").figures[0].value, 3)
        self.assertEqual(outcome("mget hit, 12 KiB values (views)").figures[0].value, 9)

    def test_two_threads_over_one(self) -> None:
        self.assertAlmostEqual(outcome("mget hit, two threads over one").figures[0].value, 40 / 22)

    def test_growth_beside_each_kind_of_peer(self) -> None:
        work = "worst mset batch while growing to 10 million entries"
        self.assertIs(outcome(work, of=WHOLE).reached, True)
        self.assertIs(outcome(work, of=SHARD).reached, False)

    def test_memory(self) -> None:
        self.assertIs(outcome("resident memory an entry beyond key and value").reached, True)
        self.assertIs(outcome("share of the peak resident after 90 % was deleted").reached, False)

    def test_the_share_of_the_limit_is_that_of_the_faster_probe(self) -> None:
        self.assertAlmostEqual(outcome("mget hit, share of the bare-memory limit").figures[0].value, 22 / (96 / 3.2))

    def test_probed_lines_a_key_replace_the_assumed_ones(self) -> None:
        (goal,) = (goal for goal in GOALS if "limit" in goal.work)
        probed = results({"kind": "probe", "what": "lines_per_key", "value": 4, "unit": "lines"})
        self.assertAlmostEqual(judge(goal, probed).figures[0].value, 22 / (96 / 4))


class Losses(unittest.TestCase):
    """The list of figures in which a peer is ahead is complete, and holds nothing else."""

    def test_all_of_them(self) -> None:
        found = losses(
            results(growth("scc", 250), rate("scc", [1], [4], op="scan"), rate("scc", [4], [4], op="insert"))
        )
        self.assertEqual([(loss.peer, loss.ratio) for loss in found["Rates"]], [("scc", 0.25), ("dashmap", 0.8)])
        self.assertEqual(
            found["Growth"], [_loss("growing to 10 million, batches of 64: worst", "1.00 ms", "250 µs", 0.25)]
        )
        (memory_loss,) = found["Memory"]
        self.assertIn("90 % is deleted", memory_loss.what)

    def test_notes(self) -> None:
        text = page(results({"kind": "note", "text": "measured again"}), {}, [])
        self.assertIn("\n\n**Note**: measured again\n\n", text)

    def test_none(self) -> None:
        text = page(
            parse(json.dumps(record) for record in [*RECORDS[:2], growth("bytestore", 1), growth("scc", 2)]), {}, []
        )
        for kind, words in (("rates", "None."), ("growth", "None."), ("memory", "Not measured.")):
            self.assertIn(f"### Others ahead: {kind}\n\n{words}\n", text)


def _loss(what: str, ours: str, theirs: str, ratio: float) -> Loss:
    return Loss(what, "scc", ours, theirs, ratio)


class Page(unittest.TestCase):
    """What is written."""

    def test_lost_goals_are_marked(self) -> None:
        text = page(results(), {}, [])
        self.assertIn(
            "| ≥ 1 × every peer's single call | 0.80 × (`dashmap`, mget hit, batches of 1) | ✘ **not reached**: ", text
        )
        self.assertIn(
            "| mget hit | ≥ 2.5 × boost bulk visit | 2.50 × (`boost::concurrent_flat_map`) | ✔ reached |", text
        )
        self.assertIn("| – | – not measured |", text)

    def test_every_measured_rate_is_in_a_table(self) -> None:
        text = page(results(), {}, [])
        for record in results().rates:
            self.assertIn(f"{figures.plain(record.their_rate)} ({figures.times(record.ratio)})", text)

    def test_where_a_peer_is_faster_the_table_says_so(self) -> None:
        self.assertIn("| **5.00 (0.80 ×)** |", page(results(), {}, []))

    def test_what_atomic_batches_cost(self) -> None:
        self.assertIn("| overwrite | 64 | 9.00 | 10.0 | 10.0 % |", page(results(), {}, []))

    def test_the_same_results_give_the_same_files(self) -> None:
        self.assertEqual(set(plots(results())), {"mget-hit", "batch", "entries", "growth", "memory"})
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "results.jsonl")
            source.write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
            written = []
            for docs in (Path(folder, "one"), Path(folder, "two")):
                Path(docs, "performance").mkdir(parents=True)
                Path(docs, "performance", "old.svg").touch()
                with redirect_stdout(StringIO()) as said:
                    self.assertEqual(main([str(source), str(docs)]), 0)
                names = said.getvalue().split()
                self.assertEqual(set(map(Path, names)), {path for path in docs.rglob("*") if path.is_file()})
                written.append([Path(name).read_bytes() for name in names])
            self.assertEqual(*written)

    def test_nobody_knows_how_a_newcomer_grows(self) -> None:
        with self.assertRaisesRegex(ResultsError, "does not say how newcomer grows"):
            page(results(growth("newcomer", 1)), {}, [])

    def test_failure_is_loud(self) -> None:
        with redirect_stderr(StringIO()) as said:
            self.assertEqual(main(["/nonexistent", "/nonexistent"]), 1)
        self.assertIn("/nonexistent", said.getvalue())


class Rounding(unittest.TestCase):
    """No figure looks better than it is."""

    def test_down_and_up(self) -> None:
        self.assertEqual(
            [figures.down(value) for value in (2.499, 2.3, 0.999, 12.39, 150.9)],
            ["2.49", "2.30", "0.99", "12.3", "150"],
        )
        self.assertEqual([figures.up(value) for value in (32.01, 32.0, 0.501)], ["32.1", "32.0", "0.51"])

    def test_words(self) -> None:
        self.assertEqual([figures.plain(value) for value in (0.0123, 1234.5, 0)], ["0.012", "1,234", "0.00"])
        self.assertEqual([figures.time(value) for value in (12.34, 1900, 3.8e6)], ["12.3 µs", "1.90 ms", "3.80 s"])
        self.assertEqual(
            [figures.trim(text) for text in ("2.50 ×", "3.00 ×", "10 B", "1/50.0")], ["2.5 ×", "3 ×", "10 B", "1/50"]
        )


if __name__ == "__main__":
    unittest.main()
