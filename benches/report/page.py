"""docs/performance.md: the sections and their order. No sentence here may become false with the next run."""

from __future__ import annotations

import re
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from report import figures, limit, losses, tables, verdicts
from report.cases import AXES, BASE, OPERATIONS, OURS, base_of, count, size
from report.goals import GOALS
from report.growing import way
from report.tables import name, table

if TYPE_CHECKING:
    from report.plots import Plot
    from report.results import Memory, Results

ORDER = ("entries", "value", "key", "batch", "dist", "threads")
MACHINE = {
    "cpu": "processor",
    "cores": "cores",
    "kernel": "kernel",
    "memory_bytes": "memory",
    "thp": "transparent huge pages",
    "rustc": "Rust",
    "date": "date",
}
PROBES = {
    "random_lines": "random cache lines, asked for ahead",
    "random_entries": "the same pattern as a lookup: a random line, then three side by side where it says",
    "pointer_chase": "cache lines of which each says where the next is",
    "memcpy": "copying from one place to another",
}
HEAD = """\
<!-- Written by benches/report from benches/results/latest.jsonl. Whoever edits it loses that with the next run. -->
# Performance

bytestore beside the stores that a program could use instead, on one machine, in one run: `make bench` measures all of
it again and writes this page. Peers that were faster are in [a list of their own](#where-others-are-faster)."""
METHOD = """\
- **Side by side.** bytestore and one peer hold the same entries. A round is a slice of time with the one and then the
  same work with the other (of insert and delete, a whole store); who is first changes from round to round. So both
  meet the same seconds of the machine.
- **Medians and ratios.** A rate is the median of its rounds, in million keys a second of all threads together. A ratio
  is the median of the rounds' own ratios: bytestore's rate divided by the peer's, rounded down. Above 1 bytestore is
  faster, below 1 the peer is. bytestore's rates in tables are medians over its rounds beside all peers.
- **Delivered bytes.** A lookup counts when the value's bytes are in memory that belongs to the caller: every peer
  copies what it found side by side into an area that the caller reuses, bytestore too, through its public C interface
  (`bytestore_mget_into`). "bytestore's buffer" is its other form (`bytestore_mget`): memory of the library's, freed
  within the time measured, with copies, or from 4096 bytes on views of the values.
- **Keys** are bytes newly made in the caller's memory, not the objects stored, and are ready before the time begins.
- **Each peer as its documentation calls fast**: its bulk calls where it has them, a fast hash function, a transaction
  or a pipeline for each batch.
- **Growth and memory** are measured in a process for each store."""


def page(results: Results, plots: dict[str, Plot], further: list[str]) -> str:
    """The whole document; further sections come last, those with a heading of their own named at the top."""
    parts = [
        HEAD,
        _contents(further),
        "## Machine and method",
        _machine(results),
        METHOD,
        _base_case(results),
        *(f"**Note**: {note}" for note in results.notes),
        "## What we aim for",
        verdicts.table(GOALS, results),
        "What stands in the way of the others, and what was tried: [`limits.md`](limits.md).",
        "## Where others are faster",
        losses.listing(results),
        "## Operations",
        "Each peer's rate and, in brackets, how many times as fast bytestore was; bold where the peer was faster.",
        tables.operations(results),
        _plot(plots, "mget-hit"),
    ]
    for axis in ORDER:
        parts += [f"## {tables.SECTIONS[axis]}", *_axis(results, axis), _plot(plots, axis)]
    parts += ["## Growth", *_growth(results), _plot(plots, "growth")]
    parts += ["## Memory", *_memory(results), _plot(plots, "memory")]
    parts += ["## The limit of the memory", *_limit(results)]
    parts += ["## What atomic batches cost", *_isolation(results), *further]
    return "\n\n".join(part for part in parts if part) + "\n"


def _contents(further: list[str]) -> str:
    heads = [part.removeprefix("# ") for part in further if part.startswith("# ")]
    links = [f"[{head}](#{re.sub('[^a-z -]', '', head.lower()).replace(' ', '-')})" for head in heads]
    return f"Further below: {', '.join(links)}." if links else ""


def _plot(plots: dict[str, Plot], which: str) -> str:
    return f"![{plots[which].finding}](performance/{which}.svg)" if which in plots else ""


def _machine(results: Results) -> str:
    rows = []
    for field, value in results.machine.items():
        text = f"{int(value) / (1 << 30):.1f} GiB" if field == "memory_bytes" else str(value)
        rows.append([MACHINE.get(field, field.replace("_", " ")), text])
    return table(["", ""], rows, words=2)


def _base_case(results: Results) -> str:
    rounds = dict.fromkeys(extreme(len(rate.ours) for rate in results.rates) for extreme in (min, max))
    words = ", ".join(AXES[axis](BASE) for axis in AXES)
    versions = dict.fromkeys(f"{name(rate.peer)} {rate.version}" for rate in results.rates)
    spread = figures.percent(median(rate.spread for rate in results.rates))
    return f"""\
**Base case**, unless something else is said: {words}. Of a hundred batches of 95/5 mixed, 95 are mget and 5 are mset.

**This run**: {" to ".join(map(str, rounds))} rounds a case, {len(results.rates):,} pairs measured. In the median case,
half of the rounds' ratios lie within {spread} of their median.

**Peers**: {", ".join(versions)}."""


