"""The LangGraph cache: as LangGraph's own in-memory one, and in real graphs."""

import datetime as dt
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
