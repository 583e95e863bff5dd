"""Stores on a server that is there: the operations, and that nobody else waits for it.

There are none without a server on the PATH, unless this is the suite, which must have one.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bytestore import ByteStore, RemoteError
from waiting import GIVE_UP

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
KEYS = [f"k{number}" for number in range(3)]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """The socket of a server, in a folder whose path is short enough for one."""
    assert PROGRAM, "neither redis-server nor valkey-server is on the PATH"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server"
        command = [PROGRAM, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                patience = time.monotonic() + GIVE_UP
                while not answers(path):
                    assert server.poll() is None
                    assert time.monotonic() < patience
                    time.sleep(0.01)
                yield path
            finally:
                server.terminate()


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        client.sendall(b"PING\r\n")
        return client.recv(7) == b"+PONG\r\n"


names = count()


@pytest.fixture
def url(place: Path) -> str:
    """Of a part of the server's keys that nobody else has."""
    return f"redis+unix://{place}?retries=0&namespace={next(names)}/"


@asynccontextmanager
async def relayed(url: str) -> AsyncIterator[str]:
    """The same server behind a relay on this loop: who keeps the loop or the interpreter's lock gets no answer."""
    relays: list[asyncio.Task[None]] = []

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relays.append(asyncio.current_task())  # type: ignore[arg-type] # it is one
        there, back = await asyncio.open_unix_connection(place)
        with closing(writer), closing(back), suppress(asyncio.CancelledError):
            await asyncio.gather(copy(reader, back), copy(there, writer))

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while some := await reader.read(1 << 16):
            writer.write(some)
            await writer.drain()

    place = url.removeprefix("redis+unix://").partition("?")[0]
    middle = f"{place}-relay"
    server = await asyncio.start_unix_server(relay, middle)
    try:
        yield url.replace(place, middle)
    finally:
        server.close()
        for task in relays:
            task.cancel()
        await asyncio.gather(*relays)


if PROGRAM or "CI" in os.environ:

    def test_the_operations(url: str) -> None:
        store = ByteStore(url=url)
        store.update({"a": b"1", "\ud800": b"", "c": bytes(10_000)})
        assert store.mget(["a", "\ud800", "x", "a"]) == [b"1", b"", None, b"1"]
        assert store.mget_views(["c", "x"]) == [bytes(10_000), None]
        assert len(store) == len(store.store) == 3
        assert sorted(store) == ["a", "c", "\ud800"]
        assert dict(store.items()) == store.store.copy() == {"a": b"1", "\ud800": b"", "c": bytes(10_000)}
        assert "a" in store
        assert store.mdelete(["a", "x"]) == 1
        assert store.mget_or_compute(["a", "c"], lambda keys: [key.encode() * 2 for key in keys])[0] == b"aa"
        assert store._repr_html_().count("<tr>") == 1

        users = store.namespace("user/")
        users.mset([(key, key.encode()) for key in KEYS])
        assert sorted(users.yield_keys(prefix="k")) == KEYS
        assert (store.count("user/"), users.count("k1"), len(users)) == (3, 1, 3)
        assert (users.delete_prefix("k1"), store.delete_prefix("")) == (1, 5)
        assert list(store) == []

        store.store = {"a": b"2"}
        stats = store.stats()
        assert (stats.sets, stats.hits > 0, stats.entries) == (8, True, 0)

    def test_the_writes_of_others_reach_the_copies(url: str) -> None:
        store, other = ByteStore(url=f"memory:?over={url}", max_bytes=1 << 20), ByteStore(url=url)
        for value in (b"1", b"2"):
            other.mset([("a", value)])
            patience = time.monotonic() + GIVE_UP
            while store.mget(["a"]) != [value] or store.stats().entries == 0:
                assert time.monotonic() < patience
        store.mset([("a", b"3")])
        assert store.mget(["a"]) == other.mget(["a"]) == [b"3"]

    @pytest.mark.parametrize("size", [0, 100, 10_000])
    def test_batches_of_many(url: str, size: int) -> None:
        store = ByteStore(url=url)
        pairs = [(f"é\0{number}", bytes([number % 256]) * size) for number in range(600)]
        store.mset(pairs)
        store.mset([["list", b"1"], ("array", bytearray(b"2"))])
        keys = [key for key, _ in pairs]
        assert store.mget([*keys, "x", "list", "array"]) == [*(value for _, value in pairs), None, b"1", b"2"]
        assert store.mdelete(keys) == 600

    def test_times_to_live(url: str) -> None:
        store = ByteStore(url=url, ttl=0.001)
        store.mset([("a", b"1")])
        store.mset([("b", b"1")], ttl=600)
        patience = time.monotonic() + GIVE_UP
        while "a" in store:
            assert time.monotonic() < patience
        assert "b" in store

    def test_the_servers_own_words(url: str) -> None:
        with pytest.raises(RemoteError) as caught:
            ByteStore(url=f"{url}&db=99").mget(["a"])
        assert "DB index is out of range" in caught.value.reason
        assert str(caught.value).startswith(caught.value.reason)

    CALLS: list[Callable[[ByteStore], Any]] = [
        lambda store: store.mset([("a", b"1")]),
        lambda store: store.mset([("a", b"1")], ttl=600),
        lambda store: store.mget(["a"]),
        lambda store: store.mget_views(["a"]),
        lambda store: store.mdelete(["a"]),
        lambda store: store.count("a"),
        lambda store: store.delete_prefix("a"),
        list,
        len,
    ]

    @pytest.mark.parametrize("call", CALLS)
    def test_other_threads_run_while_one_waits(url: str, call: Callable[[ByteStore], Any]) -> None:
        ready, over = threading.Event(), threading.Event()
        places: list[str] = []

        async def relay() -> None:
            async with relayed(url) as place:
                places.append(place)
                ready.set()
                await asyncio.to_thread(over.wait)

        thread = threading.Thread(target=asyncio.run, args=(relay(),))
        thread.start()
        assert ready.wait(GIVE_UP)
        try:
            call(ByteStore(url=places[0]))
        finally:
            over.set()
            thread.join()

    ASYNC_CALLS: list[Callable[[ByteStore], Awaitable[Any]]] = [
        lambda store: store.amset([("a", b"1")]),
        lambda store: store.amset([("a", b"1")], ttl=600),
        lambda store: store.amget(["a"]),
        lambda store: store.amdelete(["a"]),
        lambda store: store.acount("a"),
        lambda store: store.adelete_prefix("a"),
        lambda store: anext(store.ayield_keys(), None),
    ]

    @pytest.mark.parametrize("call", ASYNC_CALLS)
    async def test_the_loop_runs_while_a_task_waits(url: str, call: Callable[[ByteStore], Awaitable[Any]]) -> None:
        async with relayed(url) as place:
            await call(ByteStore(url=place))
