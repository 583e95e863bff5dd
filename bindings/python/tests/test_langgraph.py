"""The LangGraph cache: as LangGraph's own in-memory one, but for what it promises beyond; and in real graphs."""

import datetime as dt
import inspect
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.cache import memory
from langgraph.cache.base import BaseCache, FullKey, Namespace
from langgraph.cache.memory import InMemoryCache
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import CachePolicy

import bytestore.langgraph
from bytestore import ByteStore, ClosedError
from bytestore.langgraph import ByteStoreCache

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "python" / "langgraph_cache.py"
START_TIME = 1_700_000_000.0

Pairs = Mapping[FullKey, tuple[Any, int | None]]

# Namespaces that a careless layout of keys takes for one another or for the beginning of one another.
NAMESPACES: list[Namespace] = [
    *[(), ("",), ("", ""), ("a",), ("a", "b"), ("a/b",), ("a,b",), ("a:b",), ("a", "b", "c"), ("ab",), ("a", "")],
    *[('a"',), ('a","b',), ("a\\",), ('a\\"',), ("[",), ("]",), ('["a"]',), ("\0",), ("a", "\0", "b"), ("a\0b",)],
    *[
        ("ä",),
        ("a\u0308",),
        ("\N{GRINNING FACE}",),
        ("\ud83d\ude00",),
        ("\\ud83d\\ude00",),
        ("\ud83d",),
        ("*",),
        ("?",),
    ],
]
KEYS = ["", "k", '"', "]", '","b"]', "[", "\0", "\N{GRINNING FACE}", "\ud83d\ude00"]


class Clock:
    """The wall's clock, as tests turn it."""

    def __init__(self) -> None:
        self.now = START_TIME

    def __call__(self) -> float:
        return self.now


