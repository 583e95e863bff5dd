"""What stores count, in Prometheus' text format. Knows no web server, and needs no package.

from bytestore import ByteStore, prometheus

store = ByteStore(max_bytes=512 << 20)
text = prometheus.text(store, name="sessions")  # the answer to GET /metrics, of type prometheus.CONTENT_TYPE
"""

from collections.abc import Mapping
from typing import NamedTuple

from ._stats import Stats
from ._store import ByteStore

__all__ = ["CONTENT_TYPE", "text", "text_of_all"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Metric(NamedTuple):
    name: str
    kind: str
    help: str
    samples: dict[str, str]  # which number of Stats, by the labels after the store's


_METRICS = (
    _Metric("hits_total", "counter", "Keys that were looked up and found.", {"": "hits"}),
    _Metric("misses_total", "counter", "Keys that were looked up and not found.", {"": "misses"}),
    _Metric("sets_total", "counter", "Pairs that were set.", {"": "sets"}),
    _Metric("deletes_total", "counter", "Entries that were deleted by callers.", {"": "deletes"}),
    _Metric(
        "evictions_total",
        "counter",
        "Entries that went because the store was over a bound.",
        {',cause="max_bytes"': "evictions_by_bytes", ',cause="max_entries"': "evictions_by_entries"},
    ),
    _Metric("expirations_total", "counter", "Entries whose time to live was over.", {"": "expirations"}),
    _Metric("entries", "gauge", "Entries that are there.", {"": "entries"}),
    _Metric(
        "bytes",
        "gauge",
        "Bytes that the entries take.",
        {',kind="keys"': "key_bytes", ',kind="values"': "value_bytes", ',kind="overhead"': "overhead_bytes"},
    ),
    _Metric("max_bytes", "gauge", "Bytes that the entries may take, 0 for no bound.", {"": "max_bytes"}),
    _Metric("max_entries", "gauge", "How many entries there may be, 0 for no bound.", {"": "max_entries"}),
)


def text(store: ByteStore | Stats, *, name: str) -> str:
    """The stats of one store, whose label "store" is the name. `ClosedError` when it is closed.

    The metrics are those of `Stats`, and the same in every language: `bytestore_hits_total`, `bytestore_entries`, ….
    What is in a store on a server is not known: 0.

    Of several stores, `text_of_all` makes one answer: no metric may come twice in it.
    """
    return text_of_all({name: store})


def text_of_all(stores: Mapping[str, ByteStore | Stats]) -> str:
    """The stats of several stores by their names, each metric with all of them."""
    rows = [(_label(name), store if isinstance(store, Stats) else store.stats()) for name, store in stores.items()]
    lines: list[str] = []
    for metric in _METRICS:
        full = f"bytestore_{metric.name}"
        lines += [f"# HELP {full} {metric.help}", f"# TYPE {full} {metric.kind}"]
        lines += [
            f'{full}{{store="{name}"{labels}}} {getattr(stats, number) or 0}'
            for name, stats in rows
            for labels, number in metric.samples.items()
        ]
    return "".join(f"{line}\n" for line in lines)


def _label(value: str) -> str:
    """As it stands between the quotes; UTF-8 has no lone surrogates."""
    escaped = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return escaped.encode("utf-8", "replace").decode()
