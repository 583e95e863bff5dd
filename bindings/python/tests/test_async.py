"""The a-methods: the class's own, inline while small, in a thread when large, on any loop."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bytestore import ByteStore, ClosedError, _async, _batches

SMALL = [("a", b"1"), ("b", b"")]
LARGE = [(f"k{i}", b"%d" % i) for i in range(2000)]
HEAVY = [("heavy", bytes(1 << 20))]


async def test_they_are_the_classs_own() -> None:
    for name in ("amget", "amset", "amdelete", "ayield_keys"):
        assert name in vars(ByteStore)


@pytest.mark.parametrize("pairs", [[], SMALL, LARGE, HEAVY], ids=["empty", "small", "large", "heavy"])
async def test_they_do_what_the_others_do(store: ByteStore, pairs: list[tuple[str, bytes]]) -> None:
    keys = [key for key, _ in pairs]
    assert await store.amset(pairs) is None  # type: ignore[func-returns-value]
    assert await store.amget([*keys, "missing"]) == [*(value for _, value in pairs), None]
    assert [key async for key in store.ayield_keys()] == keys
    assert await store.amdelete([*keys, "missing"]) == len(keys)
    assert len(store) == 0


async def test_pairs_and_keys_from_generators(store: ByteStore) -> None:
    await store.amset((key, value) for key, value in LARGE)
    await store.amset([list(pair) for pair in SMALL])
    assert await store.amget(key for key in "ba") == [b"", b"1"]
    assert await store.amdelete(store.yield_keys(prefix="k")) == len(LARGE)


async def test_the_input_is_read_on_the_callers_thread(store: ByteStore) -> None:
    threads = set()

    def pairs() -> Any:
        for pair in LARGE:
            threads.add(threading.current_thread())
            yield pair

    await store.amset(pairs())
    await store.amget(key for key, _ in pairs())
    await store.amdelete(key for key, _ in pairs())
    assert threads == {threading.current_thread()}


async def test_bytes_are_not_copied_on_the_way_to_the_thread(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[Any] = []

    def spy(_: int, pairs: Any) -> bool:
        handed.append(pairs)
        return True

    monkeypatch.setattr(_batches, "mset", spy)
    await store.amset(LARGE)
    await store.amset([[key, value] for key, value in LARGE])
    for pairs in handed:
        assert [value for _, value in pairs] == [value for _, value in LARGE]
        assert all(value is original for (_, value), (_, original) in zip(pairs, LARGE, strict=True))


@pytest.mark.parametrize(
    ("pairs", "in_thread"), [(SMALL, False), (LARGE, True), (HEAVY, True)], ids=["small", "large", "heavy"]
)
async def test_where_the_work_is_done(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch, pairs: list[tuple[str, bytes]], in_thread: bool
) -> None:
    threads: dict[str, bool] = {}

    def watch(where: Any, name: str) -> None:
        original = getattr(where, name)

        def spy(*args: Any) -> Any:
            threads[name] = threading.current_thread() is not threading.main_thread()
            return original(*args)

        monkeypatch.setattr(where, name, spy)

    for name in ("mset", "mget", "mdelete"):
        watch(_batches, name)
    await store.amset(pairs)
    await store.amget([key for key, _ in pairs])
    await store.amdelete([key for key, _ in pairs])
    by_count = len(pairs) > 1000
    assert threads == {"mset": in_thread, "mget": by_count, "mdelete": by_count}


async def test_few_heavy_values_are_read_in_a_thread_from_the_second_time_on(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.mset([*HEAVY, *SMALL])
    threads: list[bool] = []
    original = _batches.mget

    def spy(*args: Any) -> Any:
        threads.append(threading.current_thread() is not threading.main_thread())
        return original(*args)

    monkeypatch.setattr(_batches, "mget", spy)
    for keys in (["heavy"], ["heavy", "missing"], ["a"], ["a", "b", "missing"], [], ["a"]):
        assert await store.amget(keys) == store._handle.mget([key.encode() for key in keys])
    assert threads == [False, True, True, False, False, False]


async def test_a_loop_goes_on_while_a_large_batch_waits(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def slow(*_: Any) -> list[bytes | None]:
        assert released.wait(30)
        return []

    monkeypatch.setattr(_batches, "mget", slow)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(store.amget(key for key, _ in LARGE))
        await asyncio.sleep(0)
        assert not waiting.done()
        released.set()
    assert waiting.result() == []


def test_one_store_serves_any_loop(store: ByteStore) -> None:
    async def work(number: int) -> list[bytes | None]:
        await store.amset([(f"{number}/{key}", value) for key, value in LARGE])
        return await store.amget([f"{number}/k7"])

    for number in range(3):
        assert asyncio.run(work(number)) == [b"7"]
    answers: list[list[bytes | None]] = []
    loops = [threading.Thread(target=lambda n=n: answers.append(asyncio.run(work(n)))) for n in range(3, 6)]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    assert answers == [[b"7"]] * 3


@pytest.mark.parametrize("pairs", [SMALL, LARGE], ids=["small", "large"])
def test_a_loop_that_is_not_asyncios(store: ByteStore, pairs: list[tuple[str, bytes]]) -> None:
    def drive(call: Coroutine[Any, Any, Any]) -> Any:
        """The least that an event loop does."""
        with pytest.raises(StopIteration) as done:
            call.send(None)
        return done.value.value

    keys = [key for key, _ in pairs]
    drive(store.amset(pairs))
    assert drive(store.amget(keys)) == [value for _, value in pairs]
    assert drive(anext(store.ayield_keys())) == keys[0]
    assert drive(store.amdelete(keys)) == len(keys)


class Foreign:
    """A loop of somebody else's, as uvloop's is: it has asyncio's methods, here a real one's, and not its class."""

    def __init__(self, real: asyncio.AbstractEventLoop) -> None:
        self.real = real
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        self.asked += name == "run_in_executor"
        return getattr(self.real, name)


def test_a_loop_of_somebody_elses(store: ByteStore) -> None:
    async def work() -> Any:
        loop: Any = Foreign(asyncio.get_running_loop())
        asyncio._set_running_loop(loop)
        await store.amset(LARGE)
        scanned = [key async for key in store.ayield_keys()]
        return loop.asked, scanned, await store.amget(scanned), await store.amdelete(scanned)

    asked, *results = asyncio.run(work())
    assert results == [[key for key, _ in LARGE], [value for _, value in LARGE], len(LARGE)]
    assert asked >= 3, "one batch, one page and the page after the last"


def test_a_scan_asks_for_a_thread_by_the_page(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    in_thread = _async.in_thread

    async def spy(call: Any, *args: Any) -> Any:
        nonlocal asked
        asked += 1
        return await in_thread(call, *args)

    monkeypatch.setitem(ByteStore.ayield_keys.__globals__, "in_thread", spy)
    store.mset(LARGE)

    async def scan(prefix: str) -> int:
        return len([key async for key in store.ayield_keys(prefix=prefix)])

    assert asyncio.run(scan("")) == 2000
    assert asked <= 5
    assert asyncio.run(scan("none")) == 0
    assert asked <= 6


async def test_many_tasks_at_once(store: ByteStore) -> None:
    async def work(number: int) -> None:
        pairs = [(f"{number}/{i}", b"%d" % i) for i in range(10 if number % 2 else 1000)]
        await store.amset(pairs)
        assert await store.amget([key for key, _ in pairs]) == [value for _, value in pairs]

    await asyncio.gather(*map(work, range(20)))
    assert len(store) == 10 * 10 + 10 * 1000


@pytest.mark.parametrize(
    "call",
    [
        lambda store: store.amget([]),
        lambda store: store.amget([key for key, _ in LARGE]),
        lambda store: store.amset(LARGE),
        lambda store: store.amdelete(["a"]),
    ],
)
async def test_a_closed_store(call: Callable[[ByteStore], Coroutine[Any, Any, Any]]) -> None:
    store = ByteStore()
    store.close()
    with pytest.raises(ClosedError):
        await call(store)
