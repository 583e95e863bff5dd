"""While a thread works for an a-method: what was handed over may change, the task be cancelled, the store be closed.

It is as before or as after, and usable; nothing is left behind.
"""

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from bytestore import ByteStore, ClosedError, _batches
from bytestore._cursor import Cursor
from test_async import LARGE

KEYS = [key for key, _ in LARGE]


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> Iterator[SimpleNamespace]:
    """Lets a call of the library begin, and go on only when it is told to, or at the end."""
    original = getattr(where, name)
    gate = SimpleNamespace(entered=threading.Event(), go_on=threading.Event(), done=threading.Event())

    def wait(*args: Any) -> Any:
        gate.entered.set()
        assert gate.go_on.wait(30)
        try:
            return original(*args)
        finally:
            gate.done.set()

    monkeypatch.setattr(where, name, wait)
    try:
        yield gate
    finally:
        gate.go_on.set()
        assert gate.done.wait(30)
        monkeypatch.setattr(where, name, original)


async def begun(gate: SimpleNamespace) -> None:
    while not gate.entered.is_set():  # noqa: ASYNC110  # a thread sets it
        await asyncio.sleep(0.001)


async def cancel(task: asyncio.Task[Any], gate: SimpleNamespace) -> None:
    await begun(gate)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("buffers", [0, 1], ids=["bytes", "with buffers"])
@pytest.mark.parametrize("wrap", [tuple, list, iter], ids=["tuples", "lists", "iterators"])
async def test_what_is_handed_over_may_be_changed_as_soon_as_the_call_waits(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch, wrap: Callable[[Any], Any], buffers: int
) -> None:
    """The values are those of the coroutine's beginning, and a mistake made later is none."""
    expected = [value for _, value in LARGE]
    values = [*map(bytearray, expected)]
    pairs = [wrap((key, values[i] if i % 2 < buffers else expected[i])) for i, key in enumerate(KEYS)]
    with held(monkeypatch, _batches, "mset") as gate:
        waiting = asyncio.create_task(store.amset(pairs))
        await begun(gate)
        for value in values:
            value[:] = b"later"
        for pair in pairs if wrap is list else []:
            pair[:] = [5, None, "no pair"]
        pairs.clear()
    await waiting
    assert store.mget(KEYS) == expected
    asked = [*KEYS]
    with held(monkeypatch, _batches, "mget") as gate:
        reading = asyncio.create_task(store.amget(asked))
        await begun(gate)
        asked.clear()
    assert await reading == expected


@pytest.fixture
async def complaints() -> Any:
    """What the loop has to complain of, most of all an exception that nobody retrieved."""
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    yield heard
    gc.collect()
    await asyncio.sleep(0.01)
    assert not heard


WAITING: dict[str, Callable[[ByteStore], Coroutine[Any, Any, Any]]] = {
    "mset": lambda store: store.amset((key, b"new") for key, _ in LARGE),
    "mget": lambda store: store.amget(KEYS),
    "mdelete": lambda store: store.amdelete(KEYS),
}


@pytest.mark.usefixtures("complaints")
@pytest.mark.parametrize("name", WAITING)
async def test_cancelled_while_it_runs(store: ByteStore, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    store.mset(LARGE)
    with held(monkeypatch, _batches, name) as gate:
        await cancel(asyncio.create_task(WAITING[name](store)), gate)
        assert store._handle.mget([b"k0", b"k1999"]) == [b"0", b"1999"]
    after = {"mset": {b"new"}, "mget": {value for _, value in LARGE}, "mdelete": {None}}[name]
    assert set(store.mget(KEYS)) == after
    await store.amset([("usable", b"1")])
    assert await store.amget(["usable"]) == [b"1"]


@pytest.mark.usefixtures("complaints")
@pytest.mark.parametrize("name", WAITING)
async def test_cancelled_before_a_thread_was_free(store: ByteStore, name: str) -> None:
    store.mset(LARGE)
    loop, go_on = asyncio.get_running_loop(), threading.Event()
    busy = [loop.run_in_executor(None, go_on.wait, 30) for _ in range(64)]
    task = asyncio.create_task(WAITING[name](store))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await asyncio.gather(*busy)
    await loop.run_in_executor(None, lambda: None)
    assert store.mget(KEYS) == [value for _, value in LARGE], "never begun"


@pytest.mark.usefixtures("complaints")
async def test_a_scan_cancelled_while_a_page_is_read(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.mset(LARGE)
    closed: list[int | None] = []
    leave = Cursor.__exit__

    def spy(self: Cursor, *error: object) -> None:
        leave(self, *error)
        closed.append(self._id)

    monkeypatch.setattr(Cursor, "__exit__", spy)

    async def scan() -> None:
        async for _ in store.ayield_keys():
            pass

    with held(monkeypatch, Cursor, "next") as gate:
        await cancel(asyncio.create_task(scan()), gate)
        assert len(closed) == 1, "at once, while its page is still being read"
    assert [key async for key in store.ayield_keys()] == KEYS
    assert len(closed) == 2


@pytest.mark.usefixtures("complaints")
@pytest.mark.parametrize("name", WAITING)
@pytest.mark.parametrize("cancelled", [False, True], ids=["waited for", "cancelled"])
async def test_closed_while_a_thread_is_on_its_way(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch, name: str, cancelled: bool
) -> None:
    store.mset(LARGE)
    task = asyncio.create_task(WAITING[name](store))
    with held(monkeypatch, _batches, name) as gate:
        if cancelled:
            await cancel(task, gate)
        else:
            await asyncio.sleep(0)
        store.close()
    if not cancelled:
        with pytest.raises(ClosedError):
            await task


async def test_a_scan_outlives_the_store_that_is_closed_meanwhile(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.mset(LARGE)
    scan = store.ayield_keys()
    found = [await anext(scan)]
    with held(monkeypatch, Cursor, "next"):

        async def rest() -> None:
            found.extend([key async for key in scan])

        task = asyncio.create_task(rest())
        await asyncio.sleep(0)
        store.close()
    await task
    assert found == KEYS


async def test_many_cancelled_at_random(store: ByteStore) -> None:
    """Every batch is there as a whole or not at all, with nothing held up or in the way."""

    async def work(number: int) -> None:
        for turn in range(5):
            await store.amset((f"{number}/{i}", b"%d" % turn) for i in range(600))
            assert len(set(await store.amget(f"{number}/{i}" for i in range(600)))) == 1

    tasks = [asyncio.create_task(work(number)) for number in range(16)]
    for number, task in enumerate(tasks):
        await asyncio.sleep(0.001)
        if number % 2:
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    assert results[0] is None
    await asyncio.get_running_loop().shutdown_default_executor()
    for number in range(16):
        assert len(set(store.mget(f"{number}/{i}" for i in range(600)))) == 1
