"""Computing once what is missing, by tasks: of one loop, of several, and of threads together."""

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any

import pytest

from bytestore import ByteStore, ClosedError, InvalidArgumentError
from test_async import Foreign
from waiting import GIVE_UP, Gate, until, until_waiting, upper, waiting


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


async def aupper(keys: list[str]) -> list[bytes]:
    await asyncio.sleep(0)
    return upper(keys)


async def refuse(keys: list[str]) -> list[bytes]:
    raise AssertionError(f"nobody should compute {keys}")


def on_a_loop(call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(call())


@pytest.mark.parametrize("count", [2, 2000])
async def test_what_is_missing_is_computed(store: ByteStore, count: int) -> None:
    """In one call, small or large."""
    keys = [f"k{number}" for number in range(count)]
    store[keys[1]] = b"there"
    asked: list[list[str]] = []

    async def compute(missing: list[str]) -> list[bytes]:
        asked.append(missing)
        return await aupper(missing)

    expected = [b"there" if key == "k1" else key.upper().encode() for key in keys]
    assert await store.amget_or_compute(iter(keys), compute) == expected
    assert await store.amget_or_compute([*keys, "k1"], refuse) == [*expected, b"there"]
    assert asked == [[key for key in keys if key != "k1"]]
    assert store.mget(keys) == expected


async def test_the_keys_are_those_of_the_beginning(store: ByteStore) -> None:
    keys = [f"k{number}" for number in range(2000)]
    expected = upper(keys)
    task = asyncio.create_task(store.amget_or_compute(keys, aupper))
    await asyncio.sleep(0)
    keys.clear()
    assert await task == expected


@pytest.mark.parametrize(
    ("compute", "error", "message"),
    [
        (upper, TypeError, "the computation is not async: use mget_or_compute"),
        (None, TypeError, "amget_or_compute takes a function"),
        (lambda keys: asyncio.sleep(0, keys[:0]), InvalidArgumentError, "gave 0 values for 1 keys"),
        (lambda keys: asyncio.sleep(0, "a"), TypeError, "amget_or_compute: the computation gave str 'a', not a list"),
        (lambda keys: asyncio.sleep(0, [5]), TypeError, r"value of key 'a' \(pair 0\) is int"),
    ],
)
async def test_mistakes(store: ByteStore, compute: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        await store.amget_or_compute(["a"], compute)
    assert len(store) == 0


async def test_of_many_tasks_one_computes(store: ByteStore) -> None:
    gate = Gate()
    first = asyncio.create_task(store.amget_or_compute(["a", "b"], gate.on_a_loop))
    await gate.begun()
    others = [asyncio.create_task(store.amget_or_compute(["b"], refuse)) for _ in range(30)]
    ahead = asyncio.create_task(store.amget_or_compute(["b", "c", "a"], aupper))
    await until(lambda: waiting(store, "b") == 31)
    assert "c" in store
    gate.open()
    assert await first == [b"A", b"B"]
    assert await asyncio.gather(*others) == [[b"B"]] * 30
    assert await ahead == [b"B", b"C", b"A"]
    assert gate.asked == [["a", "b"]]
    assert not store._handle.flights.under_way


async def test_a_task_waits_for_a_thread_and_the_loop_goes_on(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate = Gate()
    first = threads.submit(store.mget_or_compute, ["a"], gate)
    await gate.begun()
    second = asyncio.create_task(store.amget_or_compute(["b", "a"], aupper))
    await until(lambda: waiting(store, "a") == 1)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not second.done()
    gate.open()
    assert await second == [b"B", b"A"]
    assert first.result() == [b"A"]


async def test_a_thread_waits_for_a_task(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate = Gate()
    first = asyncio.create_task(store.amget_or_compute(["a"], gate.on_a_loop))
    await gate.begun()
    second = threads.submit(store.mget_or_compute, ["a"], upper)
    await until(lambda: waiting(store, "a") == 1)
    gate.open()
    assert await first == await asyncio.wrap_future(second) == [b"A"]
    assert store.stats().sets == 1


def test_tasks_of_several_loops(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate = Gate()
    first = threads.submit(on_a_loop, lambda: store.amget_or_compute(["a"], gate.on_a_loop))
    gate.wait()
    others = [threads.submit(on_a_loop, lambda: store.amget_or_compute(["a"], refuse)) for _ in range(4)]
    until_waiting(store, "a", 4)
    gate.open()
    assert [future.result(GIVE_UP) for future in (first, *others)] == [[b"A"]] * 5


def test_a_loop_of_somebody_elses(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate = Gate()
    first = threads.submit(store.mget_or_compute, ["a"], gate)
    gate.wait()

    async def work() -> Any:
        real = asyncio.get_running_loop()
        asyncio._set_running_loop(Foreign(real))  # type: ignore[arg-type]
        real.call_later(0, gate.open)
        return await store.amget_or_compute(["a", "b"], aupper)

    assert asyncio.run(work()) == [b"A", b"B"]
    assert first.result() == [b"A"]


def test_a_loop_that_is_not_asyncios(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """A thread is waited for; who would wait for another task computes for itself."""

    class Suspended:
        def __await__(self) -> Any:
            yield

    async def slow(keys: list[str]) -> list[bytes]:
        await Suspended()
        return upper(keys)

    async def at_once(keys: list[str]) -> list[bytes]:
        return upper(keys)

    first = store.amget_or_compute(["a"], slow)
    Context().run(first.send, None)
    assert finish(store.amget_or_compute(["a", "b"], at_once)) == [b"A", b"B"]
    assert len(store._handle.flights.under_way) == 0
    assert finish(first) == [b"A"]
    gate = Gate()
    computing = threads.submit(store.mget_or_compute, ["c"], gate)
    gate.wait()
    beside = threads.submit(lambda: finish(store.amget_or_compute(["c"], refuse)))
    until_waiting(store, "c", 1)
    gate.open()
    assert beside.result() == computing.result() == [b"C"]
    assert not store._handle.flights.under_way


def finish(call: Coroutine[Any, Any, Any]) -> Any:
    """The least that an event loop does: every task has a context of its own."""
    with pytest.raises(StopIteration) as done:
        Context().run(call.send, None)
    return done.value.value


async def test_it_never_waits_for_itself(store: ByteStore) -> None:
    def tasks(keys: list[str]) -> Any:
        return asyncio.gather(store.amget_or_compute(keys, refuse))

    computations: list[Any] = [
        lambda keys: store.amget_or_compute(["b", *keys], refuse),
        lambda _: store.amget_or_compute(["b"], lambda _: store.namespace("a").amget_or_compute([""], refuse)),
        lambda keys: asyncio.to_thread(store.mget_or_compute, keys, upper),
        tasks,
    ]
    for compute in computations:
        with pytest.raises(InvalidArgumentError, match="is being computed by the computation that asks for it"):
            await store.amget_or_compute(["a"], compute)
        assert not store._handle.flights.under_way


async def test_nor_blocks_the_loop_that_it_waits_for(store: ByteStore) -> None:
    gate = Gate()
    first = asyncio.create_task(store.amget_or_compute(["a"], gate.on_a_loop))
    await gate.begun()
    with pytest.raises(InvalidArgumentError, match=r"on this very thread.*in a coroutine, await amget_or_compute"):
        store.mget_or_compute(["b", "a"], upper)
    gate.open()
    assert await first == [b"A"]


async def test_a_circle_of_tasks_and_threads(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    both = threading.Barrier(2)

    async def through_b(_: list[str]) -> list[bytes]:
        await asyncio.to_thread(both.wait, GIVE_UP)
        return await store.amget_or_compute(["b"], refuse)

    def through_a(_: list[str]) -> list[bytes]:
        both.wait(GIVE_UP)
        return store.mget_or_compute(["a"], upper)

    thread = threads.submit(store.mget_or_compute, ["b"], through_a)
    with pytest.raises(InvalidArgumentError, match="in a circle") as caught:
        await store.amget_or_compute(["a"], through_b)
    assert await asyncio.to_thread(thread.exception) is caught.value


class Mine(Exception):  # noqa: N818
    pass


async def test_errors_go_to_all(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    error = Mine()

    def fail(_: list[str]) -> list[bytes]:
        raise error

    gate = Gate(fail)
    first = asyncio.create_task(store.amget_or_compute(["a"], gate.on_a_loop))
    await gate.begun()
    second = asyncio.create_task(store.amget_or_compute(["a"], refuse))
    third = threads.submit(store.mget_or_compute, ["a"], upper)
    await until(lambda: waiting(store, "a") == 2)
    gate.open()
    results = await asyncio.gather(first, second, asyncio.wrap_future(third), return_exceptions=True)
    assert [result is error for result in results] == [True] * 3
    assert await store.amget_or_compute(["a"], aupper) == [b"A"]


async def test_closed_meanwhile(store: ByteStore) -> None:
    gate = Gate()
    tasks = [asyncio.create_task(store.amget_or_compute(["a"], gate.on_a_loop)) for _ in range(3)]
    await gate.begun()
    store.close()
    gate.open()
    assert {type(error) for error in await asyncio.gather(*tasks, return_exceptions=True)} == {ClosedError}


# Who computes is cancelled: one of those who wait computes.


async def test_cancelled_while_it_computes(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate, again = Gate(), Gate()
    first = asyncio.create_task(store.amget_or_compute(["a", "b"], gate.on_a_loop))
    await gate.begun()
    tasks = [asyncio.create_task(store.amget_or_compute(["b"], again.on_a_loop)) for _ in range(5)]
    thread = threads.submit(store.mget_or_compute, ["a"], upper)
    await until(lambda: waiting(store, "a") == 6)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await again.begun()
    again.open()
    assert await asyncio.gather(*tasks) == [[b"B"]] * 5
    assert await asyncio.wrap_future(thread) == [b"A"]
    assert again.asked == [["b"]]
    assert not store._handle.flights.under_way


async def test_one_after_the_other_is_cancelled(store: ByteStore) -> None:
    gates = [Gate() for _ in range(4)]
    tasks = [asyncio.create_task(store.amget_or_compute(["a"], gate.on_a_loop)) for gate in gates]
    last = asyncio.create_task(store.amget_or_compute(["a"], aupper))
    for _ in range(4):
        computing = await begun_one(gates)
        tasks.pop(gates.index(computing)).cancel()
        gates.remove(computing)
    assert await last == [b"A"]
    assert not store._handle.flights.under_way


async def begun_one(gates: list[Gate]) -> Gate:
    await until(lambda: any(gate.asked for gate in gates))
    return next(gate for gate in gates if gate.asked)


async def test_who_waits_is_cancelled(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """Nobody else notices, neither those who wait for the same nor who computes."""
    gate = Gate()
    thread = threads.submit(store.mget_or_compute, ["a"], gate)
    await gate.begun()
    tasks = [asyncio.create_task(store.amget_or_compute(["a"], refuse)) for _ in range(3)]
    await until(lambda: waiting(store, "a") == 3)
    tasks[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(store.amget_or_compute(["a"], refuse), 0.001)
    gate.open()
    assert [await tasks[0], await tasks[2], await asyncio.wrap_future(thread)] == [[b"A"]] * 3


async def test_cancelled_while_a_thread_sets_what_it_computed(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"k{number}" for number in range(2000)]
    begun, go_on = threading.Event(), threading.Event()
    mset = ByteStore.mset

    def slow(self: ByteStore, pairs: Any) -> None:
        begun.set()
        assert go_on.wait(GIVE_UP)
        mset(self, pairs)

    monkeypatch.setattr(ByteStore, "mset", slow)
    first = asyncio.create_task(store.amget_or_compute(keys, aupper))
    await until(begun.is_set)
    second = asyncio.create_task(store.amget_or_compute(keys[:1], aupper))
    await until(lambda: waiting(store, "k0") == 1)
    first.cancel()
    go_on.set()
    assert await second == [b"K0"]
    with pytest.raises(asyncio.CancelledError):
        await first


def test_a_loop_that_ends_in_the_middle(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """asyncio.run cancels what is left, and who waits elsewhere computes."""
    gate = Gate()
    others: list[Any] = []

    async def work() -> None:
        task = asyncio.create_task(store.amget_or_compute(["a"], gate.on_a_loop))
        await gate.begun()
        others.append(threads.submit(store.mget_or_compute, ["a"], upper))
        await until(lambda: waiting(store, "a") == 1)
        assert not task.done()

    asyncio.run(work())
    assert others[0].result(GIVE_UP) == [b"A"]


def test_a_coroutine_that_is_let_go_of(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    class Suspended:
        def __await__(self) -> Any:
            yield

    async def never(_: list[str]) -> list[bytes]:
        await Suspended()
        raise AssertionError

    call = store.amget_or_compute(["a"], never)
    Context().run(call.send, None)
    other = threads.submit(store.mget_or_compute, ["a"], upper)
    until_waiting(store, "a", 1)
    del call
    gc.collect()
    assert other.result(GIVE_UP) == [b"A"]
