"""yield_keys and ayield_keys: lazy, real generators that see the keys as of their first step."""

import gc
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from ctypes import byref
from itertools import islice
from typing import Any

import pytest

from bytestore import ByteStore, ClosedError
from bytestore._abi import ERR_CLOSED_HANDLE, Buffer, library
from bytestore._cursor import Cursor

MANY = 3000  # more than a page


def fill(store: ByteStore, count: int = MANY) -> list[str]:
    keys = [f"k{i:05}" for i in range(count)]
    store.mset((key, b"") for key in keys)
    return keys


async def collect(keys: AsyncGenerator[str, None]) -> list[str]:
    return [key async for key in keys]


def test_real_generators(store: ByteStore) -> None:
    assert isinstance(store.yield_keys(), Generator)
    assert isinstance(store.ayield_keys(), AsyncGenerator)


def test_the_prefix_is_keyword_only(store: ByteStore) -> None:
    for method in (store.yield_keys, store.ayield_keys):
        untyped: Callable[..., Any] = method
        with pytest.raises(TypeError, match="positional"):
            untyped("a")


async def test_nothing_runs_before_the_first_step() -> None:
    store = ByteStore()
    keys, later, akeys = store.yield_keys(), store.yield_keys(prefix=5), store.ayield_keys()  # type: ignore[arg-type]
    store.mset([("a", b"")])
    assert next(keys) == "a"
    assert await anext(akeys) == "a"
    with pytest.raises(TypeError):
        next(later)
    keys = store.yield_keys()
    store.close()
    with pytest.raises(ClosedError):
        next(keys)


async def test_as_of_the_first_step(store: ByteStore) -> None:
    keys = fill(store)
    scan, ascan = store.yield_keys(), store.ayield_keys()
    assert [next(scan), await anext(ascan)] == keys[:1] * 2
    store.mset([("new", b""), (keys[1], b"overwritten")])
    store.mdelete([keys[-1]])
    store.mset([(keys[-1], b"again, at the end now")])
    rest, arest = list(scan), await collect(ascan)
    assert rest[:-1] == keys[1:-1] or rest == keys[1:-1]
    assert arest[:-1] == keys[1:-1] or arest == keys[1:-1]
    assert list(store.yield_keys())[-2:] == ["new", keys[-1]]


@pytest.mark.parametrize("count", [0, 1, 511, 512, 1023, 1024, 1025, MANY])
async def test_sync_and_async_agree_for_every_number_of_pages(store: ByteStore, count: int) -> None:
    keys = fill(store, count)
    assert list(store.yield_keys()) == keys
    assert await collect(store.ayield_keys()) == keys
    assert await collect(store.ayield_keys(prefix="k00001")) == list(store.yield_keys(prefix="k00001"))


async def test_pages_of_a_large_store_are_read_in_a_thread(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []
    next_page = Cursor.next

    def spy(self: Cursor) -> list[bytes]:
        threads.append(threading.current_thread())
        return next_page(self)

    monkeypatch.setattr(Cursor, "next", spy)
    keys = fill(store, 10)
    assert await collect(store.ayield_keys()) == keys
    assert set(threads) == {threading.current_thread()}
    threads.clear()
    keys = fill(store)
    assert await collect(store.ayield_keys()) == keys
    assert threads
    assert threading.current_thread() not in threads


async def test_a_scan_may_be_left_early(store: ByteStore) -> None:
    keys = fill(store)
    scan = store.yield_keys()
    assert list(islice(scan, 2)) == keys[:2]
    scan.close()
    assert not list(scan)
    async for key in store.ayield_keys():
        assert key == keys[0]
        break
    ascan = store.ayield_keys()
    assert await anext(ascan) == keys[0]
    await ascan.aclose()
    assert not await collect(ascan)


def is_open(cursor_id: int | None) -> bool:
    page = Buffer()
    status = library.bytestore_cursor_next(cursor_id, 1, byref(page))
    library.bytestore_free_buffer(byref(page))
    return bool(status != ERR_CLOSED_HANDLE)


async def test_a_cursor_is_closed_as_soon_as_nobody_wants_it(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    ids: list[int | None] = []
    begin = Cursor.__init__

    def spy(self: Cursor, cursor_id: int | None, check: Callable[[int], None], *, is_slow: bool) -> None:
        ids.append(cursor_id)
        begin(self, cursor_id, check, is_slow=is_slow)

    monkeypatch.setattr(Cursor, "__init__", spy)
    forgotten, left, ended, aleft, aended = (
        store.yield_keys(),
        store.yield_keys(),
        store.yield_keys(),
        store.ayield_keys(),
        store.ayield_keys(),
    )
    for scan in (forgotten, left, ended):
        next(scan)
    for ascan in (aleft, aended):
        await anext(ascan)
    bare, used = store._handle.cursor(), store._handle.cursor()
    assert [is_open(cursor) for cursor in ids] == [True] * 7
    del forgotten, bare, scan
    with used:
        used.next()
    left.close()
    list(ended)
    await aleft.aclose()
    await collect(aended)
    gc.collect()
    assert [is_open(cursor) for cursor in ids] == [False] * 7


async def test_a_scan_outlives_its_store() -> None:
    store = ByteStore()
    keys = fill(store)
    scan, ascan, never_begun = store.yield_keys(), store.ayield_keys(), store.ayield_keys()
    assert [next(scan), await anext(ascan)] == keys[:1] * 2
    store.close()
    assert list(scan) == keys[1:]
    assert await collect(ascan) == keys[1:]
    with pytest.raises(ClosedError):
        await anext(never_begun)


def test_a_scan_keeps_a_forgotten_store() -> None:
    store = ByteStore()
    keys = fill(store)
    scan = store.yield_keys()
    del store
    gc.collect()
    assert list(scan) == keys


def test_scans_never_fail_beside_writers(store: ByteStore) -> None:
    stay = fill(store)
    stop = threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn = (turn + 1) % 100  # else a writer that is faster than the scans makes each longer than the one before
            store.mset((f"new{turn}-{i}", b"") for i in range(50))
            store.mset((key, b"again") for key in stay[::50])
            store.mdelete(f"new{turn}-{i}" for i in range(0, 50, 2))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(20):
            found = list(store.yield_keys())
            assert len(set(found)) == len(found)
            assert [key for key in found if key.startswith("k")] == stay
    finally:
        stop.set()
        writer.join()