def _axis(results: Results, axis: str) -> list[str]:
    found = tables.by_axis(results, axis)
    parts = [part for label, text in found.items() for part in (f"### {label}", text)]
    if axis == "threads":
        parts += _scaling(results)
    return parts or ["Not measured."]


def _scaling(results: Results) -> list[str]:
    ops = [op for op in OPERATIONS if results.of(base_of(op)) and results.of(replace(base_of(op), threads=2))]
    rows = []
    for peer in [OURS, *results.peers()]:
        gains = [_gain(results, op, peer) for op in ops]
        if any(gain is not None for gain in gains):
            rows.append([name(peer), *(tables.NOTHING if gain is None else figures.times(gain) for gain in gains)])
    heads = ["two threads over one", *(OPERATIONS[op] for op in ops)]
    return ["### The gain over one thread", table(heads, rows)] if rows else []


def _gain(results: Results, op: str, peer: str) -> float | None:
    one, two = base_of(op), replace(base_of(op), threads=2)
    if peer == OURS:
        rates = [results.our_rate(case) for case in (two, one)]
    else:
        found = [tables.find(results, case, peer) for case in (two, one)]
        rates = [rate.their_rate if rate else None for rate in found]
    return rates[0] / rates[1] if rates[0] and rates[1] else None


def _growth(results: Results) -> list[str]:
    parts = []
    for entries, batch in sorted({(record.entries, record.batch) for record in results.growth}):
        records = [record for record in results.growth if (record.entries, record.batch) == (entries, batch)]
        rows = [
            [name(record.peer), *map(figures.time, (record.p50, record.p99, record.p999, record.max)), way(record.peer)]
            for record in sorted(records, key=lambda record: (record.peer != OURS, record.max))
        ]
        heads = ["time for a batch", "median", "99 %", "99.9 %", "worst", "grows"]
        parts += [f"mset in batches of {batch}, from empty to {count(entries)} entries:", table(heads, rows)]
    return parts or ["Not measured."]


def _memory(results: Results) -> list[str]:
    parts = []
    for shape in sorted({(record.entries, record.key, record.value) for record in results.memory}):
        rows = [
            [
                name(record.peer),
                f"{figures.plain(record.per_entry)} B",
                f"{record.resident / (1 << 20):,.0f} MiB",
                figures.percent(record.after_delete),
            ]
            for record in sorted(results.memory, key=_by_overhead)
            if (record.entries, record.key, record.value) == shape
        ]
        entries, key, value = shape
        heads = ["resident memory", "an entry, beyond key and value", "in all", "of it left when 90 % is deleted"]
        parts += [f"{count(entries)} entries of {size(key)} + {size(value)}:", table(heads, rows)]
    return parts or ["Not measured."]


def _by_overhead(record: Memory) -> tuple[bool, float]:
    return (record.peer != OURS, record.per_entry)


def _limit(results: Results) -> list[str]:
    if not results.probes:
        return ["Not measured."]
    pages = {True: "huge pages", False: "4 KiB pages", None: ""}
    rows = [
        [
            PROBES.get(probe.what, probe.what.replace("_", " ")),
            pages[probe.huge_pages],
            f"{figures.plain(probe.value)} {probe.unit}".strip(),
        ]
        for probe in results.probes
    ]
    parts = ["What the machine does without any store:", table(["probe", "", "measured"], rows, words=2)]
    probed = any(probe.what == "lines_per_key" for probe in results.probes)
    source = "as probed" if probed else "one of the index, and those of an entry of 128 bytes"
    bound, share, ours = limit.keys_per_second(results), limit.reached(results), results.our_rate(BASE)
    if bound and share and ours:
        parts.append(
            f"A lookup in the base case touches {limit.lines_per_key(results):g} cache lines ({source}). At the faster "
            "of the probes' random lines that is at most "
            f"{figures.plain(bound)} M keys/s. bytestore finds {figures.plain(ours)} M keys/s: "
            f"**{figures.down(share * 100)} %** of the limit."
        )
    patterns = [probe.value for probe in results.probes if probe.what == "random_entries"]
    if patterns and ours:
        parts.append(
            f"Beside the faster probe with a lookup's own pattern ({figures.plain(max(patterns))} M/s) it is "
            f"{figures.down(ours / max(patterns) * 100)} %."
        )
    return parts


def _isolation(results: Results) -> list[str]:
    rows = [
        [
            OPERATIONS[record.op],
            f"{record.batch:,}",
            figures.plain(median(record.atomic)),
            figures.plain(median(record.not_atomic)),
            figures.percent(1 - record.ratio),
        ]
        for record in results.isolation
    ]
    heads = ["M keys/s", "batch", "atomic", "not atomic", "what atomicity costs"]
    words = (
        "bytestore with atomic batches, as it is, and a build of it without, in interleaved rounds. The cost is the "
        "median of the rounds; where it is negative, the atomic build was faster."
    )
    return [words, table(heads, rows)] if rows else ["Not measured."]
