"""Processes: a fork's child has a working copy of its own, whatever other threads were doing just then."""

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from socketserver import StreamRequestHandler, TCPServer
from typing import Any

import pytest

from bytestore import ByteStore

# Python warns of forking beside threads in general; this store promises to survive it.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

FORKS = int(os.environ.get("BYTESTORE_FORKS", "100"))  # beside writers
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


BATCH = [f"batch/{i}" for i in range(100)]


class Storm:
    """Stores of every kind, and what must hold of them at any moment."""

    def __init__(self) -> None:
        self.plain, self.computed, self.timed = ByteStore(), ByteStore(), ByteStore(manual_clock=True)
        self.bounded = ByteStore(max_entries=50, ttl=3600)
        self.named = ByteStore(name="storm")
        self.rounds = 0  # that writers made: a little less, as they count without a lock

    def write_once(self, turn: int) -> None:
        for store in (self.plain, self.named):
            store.mset((key, b"%d" % turn) for key in BATCH)
        self.bounded.mset((f"{turn % 1000}/{i}", b"x" * (5000 if i == 7 else 10)) for i in range(10))
        self.timed.mset([(f"{turn % 9}", b"ends")], ttl=0.01)
        self.timed.advance_clock(0.001)
        keys = [f"{turn % 5 + i}" for i in range(3)]
        assert self.computed.mget_or_compute(keys, lambda asked: [key.encode() for key in asked]) == [
            key.encode() for key in keys
        ]
        self.computed.mdelete(keys)
        self.rounds += 1

    def use(self) -> None:
        """As the only thread there is."""
        for store in (self.plain, self.named):
            assert len(set(store.mget(BATCH))) == 1, "half a batch"
            assert store.count("batch/") == len(store) == store.stats().entries == len(BATCH)
            store.mset((key, b"child") for key in BATCH)
            assert set(store.mget(BATCH)) == {b"child"}
            assert store.delete_prefix("batch/") == len(BATCH)
        self.bounded.mset((f"child/{i}", b"") for i in range(40))
        assert self.bounded.count("child/") == 40
        assert len(list(self.bounded.yield_keys())) == self.bounded.stats().entries <= 50
        self.timed.advance_clock(1)
        assert list(self.timed.yield_keys()) == []
        keys = [f"{i}" for i in range(8)]
        assert self.computed.mget_or_compute(keys, lambda asked: [key.encode() for key in asked]) == [
            key.encode() for key in keys
        ]
        self.named.mset([("left", b"")])
        self.named.close()
        assert len(ByteStore(name="storm")) == 0, "a name outlives its last handle"
        self.plain.close()
        fresh = ByteStore()
        fresh.mset([("b", b"2")])
        assert len(fresh) == 1


@contextmanager
def threads(count: int, work: Callable[[threading.Event], object]) -> Iterator[None]:
    """So many beside the block, each until the event is set."""
    stop = threading.Event()
    running = [threading.Thread(target=work, args=(stop,)) for _ in range(count)]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in running:
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


def test_forks_beside_writers() -> None:
    storm = Storm()
    storm.write_once(0)

    def write(stop: threading.Event) -> None:
        turn = threading.get_native_id()
        while not stop.is_set():
            turn += 1
            storm.write_once(turn)

    with threads(4, write):
        for forks in range(1, FORKS + 1):  # noqa: B007 what is counted is said below
            in_child(storm.use)
    assert len(storm.plain) == len(BATCH), "what children did is theirs"
    print(f"storm: {forks} forks beside 4 writers ({storm.rounds} rounds), 0 hung, 0 wrong")


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


def given_and_sent(store: ByteStore, answers: Connection) -> None:
    answers.send(given(store))


def in_an_executor(context: Any, store: ByteStore) -> Any:
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        return executor.submit(given, store).result(GIVE_UP)


def in_a_pool(context: Any, store: ByteStore) -> Any:
    with context.Pool(1) as pool:
        return pool.apply_async(given, (store,)).get(GIVE_UP)


def in_a_process(context: Any, store: ByteStore) -> Any:
    ours, theirs = context.Pipe()
    process = context.Process(target=given_and_sent, args=(store, theirs))
    process.start()
    assert ours.poll(GIVE_UP)
    answer = ours.recv()
    process.join(GIVE_UP)
    assert process.exitcode == 0
    return answer


@pytest.mark.parametrize("way", [in_an_executor, in_a_pool, in_a_process])
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_store_given_to_a_process_is_a_copy(
    store: ByteStore, method: str, way: Callable[[Any, ByteStore], Any]
) -> None:
    store.mset([("parent", b"1")])
    process, answer = way(multiprocessing.get_context(method), store)
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


# A server as gunicorn --preload makes one: the master loads the application, forks workers, and goes on.


class Answer(StreamRequestHandler):
    """A line with a key gets a line with who answers and the value; the worker remembers in its own copy."""

    server: "Server"

    def handle(self) -> None:
        key = self.rfile.readline().decode().strip()
        value = self.server.store.get(key, b"none")
        self.server.store["last asked of"] = b"%d" % os.getpid()
        batch = set(self.server.store.mget(BATCH))
        self.wfile.write(b"%d %s %d\n" % (os.getpid(), value, len(batch)))


class Server(TCPServer):
    def __init__(self, store: ByteStore) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.store = store


def ask(address: Any, key: str) -> list[bytes]:
    with socket.create_connection(address, timeout=GIVE_UP) as connection:
        connection.sendall(key.encode() + b"\n")
        return connection.makefile("rb").read().split()


def test_a_preloaded_server_with_forked_workers(store: ByteStore) -> None:
    store.update(dict.fromkeys(BATCH, b"0"), loaded=b"before-the-fork")
    stop = threading.Event()

    def go_on_writing() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            store.update(dict.fromkeys(BATCH, b"%d" % turn), loaded=b"after-the-fork", master=b"only")

    with Server(store) as server:
        writer = threading.Thread(target=go_on_writing)
        workers = []
        try:
            for _ in range(3):
                worker = os.fork()
                if worker == 0:
                    signal.alarm(GIVE_UP)
                    try:
                        server.serve_forever(poll_interval=0.01)  # until it is killed
                    finally:
                        os._exit(1)
                workers.append(worker)
                if len(workers) == 1:
                    writer.start()  # the others are forked while it writes
            answers = [ask(server.server_address, "loaded") for _ in range(60)]
            late = [ask(server.server_address, "last asked of") for _ in range(20)]
        finally:
            stop.set()
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
                os.waitpid(worker, 0)
            if writer.ident:
                writer.join()
    assert {int(process) for process, _, _ in answers} <= set(workers)
    assert {value for process, value, _ in answers if int(process) == workers[0]} <= {b"before-the-fork"}
    assert {value for _, value, _ in answers} <= {b"before-the-fork", b"after-the-fork"}
    assert {size for _, _, size in answers} == {b"1"}, "a batch is whole in every copy"
    assert all(value in {process, b"none"} for process, value, _ in late), "each remembers in a copy of its own"
    assert "last asked of" not in store
    assert store["loaded"] == b"after-the-fork"
