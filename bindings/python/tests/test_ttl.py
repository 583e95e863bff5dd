"""Time to live: how it is said, when it is over, and the clock that tests turn themselves."""

import math
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bytestore import ByteStore, InvalidArgumentError


@pytest.fixture
def manual() -> ByteStore:
    return ByteStore(manual_clock=True)


# How it is said, and how many milliseconds it is.
TTLS: list[tuple[Any, int]] = [
    (1, 1000),
    (0.25, 250),
    (1.1, 1100),
    (16.1, 16100),  # times 1000, as floats, is more than that
    (1.0001, 1001),
    (0.0001, 1),
    (1e-300, 1),
    (np.float64(0.5), 500),
    (timedelta(seconds=2), 2000),
    (timedelta(microseconds=1), 1),
    (timedelta(milliseconds=5, microseconds=1), 6),
    (timedelta(days=3650), 3650 * 86_400_000),
]


@pytest.mark.parametrize(("ttl", "ms"), TTLS, ids=str)
def test_it_is_rounded_up_to_milliseconds(ttl: Any, ms: int) -> None:
    for store, pairs in (
        (ByteStore(manual_clock=True), {"ttl": ttl}),
        (ByteStore(manual_clock=True, ttl=ttl), {}),
    ):
        store.mset([("a", b"1")], **pairs)
        store.advance_clock(timedelta(milliseconds=ms - 1))
        assert (store.mget(["a"]), len(store), list(store)) == ([b"1"], 1, ["a"])
        store.advance_clock(timedelta(milliseconds=1))
        assert (store.mget(["a"]), len(store), list(store), store.mdelete(["a"])) == ([None], 0, [], 0)


@pytest.mark.parametrize("ttl", [ttl for ttl, _ in TTLS], ids=str)
def test_the_clock_is_turned_as_far_as_a_ttl_is_long(manual: ByteStore, ttl: Any) -> None:
    manual.mset([("a", b"1")], ttl=ttl)
    manual.advance_clock(0)
    assert len(manual) == 1
    manual.advance_clock(ttl)
    assert len(manual) == 0


