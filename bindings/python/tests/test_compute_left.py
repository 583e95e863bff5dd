"""What a computation leaves behind: nothing, whoever interrupted it; nothing in a fork's child, nothing in a pickle."""

import asyncio
import copy
import gc
import os
import pickle
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from bytestore import ByteStore, InvalidArgumentError, _flights
from test_fork import in_child
from waiting import GIVE_UP, Gate, until_waiting, upper

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


class Leaving(BaseException):
    """As KeyboardInterrupt and SystemExit are: nobody's answer."""


def leave(_: list[str]) -> list[bytes]:
    raise Leaving


def test_interrupted_while_it_computes(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """One of those who wait computes, for all of them."""
    gate, again = Gate(leave), Gate()
    first = threads.submit(store.mget_or_compute, ["a", "b"], gate)
    gate.wait()
    others = [threads.submit(store.mget_or_compute, ["b"], again) for _ in range(8)]
    until_waiting(store, "b", 8)
    gate.open()
    again.wait()
    again.open()
    assert [other.result(GIVE_UP) for other in others] == [[b"B"]] * 8
    assert again.asked == [["b"]]
    assert isinstance(first.exception(), Leaving)
    assert not store._handle.flights.under_way


@pytest.fixture
def in_the_foreground() -> Iterator[None]:
    """A program that was started in the background ignores Ctrl-C, and its children do."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_foreground")
def test_ctrl_c(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """In the middle of a computation, and in the middle of waiting for one."""
    others: list[Any] = []

    def interrupted(_: list[str]) -> list[bytes]:
        others.append(threads.submit(store.mget_or_compute, ["a"], upper))
        until_waiting(store, "a", 1)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("Ctrl-C comes before this")

    with pytest.raises(KeyboardInterrupt):
        store.mget_or_compute(["a"], interrupted)
    assert others[0].result(GIVE_UP) == [b"A"]

    gate = Gate()
    computing = threads.submit(store.mget_or_compute, ["b"], gate)
    gate.wait()

    heard: list[int] = []

    def first_only(number: int, _: object) -> None:
        heard.append(number)
        if len(heard) == 1:
            raise KeyboardInterrupt

    def interrupt() -> None:
        until_waiting(store, "b", 1)
        # Again and again: CPython does not notice one that comes just before its thread sleeps on a lock.
        while not heard:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            time.sleep(0.01)

    signal.signal(signal.SIGINT, first_only)

    interrupting = threads.submit(interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.mget_or_compute(["b"], upper)
    interrupting.result()
    gate.open()
    assert computing.result() == [b"B"]


@pytest.mark.parametrize("stage", ["claim", "land"])
def test_a_failure_of_the_table_itself(
    store: ByteStore, monkeypatch: pytest.MonkeyPatch, stage: str, threads: ThreadPoolExecutor
) -> None:
    """An interruption in the moment in which keys are claimed, or just after."""
    take_off = _flights.Flight.take_off

    def interrupted(self: _flights.Flight, names: frozenset[bytes]) -> None:
        if stage == "land":
            take_off(self, names)
        raise Leaving

    with monkeypatch.context() as patch:
        patch.setattr(_flights.Flight, "take_off", interrupted)
        with pytest.raises(Leaving):
            store.mget_or_compute(["a"], upper)
    assert threads.submit(store.mget_or_compute, ["a"], upper).result(GIVE_UP) == [b"A"]


class Witness:
    """Something whose end can be seen."""


@pytest.mark.parametrize("how", ["succeeds", "fails", "leaves", "asks for itself"])
@pytest.mark.parametrize("waiters", [0, 3])
def test_nothing_stays_behind(store: ByteStore, how: str, waiters: int) -> None:
    """No key, no value, no error, no frame: gone with the last who had it, without the garbage collector."""
    ends: list[weakref.ref[Any]] = []

    def computation() -> Callable[[list[str]], list[bytes]]:
        witness = Witness()
        ends.append(weakref.ref(witness))

        def compute(keys: list[str]) -> list[bytes]:
            assert witness
            if how == "fails":
                raise ValueError
            if how == "leaves":
                raise Leaving
            if how == "asks for itself":
                store.mget_or_compute(keys, upper)
            return upper(keys)

        return compute

    def call(compute: Callable[[list[str]], list[bytes]]) -> None:
        try:
            store.mget_or_compute(["a", "b"], compute)
        except (ValueError, Leaving) as error:
            assert error.__traceback__  # noqa: PT017

    gc.collect()
    gc.disable()
    try:
        gate = Gate(computation())
        running = [threading.Thread(target=call, args=(gate,))]
        running[0].start()
        gate.wait()
        for _ in range(waiters):
            running.append(threading.Thread(target=call, args=(computation(),)))
            running[-1].start()
        until_waiting(store, "a", waiters)
        gate.open()
        for thread in running:
            thread.join(GIVE_UP)
        flights = store._handle.flights
        assert not flights.under_way
        gate._compute = upper
        running.clear()
        del thread, gate
        assert [end() for end in ends] == [None] * (1 + waiters)
    finally:
        gc.enable()


def test_an_errors_traceback_ends_with_it(store: ByteStore) -> None:
    """On a loop, too."""
    ends: list[weakref.ref[Any]] = []

    async def compute(_: list[str]) -> list[bytes]:
        witness = Witness()
        ends.append(weakref.ref(witness))
        await asyncio.sleep(0)
        raise ValueError

    async def ask() -> None:
        with suppress(ValueError):
            await store.amget_or_compute(["a"], compute)

    async def work() -> None:
        await asyncio.gather(*(ask() for _ in range(3)))

    gc.collect()
    gc.disable()
    try:
        asyncio.run(work())
        assert [end() for end in ends] == [None]
    finally:
        gc.enable()
    assert not store._handle.flights.under_way


def test_no_chain_of_those_who_waited(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """Calls that overlap without an end keep no more than those that are under way."""
    gates = [Gate() for _ in range(20)]
    seen: list[weakref.ref[Any]] = []
    calls: list[Any] = []
    for number, gate in enumerate(gates):
        keys = [f"{number}", *([f"{number - 1}"] if number else [])]
        calls.append(threads.submit(store.mget_or_compute, keys, gate))
        gate.wait()
        seen.append(weakref.ref(store._handle.flights.under_way[b"%d" % number].over))
        if number:
            gates[number - 1].open()
            assert calls.pop(0).result(GIVE_UP)
    gates[-1].open()
    assert calls.pop().result(GIVE_UP)
    gc.collect()
    assert [end() for end in seen] == [None] * 20


def test_the_child_of_a_fork_computes_for_itself(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """What only the parent's threads compute never ends there."""
    gate = Gate()
    computing = threads.submit(store.mget_or_compute, ["a"], gate)
    gate.wait()
    waiting = threads.submit(store.mget_or_compute, ["a"], upper)
    until_waiting(store, "a", 1)

    def work() -> None:
        assert store.mget_or_compute(["a", "b"], lambda keys: [b"child"] * len(keys)) == [b"child"] * 2
        assert list(store._handle.flights.under_way) == []
        assert asyncio.run(store.amget_or_compute(["c"], lambda keys: asyncio.sleep(0, upper(keys)))) == [b"C"]

    in_child(work)
    gate.open()
    assert computing.result(GIVE_UP) == waiting.result(GIVE_UP) == [b"A"]
    assert list(store) == ["a"]


def test_a_fork_in_the_middle_of_a_computation(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """Both go on with it, and it is still known what it computes."""
    others: list[Any] = []
    answers: list[int] = []
    held, go_on = threading.Event(), threading.Event()

    def hold(future: Any) -> None:
        with future._condition:
            held.set()
            assert go_on.wait(GIVE_UP)

    def compute(keys: list[str]) -> list[bytes]:
        others.append(threads.submit(store.mget_or_compute, ["a"], upper))
        until_waiting(store, "a", 1)
        threads.submit(hold, store._handle.flights.under_way[b"a"].over)  # as who begins to wait just now does
        assert held.wait(GIVE_UP)
        child = os.fork()
        if child == 0:
            signal.alarm(GIVE_UP)
            with pytest.raises(InvalidArgumentError, match="by the computation that asks for it"):
                store.mget_or_compute(keys, upper)
            thread = threading.Thread(target=store.mget_or_compute, args=(["a"], upper))
            thread.start()
            thread.join()
            return [b"child"]
        answers.append(child)
        go_on.set()
        return upper(keys)

    value = None
    try:
        value = store.mget_or_compute(["a"], compute)
    finally:
        if not answers:  # the child
            os._exit(value != [b"child"] or store["a"] != b"child" or bool(store._handle.flights.under_way))
    _, status = os.waitpid(answers[0], 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert (value, others[0].result(GIVE_UP)) == ([b"A"], [b"A"])


def test_forks_beside_those_who_compute(store: ByteStore) -> None:
    stop = threading.Event()

    def work(number: int) -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            store.mget_or_compute([f"{turn % 50}", f"{number}/{turn}"], upper)
            store.mdelete([f"{turn % 50}"])

    def in_the_child() -> None:
        keys = [f"{number}" for number in range(50)]
        assert store.mget_or_compute(keys, upper) == upper(keys)

    running = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in running:
        thread.start()
    try:
        for _ in range(50):
            in_child(in_the_child)
    finally:
        stop.set()
        for thread in running:
            thread.join()


def test_copies_carry_no_computation(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate = Gate()
    computing = threads.submit(store.mget_or_compute, ["a"], gate)
    gate.wait()
    for twin in (copy.deepcopy(store), pickle.loads(pickle.dumps(store)), copy.deepcopy(store.namespace(""))):
        assert twin.mget_or_compute(["a"], lambda _: [b"its own"]) == [b"its own"]
    shared = threads.submit(copy.copy(store).mget_or_compute, ["a"], leave)
    until_waiting(store, "a", 1)
    gate.open()
    assert computing.result() == shared.result() == [b"A"]
