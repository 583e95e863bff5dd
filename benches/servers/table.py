"""Puts the results of run.sh into the table of docs/scaling.md: `table.py RESULTS PAGE`."""

import json
import pathlib
import sys

NAMES = {
    "memory": "memory",
    "unix": "one server, Unix socket",
    "tiers": "two tiers over one server, Unix socket: copies",
    "single": "one server, loopback TCP",
    "cluster": "three servers of a cluster, loopback TCP",
}
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"


def microseconds(row: dict[str, float], name: str) -> str:
    """A time, where it was measured."""
    return f"{row[name]:.3g} µs" if name in row else ""


def beside(row: dict[str, float], peer: str, ratio: str) -> str:
    """A peer's time, and how many times as fast bytestore was."""
    return f"{row[peer]:.3g} µs ({row[ratio]:.2f} ×)" if peer in row else ""


def table(lines: list[str]) -> str:
    """All results, a row for each place."""
    results = [json.loads(line) for line in lines]
    rows = [
        "| where | bytestore from C | hiredis | bytestore from Python | redis-py with hiredis | redis-py alone |",
        "|---|---|---|---|---|---|",
    ]
    for where, name in NAMES.items():
        of_c = next(row for row in results if row["on"] == where and "batch" in row and "redis_py_us" not in row)
        of_python = next((row for row in results if row["on"] == where and "redis_py_us" in row), {})
        cells = [
            name,
            microseconds(of_c, "bytestore_us"),
            beside(of_c, "hiredis_us", "ratio"),
            microseconds(of_python, "bytestore_us"),
            beside(of_python, "redis_py_hiredis_us", "ratio_redis_py_hiredis"),
            beside(of_python, "redis_py_us", "ratio_redis_py"),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n" + stale(next(row for row in results if "writes" in row))


def stale(row: dict[str, float]) -> str:
    """How long an old value was read."""
    median, p99, most = (row[f"stale_{name}_us"] for name in ("median", "p99", "max"))
    return (
        "\nTwo tiers had the old value for "
        f"{median:.0f} µs after another connection's write had returned (median of {row['writes']:,}\nwrites), "
        f"99 % of them for at most {p99:.0f} µs, all for at most {most / 1000:.1f} ms.\n"
    )


if __name__ == "__main__":
    results, page = map(pathlib.Path, sys.argv[1:])
    before, rest = page.read_text().split(BEGIN)
    _, after = rest.split(END)
    page.write_text(before + BEGIN + table(results.read_text().splitlines()) + END + after)