@pytest.mark.parametrize("ttl", [math.inf, 1e300, 10**400, 2**64 // 1000 + 1], ids=["inf", "1e300", "int", "most"])
def test_for_ever(ttl: float) -> None:
    store = ByteStore(ttl=1, manual_clock=True)
    store.mset([("a", b"1")], ttl=ttl)
    store["b"] = b"2"
    store.advance_clock(10**12)
    assert list(store) == ["a"]


def test_none_is_as_the_store_says() -> None:
    store = ByteStore(ttl=1, manual_clock=True)
    store.mset([("a", b"1")], ttl=None)
    store.mset([("b", b"1")], ttl=2)
    store.advance_clock(1)
    assert list(store) == ["b"]


def test_every_way_of_setting_has_the_stores_own() -> None:
    store = ByteStore(ttl=1, manual_clock=True)
    store["a"] = b""
    store.update(b=b"")
    store.store["c"] = b""
    assert len(store) == 3
    store.advance_clock(1)
    assert len(store) == 0
    store.store = {"d": b""}
    store.advance_clock(1)
    assert len(store) == 0
    assert store.stats().expirations <= 4


def test_setting_again_gives_a_new_end(manual: ByteStore) -> None:
    manual.mset([("a", b"1"), ("b", b"1")], ttl=5)
    manual.advance_clock(4)
    manual.mset([("a", b"2")], ttl=5)
    manual.mset([("b", b"2")])
    manual.advance_clock(4)
    assert list(manual.items()) == [("a", b"2"), ("b", b"2")]
    manual.advance_clock(10**6)
    assert list(manual) == ["b"]


def test_any_pairs_and_values(manual: ByteStore) -> None:
    value = bytearray(b"old")
    pairs: list[Any] = [["a", value], ("ä\ud800", memoryview(b"x" * 5000))]
    manual.mset(iter(pairs), ttl=1)
    value[:] = b"new"
    manual.mset([], ttl=1)
    manual.mset((), ttl=1)
    assert manual.mget(["a", "ä\ud800"]) == [b"old", b"x" * 5000]
    manual.advance_clock(1)
    assert len(manual) == 0


@pytest.mark.parametrize("count", [3, 1000])
async def test_async(manual: ByteStore, count: int) -> None:
    await manual.amset([(f"k{i}", b"") for i in range(count)], ttl=timedelta(seconds=5))
    await manual.amset([("stays", b"")])
    assert len(manual) == count + 1
    manual.advance_clock(5)
    assert list(manual) == ["stays"]
    with pytest.raises(InvalidArgumentError, match="mset: ttl is 0"):
        await manual.amset([("a", b"")] * count, ttl=0)


MISTAKES: list[tuple[Any, type[Exception], str]] = [
    (0, InvalidArgumentError, r"mset: ttl is 0: it must be above 0; math.inf is for ever, mdelete ends an entry now"),
    (-1, InvalidArgumentError, r"mset: ttl is -1"),
    (-0.0, InvalidArgumentError, r"mset: ttl is -0.0"),
    (-1e-300, InvalidArgumentError, r"above 0"),
    (-math.inf, InvalidArgumentError, r"mset: ttl is -inf"),
    (math.nan, InvalidArgumentError, r"mset: ttl is nan"),
    (timedelta(0), InvalidArgumentError, r"mset: ttl is datetime.timedelta\(0\)"),
    (timedelta(microseconds=-1), InvalidArgumentError, r"above 0"),
    (timedelta(days=-1), InvalidArgumentError, r"above 0"),
    (True, TypeError, r"mset: ttl is seconds, a datetime.timedelta or math.inf, not bool True"),
    ("1h", TypeError, r"not str '1h'"),
    (b"1", TypeError, r"not bytes"),
    (Fraction(1, 2), TypeError, r"not Fraction"),
    ([1], TypeError, r"not list \[1\]"),
]


@pytest.mark.parametrize(("ttl", "error", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_mistakes_are_named_and_change_nothing(
    manual: ByteStore, ttl: Any, error: type[Exception], message: str
) -> None:
    manual["a"] = b"1"
    with pytest.raises(error, match=message) as caught:
        manual.mset([("a", b"2")], ttl=ttl)
    assert caught.type is error
    assert manual.store == {"a": b"1"}


@pytest.mark.parametrize("seconds", [-1, -0.001, math.nan, timedelta(microseconds=-1)], ids=str)
def test_the_clock_never_goes_back(manual: ByteStore, seconds: Any) -> None:
    if seconds == timedelta(microseconds=-1):
        seconds *= 1000
    with pytest.raises(InvalidArgumentError, match=r"advance_clock: seconds is .* it must not be negative"):
        manual.advance_clock(seconds)


def test_the_systems_clock_is_not_turned() -> None:
    store = ByteStore(ttl=5)
    with pytest.raises(
        InvalidArgumentError, match=r"'memory:\?ttl=5000ms' has the system's clock: open .* manual_clock"
    ):
        store.advance_clock(5)
    with pytest.raises(TypeError, match=r"advance_clock: seconds is seconds, a datetime\.timedelta"):
        store.advance_clock("5")  # type: ignore[arg-type]


def test_the_clock_may_be_turned_for_ever(manual: ByteStore) -> None:
    manual.mset([("a", b""), ("b", b"")], ttl=10**6)
    manual.mset([("c", b"")])
    manual.advance_clock(math.inf)
    assert list(manual) == ["c"]


def test_a_scan_that_began_leaves_out_what_ends(manual: ByteStore) -> None:
    manual.mset([(f"k{i}", b"") for i in range(5000)], ttl=1)
    manual.mset([("last", b"")])
    scan = manual.yield_keys()
    assert next(scan) == "k0"
    manual.advance_clock(1)
    rest = list(scan)
    assert rest[-1] == "last"
    assert len(rest) < 5000
