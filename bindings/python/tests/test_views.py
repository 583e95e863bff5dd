"""mget_views: what it shows, how long that stays, and when its memory goes."""

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bytestore import ByteStore, ClosedError
from harness import copies

# Below and above the length from which on the library lends its values.
VALUES = {"small": b"abc", "empty": b"", "long": b"x" * 4095, "lent": b"y" * 4096, "large": b"z" * 100_000}


@pytest.mark.parametrize("names", [["small", "empty"], ["large"], ["empty"], [*VALUES], [*reversed(VALUES)], []])
def test_a_view_shows_the_value(store: ByteStore, names: list[str]) -> None:
    store.mset(VALUES.items())
    views = store.mget_views(["missing", *names, *names, "missing"])
    assert copies(views) == [None, *(VALUES[name] for name in names * 2), None]
    for view in views:
        if view is not None:
            assert (type(view), view.readonly, view.format, view.ndim) == (memoryview, True, "B", 1)
            assert hash(view) == hash(bytes(view))
            assert [bytes(view[:2]), *view[:2]] == [bytes(view)[:2], *bytes(view)[:2]]


def test_nobody_can_write_through_it(store: ByteStore) -> None:
    store.mset(VALUES.items())
    for view in store.mget_views(["small", "large"]):
        assert view is not None
        with pytest.raises(TypeError, match="read-only"):
            view[0] = 0


@pytest.mark.parametrize(
    "end",
    [
        lambda store: store.close(),
        lambda store: store.mdelete(VALUES),
        lambda store: store.mset((name, b"other" * 2000) for name in VALUES),
        lambda store: store.store.clear(),
    ],
)
def test_it_stays_as_it_was(end: Callable[[ByteStore], Any]) -> None:
    store = ByteStore()
    store.mset(VALUES.items())
    views = store.mget_views(VALUES)
    end(store)
    del store
    gc.collect()
    again = ByteStore()
    again.mset((f"other{i}", b"?" * 5000) for i in range(1000))
    assert copies(views) == [*VALUES.values()]


def test_a_part_of_one_view_keeps_the_memory(store: ByteStore) -> None:
    store.mset(VALUES.items())
    (part,) = [view[1:50].cast("B")[1:] for view in store.mget_views(["large"]) if view]
    store.mset([("large", b"!" * 100_000)])
    store.close()
    gc.collect()
    assert part == b"z" * 48


def resident() -> int:
    """Bytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def test_the_memory_goes_with_the_last_view(store: ByteStore) -> None:
    size = 64 << 20
    store.mset([("a", bytes(size)), ("b", b"1")])
    before = resident()
    a, b = store.mget_views(["a", "b"])
    store.mdelete(["a"])
    del a
    assert before - resident() < size / 2, "the view of b keeps all"
    del b
    assert before - resident() > size / 2


def test_views_of_nothing_and_of_a_closed_store() -> None:
    store = ByteStore()
    assert store.mget_views([]) == []
    assert store.mget_views(["a"]) == [None]
    store.close()
    for keys in ([], ["a"]):
        with pytest.raises(ClosedError):
            store.mget_views(keys)


def test_mistakes_are_named(store: ByteStore) -> None:
    with pytest.raises(TypeError, match="mget_views takes"):
        store.mget_views("abc")
    with pytest.raises(TypeError, match="mget_views: key 1"):
        store.mget_views(["a", 5])  # type: ignore[list-item]


def test_keys_of_every_kind(store: ByteStore) -> None:
    keys = ["\ud800", "a\0b", "\0", "", "é", "ab", "\U0001f600"]
    store.mset((key, b"%d" % i) for i, key in enumerate(keys))
    assert copies(store.mget_views(iter(keys))) == [b"%d" % i for i in range(len(keys))]


def test_many_views_of_many_answers(store: ByteStore) -> None:
    entries = {f"k{i}": bytes([i % 256]) * (i * 7 % 9000) for i in range(3000)}
    store.mset(entries.items())
    kept = [store.mget_views([*entries][start::3]) for start in range(3)]
    store.close()
    gc.collect()
    for start, views in enumerate(kept):
        assert copies(views) == [*entries.values()][start::3]
