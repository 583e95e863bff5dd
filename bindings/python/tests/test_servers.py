"""Stores on a server that is not there: what they promise, what a failure says, and where it is waited for."""

import copy
import dataclasses
import pickle
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from bytestore import ByteStore, Capabilities, ClosedError, InvalidArgumentError, RemoteError, UnsupportedError, _abi
from bytestore._capabilities import capabilities_of
from bytestore._handle import Handle
from bytestore._options import with_options
from bytestore.langgraph import ByteStoreCache
from bytestore.llama_index import ByteStoreKVStore

NOBODY = "redis://127.0.0.1:1?retries=0"  # refuses at once
SECRET = "s3cret"  # noqa: S105
NAMES = [field.name for field in dataclasses.fields(Capabilities)]
EVERYTHING = Capabilities(**dict.fromkeys(NAMES, True))
NOTHING = Capabilities(**dict.fromkeys(NAMES, False))


@pytest.fixture
def lost() -> Iterator[ByteStore]:
    with ByteStore(url=NOBODY) as store:
        yield store


def test_capabilities_in_memory(store: ByteStore) -> None:
    assert store.capabilities() == store.namespace("a").capabilities() == EVERYTHING
    assert Capabilities.__module__ == "bytestore"
    with pytest.raises(dataclasses.FrozenInstanceError):
        store.capabilities().sizes = False  # type: ignore[misc]
    store.close()
    with pytest.raises(ClosedError):
        store.capabilities()


@pytest.mark.parametrize(
    ("url", "atomic_batches"),
    [
        (NOBODY, True),
        ("valkeys://127.0.0.1:1", True),
        ("redis+unix:///nowhere?db=1", True),
        (f"{NOBODY}&batch=10", False),
        ("redis+cluster://127.0.0.1:1,127.0.0.1:2", False),
    ],
)
def test_capabilities_on_servers(url: str, atomic_batches: bool) -> None:
    store = ByteStore(url=url)
    expected = dataclasses.replace(NOTHING, atomic_batches=atomic_batches)
    assert store.capabilities() == store.namespace("a").capabilities() == expected


def test_each_bit_is_its_own_name() -> None:
    bits = [value for name, value in vars(_abi).items() if name.startswith("CAN_")]
    names = [[name for name, holds in dataclasses.asdict(capabilities_of(bit)).items() if holds] for bit in bits]
    assert names == [[name] for name in NAMES]
    assert capabilities_of(sum(bits) | 1 << 63) == EVERYTHING  # one of a later version


CALLS: list[Callable[[ByteStore], Any]] = [
    lambda store: store.mget(["a"]),
    lambda store: store.mget_views(["a"]),
    lambda store: store.mset([("a", b"1")]),
    lambda store: store.mset([("a", b"1")], ttl=1),
    lambda store: store.mdelete(["a"]),
    lambda store: store.count("a"),
    lambda store: store.delete_prefix("a"),
    lambda store: store.mget_or_compute(["a"], lambda keys: keys),  # type: ignore[arg-type, return-value]
    lambda store: next(store.yield_keys()),
    lambda store: dict(store.items()),
    lambda store: store.store.copy(),
    len,
    list,
]


@pytest.mark.parametrize("call", CALLS)
def test_a_failure_has_the_systems_words(lost: ByteStore, call: Callable[[ByteStore], Any]) -> None:
    for store in (lost, lost.namespace("b")):
        with pytest.raises(RemoteError) as caught:
            call(store)
        error = caught.value
        assert "Connection refused" in error.reason
        assert (
            str(error) == f"{error.reason}: {_abi.library.bytestore_status_message(_abi.ERR_REMOTE_FAILURE).decode()}"
        )
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), again.reason, again.name) == (str(error), error.reason, "remote_failure")


def test_a_scan_that_outlives_its_store_fails_without_words() -> None:
    store = ByteStore(url=NOBODY)
    with store._handle.cursor() as cursor:
        store.close()
        with pytest.raises(RemoteError) as caught:
            cursor.next()
    assert caught.value.reason == ""


