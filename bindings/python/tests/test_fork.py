"""Processes: a fork's child has a working copy of its own, whatever other threads were doing just then."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

import pytest

from bytestore import ByteStore

# Python warns of forking beside threads in general; this store promises to survive it.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

GIVE_UP = 60  # seconds; a child that hangs is killed and reported


def in_child(work: Callable[[], object]) -> None:
    """Runs the work in a forked child; fails when it raises, crashes or hangs."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(GIVE_UP)
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


@contextmanager
def writers(store: ByteStore, count: int) -> Iterator[None]:
    stop = threading.Event()

    def write(number: int) -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            store.mset((f"{number}/{i}", b"%d" % turn) for i in range(100))
            store.mget(f"{number}/{i}" for i in range(100))
            list(store.yield_keys(prefix=f"{number}/"))
            store.mdelete(f"{number}/{i}" for i in range(0, 100, 7))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_the_child_has_a_copy_of_its_own(store: ByteStore) -> None:
    store.mset([("a", b"1"), ("big", b"x" * 5000)])
    scan = store.yield_keys()
    assert next(scan) == "a"

    def work() -> None:
        assert store.mget(["a", "big"]) == [b"1", b"x" * 5000]
        assert list(scan) == ["big"]
        store.mset([("child", b"2")])
        store.mdelete(["a"])
        assert store.store == {"big": b"x" * 5000, "child": b"2"}
        store.close()

    in_child(work)
    assert store.store == {"a": b"1", "big": b"x" * 5000}
    assert list(scan) == ["big"]


def test_forks_beside_writers(store: ByteStore) -> None:
    store.mset([("a", b"1")])

    def work() -> None:
        assert store.mget(["a"]) == [b"1"]
        for number in range(3):
            keys = [f"{number}/{i}" for i in range(100)]
            store.mset((key, b"child") for key in keys)
            assert set(store.mget(keys)) == {b"child"}
            assert store.mdelete(keys) == 100
        assert list(store.yield_keys()) == ["a"]
        fresh = ByteStore()
        fresh.mset([("b", b"2")])
        store.close()
        assert len(fresh) == 1

    with writers(store, 3):
        for _ in range(100):
            in_child(work)


def test_a_batch_is_whole_in_the_child_too(store: ByteStore) -> None:
    keys = [f"k{i}" for i in range(100)]
    stop = threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            store.mset((key, b"%d" % turn) for key in keys)

    def work() -> None:
        assert len(set(store.mget(keys))) == 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(100):
            in_child(work)
    finally:
        stop.set()
        thread.join()


def test_a_grandchild(store: ByteStore) -> None:
    store.mset([("a", b"1")])

    def work() -> None:
        store.mset([("b", b"2")])
        in_child(lambda: store.mset([("c", b"3")]))
        assert store.store == {"a": b"1", "b": b"2"}

    in_child(work)


INHERITED = ByteStore()


def inherited(_: int) -> tuple[int, list[bytes | None]]:
    INHERITED.mset([(f"of {os.getpid()}", b"")])
    return os.getpid(), INHERITED.mget(["parent"])


def given(store: ByteStore) -> tuple[int, ByteStore]:
    store.mset([("child", b"2")])
    return os.getpid(), store


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_store_given_to_a_process_is_a_copy(store: ByteStore, method: str) -> None:
    store.mset([("parent", b"1")])
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        process, answer = pool.submit(given, store).result(GIVE_UP)
    assert process != os.getpid()
    assert answer.store == {"parent": b"1", "child": b"2"}
    assert store.store == {"parent": b"1"}


def test_workers_inherit_what_was_loaded_before_the_fork() -> None:
    INHERITED.mset([("parent", b"1")])
    with multiprocessing.get_context("fork").Pool(2) as pool:
        answers = pool.map(inherited, range(8))
    assert {tuple(values) for _, values in answers} == {(b"1",)}
    assert os.getpid() not in dict(answers)
    assert list(INHERITED.yield_keys()) == ["parent"]
