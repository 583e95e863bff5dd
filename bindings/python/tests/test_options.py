"""Options as arguments: they say the same as the URL that they are written into. What `_repr_html_` says of bounds."""

import copy
import math
import pickle
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from bytestore import ByteStore, InvalidArgumentError, OverLimitError, Stats

URLS: list[tuple[dict[str, Any], str]] = [
    ({}, "memory:"),
    ({"max_bytes": 1}, "memory:?max_bytes=1"),
    ({"max_bytes": 512 << 20}, "memory:?max_bytes=536870912"),
    ({"max_bytes": 2**64 - 2}, f"memory:?max_bytes={2**64 - 2}"),
    ({"max_bytes": np.int64(7)}, "memory:?max_bytes=7"),
    ({"max_entries": 3, "max_item_bytes": 9}, "memory:?max_entries=3&max_item_bytes=9"),
    ({"ttl": 5}, "memory:?ttl=5000ms"),
    ({"ttl": 0.25}, "memory:?ttl=250ms"),
    ({"ttl": timedelta(days=7)}, "memory:?ttl=604800000ms"),
    ({"ttl": math.inf}, "memory:"),
    ({"ttl": None, "max_bytes": None, "max_entries": None, "max_item_bytes": None}, "memory:"),
    ({"manual_clock": True, "ttl": 1}, "memory:?ttl=1000ms&clock=manual"),
    ({"manual_clock": False}, "memory:"),
    ({"erase": True, "max_entries": 3}, "memory:?max_entries=3&erase=true"),
    ({"erase": False}, "memory:"),
    ({"url": "memory:?", "max_entries": 1}, "memory:?max_entries=1"),
    ({"url": "memory:?ttl=1h", "max_entries": 1}, "memory:?ttl=1h&max_entries=1"),
    ({"url": "memory:?ttl=1h&", "max_entries": 1}, "memory:?ttl=1h&max_entries=1"),
    ({"url": "memory:?ttl=1h", "max_entries": None}, "memory:?ttl=1h"),
]


@pytest.mark.parametrize(("options", "url"), URLS, ids=range(len(URLS)))
def test_they_are_written_into_the_url(options: dict[str, Any], url: str) -> None:
    store = ByteStore(**options)
    assert repr(store) == f"<ByteStore url={url!r} entries=0>"
    assert repr(ByteStore(url=url)) == repr(store)


MISTAKES: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"max_bytes": 0}, InvalidArgumentError, r"max_bytes is 0: it must be above 0"),
    ({"max_bytes": -1}, InvalidArgumentError, r"max_bytes is -1"),
    ({"max_bytes": 2**64 - 1}, InvalidArgumentError, r"below 2\*\*64 - 1"),
    ({"max_bytes": True}, TypeError, r"max_bytes is a whole number or None, not bool True"),
    ({"max_bytes": "512MiB"}, TypeError, r"max_bytes is a whole number or None, not str '512MiB'"),
    ({"max_entries": 1.5}, TypeError, r"max_entries is a whole number or None, not float 1.5"),
    ({"max_item_bytes": 0}, InvalidArgumentError, r"max_item_bytes is 0"),
    ({"ttl": 0}, InvalidArgumentError, r"ttl is 0: it must be above 0; math.inf is for ever"),
    ({"ttl": "1h"}, TypeError, r"ttl is seconds, a datetime.timedelta or math.inf, not str '1h'"),
    ({"manual_clock": 1}, TypeError, r"manual_clock is True or False, not int 1"),
    ({"erase": "yes"}, TypeError, r"erase is True or False, not str 'yes'"),
    ({"url": "memory:?erase=true", "erase": True}, InvalidArgumentError, r"erase is an argument, and stands in"),
    ({"manual_clock": None}, TypeError, r"manual_clock is True or False, not NoneType None"),
    ({"url": "memory:?max_bytes=1KiB", "max_bytes": 1024}, InvalidArgumentError, r"max_bytes is an argument, and"),
    ({"url": "memory:?ttl=1s", "ttl": math.inf}, InvalidArgumentError, r"ttl is an argument, and stands in the url"),
    ({"url": "memory:?clock=manual", "manual_clock": True}, InvalidArgumentError, r"clock is an argument, and"),
    ({"url": "memory:?nope=1", "max_bytes": 1}, InvalidArgumentError, r"'nope=1' in the url 'memory:\?nope=1&max"),
    ({"url": "nosuch:", "max_bytes": 1}, InvalidArgumentError, r"'nosuch' in the url 'nosuch:\?max_bytes=1'"),
    ({"nope": 1}, TypeError, r"nope"),
]