@pytest.mark.parametrize("call", CALLS[:5])
def test_what_failed_is_not_done_a_second_time(call: Callable[[ByteStore], Any]) -> None:
    attempts = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                attempts.append(connection)
                connection.close()

        answering = threading.Thread(target=hang_up)
        answering.start()
        port = server.getsockname()[1]
        with ByteStore(url=f"redis://127.0.0.1:{port}?retries=0") as store, pytest.raises(RemoteError):
            call(store)
        assert len(attempts) == 1
        socket.create_connection(("127.0.0.1", port)).close()  # the second one, which ends the thread
        answering.join()


ASYNC_CALLS: list[Callable[[ByteStore], Awaitable[Any]]] = [
    lambda store: store.amget(["a"]),
    lambda store: store.amset([("a", b"1")]),
    lambda store: store.amset([("a", b"1")], ttl=1),
    lambda store: store.amdelete(["a"]),
    lambda store: store.acount("a"),
    lambda store: store.adelete_prefix("a"),
    lambda store: anext(store.ayield_keys()),
    lambda store: store.amget_or_compute(["a"], lambda keys: keys),  # type: ignore[arg-type, return-value]
    lambda store: ByteStoreCache[bytes](store).aget([(("n",), "a")]),
    lambda store: ByteStoreCache[bytes](store).aset({(("n",), "a"): (b"1", None)}),
    lambda store: ByteStoreCache[bytes](store).aclear(),
    lambda store: ByteStoreKVStore(store).aget("a"),
    lambda store: ByteStoreKVStore(store).aput("a", {}),
    lambda store: ByteStoreKVStore(store).aget_all(),
]


@pytest.mark.parametrize("call", ASYNC_CALLS)
async def test_async_forms_wait_in_a_thread(
    lost: ByteStore, monkeypatch: pytest.MonkeyPatch, call: Callable[[ByteStore], Awaitable[Any]]
) -> None:
    failed_in = []
    original = Handle.check

    def spy(self: Handle, status: int, detail: str = "") -> None:
        if status == _abi.ERR_REMOTE_FAILURE:
            failed_in.append(threading.current_thread())
        original(self, status, detail)

    monkeypatch.setattr(Handle, "check", spy)
    for store in (lost, lost.namespace("b")):
        with pytest.raises(RemoteError, match="Connection refused"):
            await call(store)
    assert len(failed_in) == 2
    assert threading.current_thread() not in failed_in


@pytest.mark.parametrize(
    "call",
    [
        lambda store, _: store.page_keys(),
        lambda store, _: store.page_keys(1),
        lambda store, path: store.save(path),
        lambda store, path: store.save(path, progress=True),
        lambda store, path: store.load(path),
        lambda store, _: store.save_bytes(),
        lambda store, _: store.load_bytes(ByteStore().save_bytes()),
        lambda store, _: store.progress(),
        lambda store, _: pickle.dumps(store),
        lambda store, _: copy.deepcopy(store),
    ],
)
def test_what_servers_do_not_do(lost: ByteStore, tmp_path: Any, call: Callable[[ByteStore, Any], Any]) -> None:
    with pytest.raises(UnsupportedError, match="it is for stores in memory"):
        call(lost, tmp_path / "file")
    assert [*tmp_path.iterdir()] == []
    lost.close()
    with pytest.raises(ClosedError):
        call(lost, tmp_path / "file")


def test_a_servers_clock_is_its_own(lost: ByteStore) -> None:
    with pytest.raises(InvalidArgumentError):
        lost.advance_clock(1)


async def test_the_same_awaited(lost: ByteStore, tmp_path: Any) -> None:
    for call in (lost.apage_keys(), lost.asave(tmp_path / "file"), lost.asave_bytes(), lost.aload(tmp_path / "file")):
        with pytest.raises(UnsupportedError):
            await call


