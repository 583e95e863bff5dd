"""What the LangGraph cache promises beyond LangGraph's own one, in its store and of mistakes; and what it needs."""

import inspect
import pickle
import subprocess
import sys
import threading
from typing import Any

import pytest
from langgraph.cache.base import BaseCache, FullKey

import test_langgraph
from bytestore import ByteStore, ClosedError
from bytestore.langgraph import ByteStoreCache
from test_langgraph import Calls, Clock, Serializer

clock = test_langgraph.clock  # the fixture


def test_the_interface_is_upstreams() -> None:
    for name in BaseCache.__abstractmethods__:
        ours, theirs = (inspect.signature(getattr(kind, name)).parameters for kind in (ByteStoreCache, BaseCache))
        assert [(p.name, p.kind, p.default) for p in ours.values()] == [
            (p.name, p.kind, p.default) for p in theirs.values()
        ]
    assert bool(ByteStoreCache())  # LangGraph asks `if not self.cache`


def test_what_is_in_the_store(store: ByteStore, clock: Clock) -> None:
    cache = ByteStoreCache[int](store, serde=Serializer())
    cache.set({(("writes", "a/ä"), "k"): (7, None), ((), ""): (-1, 60)})
    assert store.store.copy() == {
        'langgraph/["writes","a/ä"]k': b"\x01\x7f\xf0\0\0\0\0\0\0\x05z\xc3\xa4hl7",
        "langgraph/[]": b"\x01\x41\xd9\x54\xfc\x4f\0\0\0\x05z\xc3\xa4hl-1",
    }


@pytest.mark.parametrize("twins", [False, True], ids=["sync", "async"])
async def test_what_has_expired_is_deleted_when_it_is_asked_for(store: ByteStore, clock: Clock, twins: bool) -> None:
    calls = Calls(ByteStoreCache(store), twins)
    keys: list[FullKey] = [(("n",), str(i)) for i in range(3)]
    await calls.set(dict.fromkeys(keys, (0, 10)))
    clock.now += 10
    assert len(store) == 3
    assert await calls.get(keys[:2]) == {}
    assert len(store) == 1


async def test_others_in_the_same_store_are_left_alone(store: ByteStore) -> None:
    store.mset([("langgraph", b""), ("langgraph/", b""), ("langgraph/x", b""), ("x", b"")])
    others = list(store.yield_keys())
    mine, yours = ByteStoreCache[int](store), ByteStoreCache[int](store, prefix="langgraph/2/")
    key: FullKey = (("n",), "k")
    mine.set({key: (1, None)})
    yours.set({key: (2, None)})
    assert (mine.get([key]), yours.get([key])) == ({key: 1}, {key: 2})
    mine.clear()
    assert (mine.get([key]), yours.get([key])) == ({}, {key: 2})
    await yours.aclear()
    assert list(store.yield_keys()) == others
    assert ByteStoreCache[int](store).store is store


def test_all_or_nothing(store: ByteStore) -> None:
    cache = ByteStoreCache[Any](store, serde=Serializer())
    good: dict[Any, Any] = {(("n",), "good"): (1, None)}
    batches: list[dict[Any, Any]] = [
        {(("n",), "bad"): ("no number", None)},
        {(("n",), "bad"): (1, "60")},
        {(("n",), 5): (1, None)},
        {("n", "bad"): (1, None)},
        {((1,), "bad"): (1, None)},
    ]
    for bad in batches:
        with pytest.raises(TypeError):
            cache.set(good | bad)
    assert len(store) == 0


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({(("n",), "k"): (1, "60")}, r"the ttl of 'langgraph/\[\"n\"\]k' is str, not a number of seconds or None"),
        ({(("n",), b"k"): (1, None)}, r"the key b'k' in namespace \('n',\) is bytes, but keys are str: .*key_func"),
        ({("n", "k"): (1, None)}, r"a namespace is a tuple of str, not str 'n'"),
        ({(("n", 1), "k"): (1, None)}, r"a namespace is a tuple of str, not tuple \('n', 1\)"),
        ({(None, "k"): (1, None)}, r"a namespace is a tuple of str, not NoneType None"),
    ],
)
async def test_mistakes_are_named(pairs: Any, message: str) -> None:
    cache = ByteStoreCache[Any]()
    with pytest.raises(TypeError, match=message):
        cache.set(pairs)
    with pytest.raises(TypeError, match=message):
        await cache.aset(pairs)


def test_mistakes_in_what_is_looked_up_and_cleared() -> None:
    cache = ByteStoreCache[Any]()
    with pytest.raises(TypeError, match="but keys are str"):
        cache.get([(("n",), None)])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="a namespace is a tuple of str, not str 'node'"):
        cache.clear(["node"])  # type: ignore[list-item]


@pytest.mark.parametrize("value", [b"", b"\x01", b"[1.0, 2.0, 3.0]"])
def test_what_is_no_entry_is_said(store: ByteStore, value: bytes) -> None:
    store.mset([('langgraph/["n"]k', value)])
    with pytest.raises(ValueError, match=r"the value of 'langgraph/\[\"n\"\]k' in the store is no cache entry"):
        ByteStoreCache[Any](store).get([(("n",), "k")])


async def test_a_large_store_is_cleared_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = ByteStoreCache[int]()
    threads = []

    def watched(_: Any) -> None:
        threads.append(threading.current_thread())

    monkeypatch.setattr(cache, "clear", watched)
    for count, here in [(1, True), (2000, False)]:
        await cache.aset({((), str(i)): (i, None) for i in range(count)})
        await cache.aclear()
        assert (threads.pop() is threading.current_thread()) is here


async def test_large_batches_are_read_in_a_thread() -> None:
    serializer = Serializer()
    cache = ByteStoreCache[int](serde=serializer)
    keys: list[FullKey] = [((), str(i)) for i in range(2000)]
    await cache.aset(dict.fromkeys(keys, (1, None)))
    await cache.aget(keys[:2])
    assert serializer.threads == {threading.current_thread()}
    await cache.aget(keys)
    assert len(serializer.threads) == 2


def test_its_store_pickles_with_the_time_that_is_left(clock: Clock) -> None:
    cache = ByteStoreCache[int]()
    key: FullKey = (("n",), "k")
    cache.set({key: (1, 10)})
    twin = ByteStoreCache[int](pickle.loads(pickle.dumps(cache.store)))
    cache.clear()
    assert twin.get([key]) == {key: 1}
    clock.now += 10
    assert twin.get([key]) == {}


async def test_a_closed_store_is_heard(store: ByteStore) -> None:
    cache = ByteStoreCache[int](store)
    store.close()
    for twins in (False, True):
        calls = Calls(cache, twins)
        for call in (calls.get([((), "k")]), calls.set({((), "k"): (1, None)}), calls.clear(), calls.clear([()])):
            with pytest.raises(ClosedError):
                await call


# What it needs.


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_package_alone_imports_no_langgraph() -> None:
    done = run("import sys, bytestore; print([name for name in sys.modules if name.startswith('langgraph')])")
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_langgraph_it_says_what_to_install() -> None:
    done = run("import sys; sys.modules['langgraph'] = None; import bytestore.langgraph")
    assert "ImportError: bytestore.langgraph needs LangGraph: pip install 'bytestore[langgraph]'" in done.stderr


def test_a_broken_langgraph_is_heard() -> None:
    done = run("import sys; sys.modules['ormsgpack'] = None; import bytestore.langgraph")
    assert "ormsgpack" in done.stderr.splitlines()[-1]
    assert "pip install" not in done.stderr