@pytest.mark.parametrize(("options", "error", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_mistakes_are_named(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        ByteStore(**options)
    assert caught.type is error


def test_a_full_store_lets_entries_go() -> None:
    store = ByteStore(max_entries=100)
    store.update({f"k{i}": b"" for i in range(100)})
    for i in range(100, 250):
        store[f"k{i}"] = b""
    assert len(store) == 100
    assert store.stats().evictions_by_entries == 150
    store = ByteStore(max_bytes=10_000)
    for i in range(1000):
        store[f"k{i}"] = bytes(100)
    stats = store.stats()
    assert 20 < len(store) == stats.entries
    assert stats.key_bytes + stats.value_bytes + stats.overhead_bytes <= 10_000
    assert (stats.entries + stats.evictions_by_bytes, stats.evictions_by_entries) == (1000, 0)


FULL: list[tuple[str, list[tuple[str, Any]], str]] = [
    ("memory:?max_item_bytes=4", [("a", b"1"), ("abc", b"12"), ("b", bytes(9))], r"'abc' \(pair 1\).* 5 bytes.*is 4: "),
    ("memory:?max_item_bytes=4", [("a", b"1"), ("long!", bytearray())], r"'long!' \(pair 1\)"),
    ("memory:?max_item_bytes=4", [("äöü", b"")], r"'äöü' \(pair 0\) and its value have 6 bytes, max_item_bytes is 4"),
    ("memory:?max_item_bytes=1KiB&max_bytes=1KB", [("a", bytes(1001))], r"'a' .* 1002 bytes, max_bytes is 1000"),
    ("memory:?max_item_bytes=1KB", [("a", bytes(1001))], r"max_item_bytes is 1000"),
    ("memory:?max_item_bytes=2MiB", [("a", bytes(2 << 20))], r"max_item_bytes is 2097152"),
    ("memory:?max_item_bytes=5B", [("a", bytes(5))], r"max_item_bytes is 5"),
    ("memory:?max_bytes=4KiB", [("a", b"1"), ("b", bytes(9000))], r"'b' \(pair 1\) .* 9001 bytes, max_bytes is 4096"),
    (
        "memory:?max_bytes=1KiB",
        [("a", bytes(600)), ("b", bytes(600))],
        r"2 pairs of 1202 bytes in one batch.*max_bytes",
    ),
    ("memory:?max_entries=2", [("a", b""), ("b", b""), ("c", b"")], r"3 pairs of 3 bytes in one batch, .*=2'"),
]


SETTERS: dict[str, Callable[[ByteStore, Any], None]] = {
    "mset": lambda store, pairs: store.mset(pairs),
    "mset with a time to live": lambda store, pairs: store.mset(iter(pairs), ttl=5),
    "update": lambda store, pairs: store.update(pairs),
}


@pytest.mark.parametrize("setter", SETTERS)
@pytest.mark.parametrize(("url", "pairs", "message"), FULL, ids=range(len(FULL)))
def test_what_is_too_much_is_named(setter: str, url: str, pairs: list[tuple[str, Any]], message: str) -> None:
    store = ByteStore(url=url)
    store["b"] = b"2"
    with pytest.raises(OverLimitError, match=message) as caught:
        SETTERS[setter](store, pairs)
    assert (caught.value.name, caught.value.code) == ("over_limit", 4)
    assert "raise the limit or send less" in str(caught.value)
    assert store.store == {"b": b"2"}


async def test_an_async_batch_is_too_much_too() -> None:
    store = ByteStore(max_entries=2)
    for count in (3, 1000):
        with pytest.raises(OverLimitError, match=f"{count} pairs"):
            await store.amset((f"k{i}", b"") for i in range(count))
    assert len(store) == 0


def test_long_keys_are_named_in_short() -> None:
    store = ByteStore(max_item_bytes=4)
    with pytest.raises(OverLimitError) as caught:
        store["k" * 10**6] = b""
    assert len(str(caught.value)) < 300
    with pytest.raises(OverLimitError, match="key '"):
        store["\ud800\ud800"] = b""


@pytest.mark.parametrize("carry", [copy.deepcopy, lambda store: pickle.loads(pickle.dumps(store))])
def test_copies_have_the_options_and_count_anew(carry: Callable[[ByteStore], ByteStore]) -> None:
    store = ByteStore(max_bytes=9_000, max_entries=50, ttl=10, manual_clock=True)
    for i in range(200):
        store[f"k{i}"] = bytes(100)
    store.mset([("ended", b"1")], ttl=1)
    store.mset([("for ever", b"1")], ttl=math.inf)  # the last one: whom a full store lets go is not promised
    store.advance_clock(9)
    twin = carry(store)
    assert repr(twin) == repr(store)
    assert list(twin.items()) == list(store.items())
    assert twin.stats().entries == len(store) > 20
    assert (twin.stats().sets, twin.stats().hits) == (0, len(store))
    for each in (twin, store):
        each.advance_clock(0.999)
        assert len(each) > 20
        each.advance_clock(0.001)
        assert list(each) == ["for ever"]
    for i in range(60):
        twin[f"n{i}"] = b""
    assert len(twin) <= 50
    assert twin.stats().max_bytes == 9_000


def test_copy_shares_what_is_counted() -> None:
    store = ByteStore(max_entries=2)
    copy.copy(store)["a"] = b""
    assert store.stats().sets == 1


def caption(store: ByteStore) -> str:
    found = re.search("<caption>(.*)</caption>", store._repr_html_())
    assert found
    return found[1]


def test_a_notebook_shows_how_full_it_is() -> None:
    store = ByteStore(max_entries=8, max_bytes=1000)
    assert caption(store).endswith(" entries=0 0 of 8 entries (0%), 0 of 1,000 bytes (0%), hit ratio 0%")
    store["a"] = bytes(439)
    store.mget(["a", "x"])
    stats = store.stats()
    used = 440 + stats.overhead_bytes
    part = f"{used / 1000:.0%}"
    assert caption(store).endswith(f" 1 of 8 entries (12%), {used} of 1,000 bytes ({part}), hit ratio 50%")
    assert caption(ByteStore(max_entries=8)).endswith(" entries=0 0 of 8 entries (0%), hit ratio 0%")
    store.close()
    assert caption(store).endswith(" closed")


def test_stats_are_a_plain_value(store: ByteStore) -> None:
    stats = store.stats()
    assert stats == Stats(
        hits=0,
        misses=0,
        sets=0,
        deletes=0,
        evictions_by_bytes=0,
        evictions_by_entries=0,
        expirations=0,
        entries=0,
        key_bytes=0,
        value_bytes=0,
        overhead_bytes=0,
        max_bytes=None,
        max_entries=None,
    )
    assert pickle.loads(pickle.dumps(stats)) == stats
    assert {stats: 1}[store.stats()] == 1
    with pytest.raises(AttributeError):
        stats.hits = 1  # type: ignore[misc]
    assert repr(stats).startswith("Stats(hits=0, misses=0, ")


def test_stats_count(store: ByteStore) -> None:
    assert store.stats().hit_ratio == 0
    store.mset([("a", b"1"), ("ä", b"22"), ("a", b"333")])
    assert store.mget(["a", "ä", "x", "a"]) == [b"333", b"22", None, b"333"]
    assert ("a" in store, store.get("y"), [*map(bool, store.mget_views(["a", "z"]))]) == (True, None, [True, False])
    assert store.mdelete(["a", "x"]) == 1
    stats = store.stats()
    assert (stats.hits, stats.misses, stats.sets, stats.deletes) == (5, 3, 3, 1)
    assert (stats.entries, stats.key_bytes, stats.value_bytes) == (1, 2, 2)
    assert stats.overhead_bytes > 0
    assert stats.hit_ratio == 5 / 8
    bounded = ByteStore(max_bytes=1000, max_entries=3).stats()
    assert (bounded.max_bytes, bounded.max_entries) == (1000, 3)