class Calls:
    """A cache's three methods, or their async twins."""

    def __init__(self, cache: BaseCache[Any], twins: bool) -> None:
        self.cache, self.twins = cache, twins

    async def get(self, keys: Sequence[FullKey]) -> dict[FullKey, Any]:
        return await self.cache.aget(keys) if self.twins else self.cache.get(keys)

    async def set(self, pairs: Pairs) -> None:
        if self.twins:
            await self.cache.aset(pairs)
        else:
            self.cache.set(pairs)

    async def clear(self, namespaces: Sequence[Namespace] | None = None) -> None:
        if self.twins:
            await self.cache.aclear(namespaces)
        else:
            self.cache.clear(namespaces)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()

    class Turned(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Turned":
            return cls.fromtimestamp(clock.now, tz)

    class Module:
        datetime, timedelta, timezone = Turned, dt.timedelta, dt.timezone

    monkeypatch.setattr(bytestore.langgraph, "time", clock)
    monkeypatch.setattr(memory, "datetime", Module)
    return clock


@pytest.fixture(params=[ByteStoreCache, InMemoryCache])
def cache(request: pytest.FixtureRequest) -> BaseCache[Any]:
    made: BaseCache[Any] = request.param()
    return made


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def calls(request: pytest.FixtureRequest, cache: BaseCache[Any]) -> Calls:
    return Calls(cache, request.param)


# What both do.


VALUES: list[object] = [{"result": 42}, [], None, False, "ä\0", b"", bytes(range(256)), bytearray(b"b"), 1.5]
VALUES += [{"deep": [{"x": "y" * 9999}]}, deque([["answer", "A"], ["branch:to:next", None]])]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
async def test_what_is_set_is_got(calls: Calls, value: object) -> None:
    key: FullKey = (("graph", "node"), "key")
    await calls.set({key: (value, None)})
    got = await calls.get([key])
    assert list(got) == [key]
    assert got[key] == value
    assert type(got[key]) is type(value)


async def test_batches(calls: Calls) -> None:
    one, two, three, missing = (("g", "1"), "k"), (("g", "2"), "k"), (("g", "1"), "other"), (("g", "3"), "k")
    await calls.set({one: (1, None), two: ({"b": 2}, 60), three: (None, None)})
    got = await calls.get((three, missing, one, two, three, one))
    assert got == {three: None, one: 1, two: {"b": 2}}
    assert list(got) == [three, one, two]
    assert await calls.get([missing]) == {}
    assert await calls.get([]) == await calls.get(()) == {}
    await calls.set({})
    await calls.set({one: ("again", None)})
    assert await calls.get([one, two]) == {one: "again", two: {"b": 2}}


async def test_large_batches(calls: Calls) -> None:
    pairs: Pairs = {((f"n{i % 7}",), f"k{i}"): (i, 60 if i % 2 else None) for i in range(3000)}
    await calls.set(pairs)
    assert await calls.get(list(pairs)) == {key: value for key, (value, _) in pairs.items()}
    await calls.clear([("n0",)])
    assert len(await calls.get(list(pairs))) == sum(i % 7 != 0 for i in range(3000))
    await calls.clear()
    assert await calls.get(list(pairs)) == {}


async def test_a_namespace_may_be_a_list_where_it_is_looked_up(calls: Calls) -> None:
    await calls.set({(("a", "b"), "k"): (1, None)})
    keys: Any = [(["a", "b"], "k")]
    assert await calls.get(keys) == {(("a", "b"), "k"): 1}


async def test_no_two_keys_are_one(calls: Calls) -> None:
    pairs: Pairs = {(namespace, key): (f"{namespace!a} {key!a}", None) for namespace in NAMESPACES for key in KEYS}
    await calls.set(pairs)
    assert await calls.get(list(pairs)) == {key: value for key, (value, _) in pairs.items()}


async def test_a_namespace_is_cleared_without_the_others(calls: Calls) -> None:
    pairs: Pairs = {(namespace, key): (0, None) for namespace in NAMESPACES for key in KEYS}
    await calls.set(pairs)
    left = list(pairs)
    for namespace in NAMESPACES:
        await calls.clear([namespace])
        left = [key for key in left if key[0] != namespace]
        assert list(await calls.get(list(pairs))) == left


async def test_clear(calls: Calls) -> None:
    pairs: Pairs = {(("g", str(i)), "k"): (i, 60) for i in range(5)}
    await calls.set(pairs)
    await calls.clear([])
    await calls.clear([("g",), (), ("nosuch",), ("g", "1"), ("g", "3"), ("g", "1")])
    assert [key[0][1] for key in await calls.get(list(pairs))] == ["0", "2", "4"]
    await calls.clear()
    assert await calls.get(list(pairs)) == {}
    await calls.clear(None)
    await calls.set(pairs)
    assert len(await calls.get(list(pairs))) == 5


async def test_an_entry_is_good_for_its_ttl(calls: Calls, clock: Clock) -> None:
    short, long, forever = ((("n",), name) for name in ("short", "long", "forever"))
    await calls.set({short: (1, 10), long: (2, 20), forever: (3, None)})
    everything = [short, long, forever]
    for seconds, good in [(0, everything), (9.9, everything), (10, [long, forever]), (20, [forever]), (1e9, [forever])]:
        clock.now = START_TIME + seconds
        assert list(await calls.get(everything)) == good
    clock.now = START_TIME  # what was found to have expired has gone, the clock may be set back or not
    assert list(await calls.get(everything)) == [forever]


async def test_setting_again_sets_the_ttl_again(calls: Calls, clock: Clock) -> None:
    longer, never, now = ((("n",), name) for name in ("longer", "never", "now"))
    await calls.set(dict.fromkeys([longer, never, now], (1, 10)))
    clock.now += 5
    await calls.set({longer: (2, 10), never: (2, None), now: (2, 0)})
    assert list(await calls.get([longer, never, now])) == [longer, never]
    clock.now += 9
    assert await calls.get([longer, never]) == {longer: 2, never: 2}
    clock.now += 1
    assert await calls.get([longer, never]) == {never: 2}
    await calls.set({longer: (3, None)})
    assert await calls.get([longer]) == {longer: 3}


@pytest.mark.parametrize("ttl", [0, -1])
async def test_no_time_to_live(calls: Calls, clock: Clock, ttl: int) -> None:
    key: FullKey = (("n",), "k")
    await calls.set({key: (1, None)})
    await calls.set({key: (2, ttl)})
    assert await calls.get([key]) == {}


class Serializer:
    """Numbers as text; notes on which threads it works."""

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return "zähl", b"%d" % obj

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        self.threads.add(threading.current_thread())
        kind, text = data
        assert kind == "zähl"
        return int(text)


@pytest.mark.parametrize("kind", [ByteStoreCache, InMemoryCache])
def test_the_serializer_is_the_given_one(kind: type[BaseCache[int]]) -> None:
    serializer = Serializer()
    cache = kind(serde=serializer)
    assert cache.serde is serializer
    cache.set({((), "k"): (7, 60)})
    assert cache.get([((), "k")]) == {((), "k"): 7}
    with pytest.raises(TypeError, match="%d format"):
        cache.set({((), "k"): ("seven", None)})  # type: ignore[dict-item]
    assert kind().serde is BaseCache.serde


async def test_batches_are_whole_beside_other_threads(cache: BaseCache[Any]) -> None:
    keys: list[FullKey] = [((str(i % 3),), str(i)) for i in range(24)]
    cache.set(dict.fromkeys(keys, (0, 60)))
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            cache.set(dict.fromkeys(keys, (number, 60)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(300):
            got = cache.get(keys)
            assert len(got) == 24
            assert len(set(got.values())) == 1
    finally:
        stop.set()
        writer.join()


# In real graphs.


class State(TypedDict, total=False):
    question: str
    answers: list[str]


class Graph:
    """One node that counts how often it runs."""

    def __init__(self, cache: BaseCache[Any], ttl: int | None = None) -> None:
        self.asked: list[str] = []

        def plain(state: State) -> State:
            self.asked.append(state["question"])
            return {"answers": [state["question"].upper()]}

        async def aplain(state: State) -> State:
            return plain(state)

        self.sync, self.awaited = (self.build(cache, node, ttl) for node in (plain, aplain))

    @staticmethod
    def build(cache: BaseCache[Any], node: Any, ttl: int | None) -> Any:
        builder = StateGraph(State)
        builder.add_node("node", node, cache_policy=CachePolicy(ttl=ttl))
        builder.add_edge(START, "node")
        return builder.compile(cache=cache)

    def ask(self, question: str) -> list[str]:
        answer: list[str] = self.sync.invoke({"question": question})["answers"]
        return answer

    async def aask(self, question: str) -> list[str]:
        answer: list[str] = (await self.awaited.ainvoke({"question": question}))["answers"]
        return answer


def test_a_node_runs_once(cache: BaseCache[Any]) -> None:
    graph = Graph(cache)
    assert [graph.ask(question) for question in ("tea", "tea", "cake", "tea")] == [["TEA"], ["TEA"], ["CAKE"], ["TEA"]]
    assert graph.asked == ["tea", "cake"]
    updates = list(graph.sync.stream({"question": "tea"}, stream_mode="updates"))
    assert updates == [{"node": {"answers": ["TEA"]}, "__metadata__": {"cached": True}}]


async def test_an_async_node_runs_once(cache: BaseCache[Any]) -> None:
    graph = Graph(cache)
    assert [await graph.aask(question) for question in ("tea", "tea", "cake")] == [["TEA"], ["TEA"], ["CAKE"]]
    assert graph.asked == ["tea", "cake"]
    await graph.awaited.aclear_cache()
    await graph.aask("tea")
    assert graph.asked == ["tea", "cake", "tea"]


def test_a_node_runs_again_when_its_answer_has_expired(cache: BaseCache[Any], clock: Clock) -> None:
    graph = Graph(cache, ttl=60)
    for seconds, times in [(0, 1), (59, 1), (60, 2), (119, 2), (120, 3)]:
        clock.now = START_TIME + seconds
        graph.ask("tea")
        assert len(graph.asked) == times


def test_a_graphs_nodes_are_cleared(cache: BaseCache[Any]) -> None:
    graph = Graph(cache)
    graph.ask("tea")
    graph.sync.clear_cache(["nosuch"])
    graph.ask("tea")
    assert len(graph.asked) == 1
    graph.sync.clear_cache(["node"])
    graph.ask("tea")
    assert len(graph.asked) == 2


def test_tasks(cache: BaseCache[Any]) -> None:
    asked: list[int] = []
    policy: Any = CachePolicy()

    @task(cache_policy=policy)
    def double(number: int) -> int:
        asked.append(number)
        return number * 2

    @entrypoint(cache=cache)
    def workflow(numbers: list[int]) -> list[int]:
        return [done.result() for done in [double(number) for number in numbers]]

    assert workflow.invoke([1, 2, 3]) == [2, 4, 6]
    assert workflow.invoke([2, 3, 4]) == [4, 6, 8]
    assert sorted(asked) == [1, 2, 3, 4]


def test_the_example() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        *["thinking about tea", "TEA", "TEA", "thinking about cake", "CAKE"],
        *["2 answers kept", "0 after clear_cache"],
    ]


# What this one promises beyond.


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
