"""The bare-memory limit: how many keys a second the machine's memory could deliver if nothing else took time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report.cases import BASE

if TYPE_CHECKING:
    from report.results import Results

# What a lookup of 20 B + 100 B touches: one line of the index and those of a 128-byte entry, which need not begin
# where a line begins.
LINES_PER_KEY = 3.2


def lines_per_key(results: Results) -> float:
    """Cache lines touched for a key in the base case: as probed, or else as above."""
    return next((probe.value for probe in results.probes if probe.what == "lines_per_key"), LINES_PER_KEY)


def keys_per_second(results: Results) -> float | None:
    """The limit in million keys a second, from the faster of the probes (huge pages or not)."""
    lines = [probe.value for probe in results.probes if probe.what == "random_lines"]
    return max(lines) / lines_per_key(results) if lines else None


def reached(results: Results) -> float | None:
    """Our share of the limit in the base case."""
    limit, ours = keys_per_second(results), results.our_rate(BASE)
    return ours / limit if limit and ours else None