def test_what_asks_no_server(lost: ByteStore) -> None:
    assert lost
    assert copy.copy(lost)
    assert repr(lost) == f"<ByteStore url={NOBODY!r} on a server>"
    assert repr(lost.namespace("a")) == f"<ByteStore url={NOBODY!r} namespace='a' on a server>"
    assert lost._repr_html_().count("<tr>") == 1
    stats = lost.stats()
    assert (stats.misses, stats.entries, stats.max_bytes) == (0, 0, None)
    lost.close()
    assert repr(lost) == f"<ByteStore url={NOBODY!r} closed>"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"redis://user:{SECRET}@127.0.0.1:1", "redis://user:…@127.0.0.1:1"),
        (f"rediss://:{SECRET}@127.0.0.1/1?ttl=1s", "rediss://:…@127.0.0.1/1?ttl=1s"),
        (f"valkey+cluster://u:{SECRET}@a:1,b:2", "valkey+cluster://u:…@a:1,b:2"),
        (f"redis+unix:///a@b?pass={SECRET}&db=1", "redis+unix:///a@b?pass=…&db=1"),
        ("redis://user@127.0.0.1:1", "redis://user@127.0.0.1:1"),
    ],
)
def test_nobody_sees_a_password(url: str, shown: str) -> None:
    assert f"url={shown!r}" in repr(ByteStore(url=url))
    separator = "&" if "?" in url else "?"
    refused: list[dict[str, Any]] = [
        {"url": f"{url}{separator}nosuch=1"},
        {"url": f"{url}{separator}ttl=1&db=x"},
        {"url": f"{url}\0"},
        {"url": url, "max_bytes": 1},
        {"url": f"{url}{separator}ttl=1s", "ttl": 1},
        {"url": url, "name": "name"},
    ]
    for arguments in refused:
        with pytest.raises(InvalidArgumentError, match=r"redis|valkey") as caught:
            ByteStore(**arguments)
        assert SECRET not in str(caught.value)


def test_the_part_at_fault_has_none_either() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        ByteStore(url=f"redis://user:{SECRET}@127.0.0.1:port")
    assert str(caught.value).startswith("'127.0.0.1:port' in the url 'redis://user:…@127.0.0.1:port': ")


@pytest.mark.parametrize(
    ("begin", "end"), [("?over=", ""), ("?max_entries=9&over=", "?timeout=1s"), ("?ovr=", ""), ("name?over=", "")]
)
def test_nobody_sees_the_password_behind_memory(begin: str, end: str) -> None:
    url = f"memory:{begin}redis://user:{SECRET}@127.0.0.1:1{end}"
    shown = url.replace(SECRET, "…")
    if begin.startswith("?") and "over=" in begin:
        assert f"url={shown!r}" in repr(ByteStore(url=url))
    for refused in (url.replace("redis:", "http:"), url.replace("redis:", "redis+cluster:"), url + "&nosuch=1"):
        with pytest.raises(InvalidArgumentError, match="user:…@") as caught:
            ByteStore(url=refused)
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("memory:?over=redis://a?ttl=1s", "memory:?max_entries=9&ttl=60000ms&over=redis://a?ttl=1s"),
        ("memory:?max_bytes=1MiB&over=redis://a", "memory:?max_bytes=1MiB&max_entries=9&ttl=60000ms&over=redis://a"),
        ("redis://a?over=b", "redis://a?over=b&max_entries=9&ttl=60000ms"),
    ],
)
def test_options_are_those_of_the_copies(url: str, written: str) -> None:
    nothing: dict[str, Any] = {
        "name": None,
        "max_bytes": None,
        "max_item_bytes": None,
        "manual_clock": False,
        "erase": False,
    }
    assert with_options(url, max_entries=9, ttl=60, **nothing) == written
    with pytest.raises(InvalidArgumentError, match="give it once"):
        with_options(written, max_entries=9, ttl=None, **nothing)


def test_what_copies_cannot_have() -> None:
    for option in ({"name": "name"}, {"manual_clock": True}, {"erase": True}):
        with pytest.raises(InvalidArgumentError):
            ByteStore(url=f"memory:?over={NOBODY}", **option)
    store = ByteStore(url=f"memory:?over={NOBODY}", max_bytes=1 << 20)
    assert store.capabilities() == NOTHING
    with pytest.raises(RemoteError):
        store.mget(["a"])


def test_options_of_servers_and_of_memory() -> None:
    store = ByteStore(url="redis://127.0.0.1:1?retries=0", ttl=60)
    assert store._url == "redis://127.0.0.1:1?retries=0&ttl=60000ms"
    for option in (
        {"max_bytes": 1},
        {"max_entries": 1},
        {"max_item_bytes": 1},
        {"manual_clock": True},
        {"erase": True},
    ):
        with pytest.raises(InvalidArgumentError):
            ByteStore(url=NOBODY, **option)
    with pytest.raises(InvalidArgumentError, match="name is for stores in memory"):
        ByteStore(url=NOBODY, name="a")
