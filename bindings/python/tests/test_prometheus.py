"""Prometheus' text format, read back by its rules; the numbers are those of `stats()`."""

import dataclasses
import re

import pytest

from bytestore import ByteStore, ClosedError, Stats, prometheus

NUMBERED = Stats(
    hits=1,
    misses=2,
    sets=3,
    deletes=4,
    evictions_by_bytes=5,
    evictions_by_entries=6,
    expirations=7,
    entries=8,
    key_bytes=9,
    value_bytes=10,
    overhead_bytes=11,
    max_bytes=12,
    max_entries=2**64 - 2,
)

TEXT = """\
# HELP bytestore_hits_total Keys that were looked up and found.
# TYPE bytestore_hits_total counter
bytestore_hits_total{store="cache"} 1
# HELP bytestore_misses_total Keys that were looked up and not found.
# TYPE bytestore_misses_total counter
bytestore_misses_total{store="cache"} 2
# HELP bytestore_sets_total Pairs that were set.
# TYPE bytestore_sets_total counter
bytestore_sets_total{store="cache"} 3
# HELP bytestore_deletes_total Entries that were deleted by callers.
# TYPE bytestore_deletes_total counter
bytestore_deletes_total{store="cache"} 4
# HELP bytestore_evictions_total Entries that went because the store was over a bound.
# TYPE bytestore_evictions_total counter
bytestore_evictions_total{store="cache",cause="max_bytes"} 5
bytestore_evictions_total{store="cache",cause="max_entries"} 6
# HELP bytestore_expirations_total Entries whose time to live was over.
# TYPE bytestore_expirations_total counter
bytestore_expirations_total{store="cache"} 7
# HELP bytestore_entries Entries that are there.
# TYPE bytestore_entries gauge
bytestore_entries{store="cache"} 8
# HELP bytestore_bytes Bytes that the entries take.
# TYPE bytestore_bytes gauge
bytestore_bytes{store="cache",kind="keys"} 9
bytestore_bytes{store="cache",kind="values"} 10
bytestore_bytes{store="cache",kind="overhead"} 11
# HELP bytestore_max_bytes Bytes that the entries may take, 0 for no bound.
# TYPE bytestore_max_bytes gauge
bytestore_max_bytes{store="cache"} 12
# HELP bytestore_max_entries How many entries there may be, 0 for no bound.
# TYPE bytestore_max_entries gauge
bytestore_max_entries{store="cache"} 18446744073709551614
"""

NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], int]


def read(text: str) -> Samples:
    """The samples by name and labels, as https://prometheus.io/docs/instrumenting/exposition_formats/ has it."""
    assert text.endswith("\n")
    kinds: dict[str, str] = {}
    helped: set[str] = set()
    samples: Samples = {}
    family = ""
    for line in text.split("\n")[:-1]:
        if help_of := re.fullmatch(rf"# HELP ({NAME}) [^\\]+", line):
            family = help_of[1]
            assert family not in helped, f"twice: {family}"
            helped.add(family)
        elif kind := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge)", line):
            assert kind[1] == family
            assert kind[1] not in kinds
            kinds[kind[1]] = kind[2]
        else:
            sample = re.fullmatch(rf"({NAME})\{{({LABEL}(?:,{LABEL})*)\}} (\d+)", line)
            assert sample, line
            assert sample[1] == family, "all samples of a metric stand together, below what it is"
            assert (kinds[family] == "counter") == family.endswith("_total")
            labels = tuple(
                (name, re.sub(r"\\(.)", lambda match: match[1].replace("n", "\n"), value))
                for name, value in re.findall(LABEL, sample[2])
            )
            key = sample[1], labels
            assert key not in samples, f"twice: {key}"
            samples[key] = int(sample[sample.re.groups])
    return samples


def test_the_text() -> None:
    assert prometheus.text(NUMBERED, name="cache") == TEXT
    assert sorted(read(TEXT).values())[:-1] == list(range(1, 13))
    assert len(read(TEXT)) == len(dataclasses.fields(Stats))


@pytest.mark.parametrize(
    "broken",
    [
        TEXT[:-1],
        TEXT + TEXT,
        TEXT.replace("_total", ""),
        TEXT.replace("kind=", "2kind="),
        TEXT.replace('"max_bytes"', '"max_entries"'),
        TEXT.replace("cache", 'c"'),
        TEXT.replace("cache", "c\\"),
        TEXT.replace("# TYPE bytestore_entries gauge\n", ""),
        TEXT.replace(" 12\n", " None\n"),
        TEXT.replace("bytestore_entries{", "bytestore_entry{"),
    ],
)
def test_the_reader_refuses_what_is_wrong(broken: str) -> None:
    assert broken != TEXT
    with pytest.raises((AssertionError, KeyError)):
        read(broken)


@pytest.mark.parametrize("name", ["", "a b", 'say "hi"', "back\\slash\\n", "two\nlines", "ä€😀", "{},="])
def test_names_are_escaped(name: str) -> None:
    samples = read(prometheus.text(NUMBERED, name=name))
    assert len(samples) == 13
    assert {labels[0] for _, labels in samples} == {("store", name)}


def test_what_is_no_utf8_is_replaced() -> None:
    text = prometheus.text(NUMBERED, name="a\ud800")
    assert text.encode()
    assert {labels[0] for _, labels in read(text)} == {("store", "a?")}


def test_of_a_store() -> None:
    store = ByteStore(max_entries=9)
    store.mset([("a", b"1"), ("b", b"22")])
    store.mget(["a", "x", "a"])
    samples = read(prometheus.text(store, name="s"))
    assert samples == read(prometheus.text(store.stats(), name="s"))
    label = ("store", "s")
    assert samples["bytestore_hits_total", (label,)] == 2
    assert samples["bytestore_misses_total", (label,)] == 1
    assert samples["bytestore_bytes", (label, ("kind", "values"))] == 3
    assert (samples["bytestore_max_entries", (label,)], samples["bytestore_max_bytes", (label,)]) == (9, 0)
    store.close()
    with pytest.raises(ClosedError):
        prometheus.text(store, name="s")


def test_of_several_stores(store: ByteStore) -> None:
    store["a"] = b"1"
    samples = read(prometheus.text_of_all({"one": store, "two": NUMBERED}))
    assert len(samples) == 26
    assert [samples["bytestore_sets_total", (("store", name),)] for name in ("one", "two")] == [1, 3]
    assert read(prometheus.text_of_all({})) == {}


def test_its_program() -> None:
    names: dict[str, str] = {}
    exec(str(prometheus.__doc__).split("\n\n", 1)[1], names)  # noqa: S102
    assert read(names["text"])["bytestore_max_bytes", (("store", "sessions"),)] == 512 << 20
    assert prometheus.CONTENT_TYPE.startswith("text/plain; version=0.0.4")
