"""Many threads, one store: a batch is one atomic step, and nothing is lost."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bytestore import ByteStore

KEYS = [f"k{i}" for i in range(64)]


@pytest.fixture(autouse=True)
def _switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def while_running(writers: list[Callable[[], None]], look: Callable[[], None]) -> None:
    with ThreadPoolExecutor(len(writers)) as pool:
        running = [pool.submit(write) for write in writers]
        while not all(future.done() for future in running):
            look()
        look()
    for future in running:
        future.result()


@pytest.mark.parametrize("size", [1, 100, 5000])
def test_a_batch_is_seen_whole_or_not_at_all(store: ByteStore, size: int) -> None:
    def writer(letter: bytes) -> Callable[[], None]:
        def write() -> None:
            for _ in range(150):
                store.mset((key, letter * size) for key in KEYS)

        return write

    def look() -> None:
        assert len(set(store.mget(KEYS))) == 1

    while_running([writer(b"x"), writer(b"y")], look)


def test_a_deletion_is_seen_whole_or_not_at_all(store: ByteStore) -> None:
    def write() -> None:
        for _ in range(150):
            store.mset((key, b"x") for key in KEYS)
            assert store.mdelete(KEYS) in range(len(KEYS) + 1)

    def look() -> None:
        assert len(set(store.mget(KEYS))) == 1
        assert len(store) in (0, len(KEYS))

    while_running([write, write], look)


def test_no_write_is_lost(store: ByteStore) -> None:
    def writer(number: int) -> Callable[[], None]:
        def write() -> None:
            for round_ in range(100):
                store.mset((f"{number}/{round_}/{i}", b"%d" % i) for i in range(20))

        return write

    while_running([writer(number) for number in range(4)], lambda: None)
    assert len(store) == 4 * 100 * 20
    for number in range(4):
        # One thread's keys keep the order in which it set them.
        mine = list(store.yield_keys(prefix=f"{number}/"))
        assert mine == [f"{number}/{round_}/{i}" for round_ in range(100) for i in range(20)]


def test_a_key_is_deleted_once(store: ByteStore) -> None:
    store.mset((f"k{i}", b"") for i in range(5000))
    started = threading.Barrier(4)

    def delete() -> int:
        started.wait()
        return sum(store.mdelete([f"k{i}"]) for i in range(5000))

    with ThreadPoolExecutor(4) as pool:
        removed = [pool.submit(delete) for _ in range(4)]
    assert sum(future.result() for future in removed) == 5000
    assert len(store) == 0


@pytest.mark.parametrize(
    ("count", "size"), [(2000, 10), (2, 1 << 24), (600, 1 << 16)], ids=["many", "heavy", "many and heavy"]
)
@pytest.mark.parametrize("name", ["mget", "mset"])
def test_other_threads_run_during_a_large_batch(store: ByteStore, name: str, count: int, size: int) -> None:
    pairs = [(f"k{i}", bytes(size)) for i in range(count)]
    store.mset(pairs)
    keys = [key for key, _ in pairs]
    call: Callable[[], object] = (lambda: store.mget(keys)) if name == "mget" else (lambda: store.mset(pairs))
    store.mget(keys)  # how the next one is done depends on the last
    sys.setswitchinterval(1000)  # nobody has a turn but where it is given away
    started, go_on, ran = threading.Barrier(2), threading.Event(), threading.Event()

    def other() -> None:
        started.wait()
        go_on.wait()
        ran.set()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        started.wait()
        go_on.set()
        # A turn may be short: a busy machine needs many until the other thread is awake for one.
        patience = time.monotonic() + 60
        while not ran.is_set() and time.monotonic() < patience:
            call()
        assert ran.is_set()
    finally:
        thread.join()
