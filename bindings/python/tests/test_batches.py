"""What the short way for plain batches must withstand: odd objects, changes under its hands, calls from within."""

import collections
import gc
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bytestore import ByteStore, _batches, _plain
from harness import copies

WAYS = list({id(way): way for way in (_batches, _plain)}.values())


class LongKey(str):
    """A str that lies about itself."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1 << 20

    def encode(self, *_: Any, **__: Any) -> bytes:
        return b"wrong"

    def __str__(self) -> str:
        return "wrong"


class ShortKey(LongKey):
    __slots__ = ()

    def __len__(self) -> int:
        return 0


class Value(bytes):
    def __len__(self) -> int:
        return 1 << 20

    def __bytes__(self) -> bytes:
        return b"wrong"


class Pair(tuple[Any, ...]):
    __slots__ = ()

    def __len__(self) -> int:
        return 7


class Keys(list[str]):
    def __iter__(self) -> Iterator[str]:
        return iter(["a", "b"])


Entry = collections.namedtuple("Entry", "key value")  # noqa: PYI024

KEYS: list[list[str]] = [
    ["a"],
    ["a", "b", "c"],
    ["a", "bb", "ccc"],
    ["", "", ""],
    ["", "a", ""],
    ["a\0b", "c"],
    ["a", "", "\0\0"],
    ["\0", "\0\0", ""],
    ["é", "ü", "ab"],
    ["é", "abc", "\U0001f600"],
    ["\ud800", "a"],
    ["\ud83d\ude00", "\U0001f600"],
    ["x" * 70_000, "y"],
    [LongKey("ab"), "cd"],
    [ShortKey("ab"), LongKey("c")],
    [f"k{i}" for i in range(300)],
    [f"k{i:05}" for i in range(20_000)],
]


@pytest.mark.parametrize("keys", KEYS, ids=range(len(KEYS)))
@pytest.mark.parametrize("size", [0, 1, 100, 5000])
@pytest.mark.parametrize("steps", [0, 1])
def test_whatever_the_keys(store: ByteStore, keys: list[str], size: int, steps: int) -> None:
    entries = {str.__str__(key): b"v" * (size + i * steps % 50) for i, key in enumerate(keys)}
    store.mset([(key, entries[str.__str__(key)]) for key in keys])
    asked = [*keys, "missing", *keys[:1]]
    answers = [*(entries.get(str.__str__(key)) for key in asked)]
    assert store.mget(asked) == store.mget(tuple(asked)) == copies(store.mget_views(asked)) == answers
    assert [store.mget([key]) for key in asked[:3]] == [[entries.get(str.__str__(key))] for key in asked[:3]]
    assert list(store.yield_keys()) == list(entries)
    assert store.mdelete(asked) == len(entries)
    assert len(store) == 0


def test_every_kind_of_pair_and_value(store: ByteStore) -> None:
    pairs: list[Any] = [
        ("a", b"1"),
        ["b", b"2"],
        Entry("c", b"3"),
        Pair(("d", b"4")),
        iter(("e", b"5")),
        ("f", Value(b"6")),
        ("g", bytearray(b"7")),
        (LongKey("h"), memoryview(b"x8")[1:]),
    ]
    for pair in pairs:
        store.mset([("before", b""), pair])
    assert store.mget("abcdefgh"[i] for i in range(8)) == [b"%d" % i for i in range(1, 9)]


def test_an_iterator_for_a_pair_is_read_once(store: ByteStore) -> None:
    with pytest.raises(TypeError, match=r"value of key 'b' \(pair 1\) is int"):
        store.mset([iter(("a", b"1")), ("b", 2)])  # type: ignore[list-item]
    assert len(store) == 0


def test_a_list_with_its_own_iteration(store: ByteStore) -> None:
    store.mset([("a", b"1"), ("b", b"2")])
    assert store.mget(Keys(["x"])) == [b"1", b"2"]
    assert store.mdelete(Keys()) == 2


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("items", [[[("a", "1")]], [[("a", 5)]], [[("a", b"1"), ("b",)]], [["ab"]], [[(b"a", b"1")]]])
def test_what_is_not_plain_is_left_to_others(store: ByteStore, way: Any, items: list[Any]) -> None:
    assert way.mset(store._handle.id, *items) is None
    assert len(store) == 0


@pytest.mark.parametrize("way", WAYS)
def test_so_are_keys_and_failures(store: ByteStore, way: Any) -> None:
    store.mset([("a", b"1")])
    for keys in (["a", None], ["a", b"a"], ["\ud800"], [5]):
        for call in (way.mget, way.mget_views, way.mdelete):
            assert call(store._handle.id, keys) is None
    assert len(store) == 1
    closed = ByteStore()
    closed.close()
    for number in (closed._handle.id, None, 0, 12345):
        for call in (way.mget, way.mget_views, way.mdelete):
            assert call(number, ["a"]) is None
        assert way.mset(number, [("a", b"1")]) is None


def test_answers_of_all_sizes_one_after_the_other(store: ByteStore) -> None:
    """The way to the next answer is chosen by the last one."""
    sizes = [0, 10, 5000, 10, 300_000, 300_000, 10, 4096, 4095, 0, 2000]
    keys = [f"{size}/{i}" for size in set(sizes) for i in range(40)]
    store.mset((key, key.encode().ljust(int(key.split("/")[0]), b".")) for key in keys)
    for size in sizes:
        for count in (1, 2, 40):
            asked = [f"{size}/{i}" for i in range(count)]
            assert store.mget(asked) == [key.encode().ljust(size, b".") for key in asked]


@pytest.mark.parametrize("count", [3, 1000])
def test_the_garbage_collector_may_call_the_store(store: ByteStore, count: int) -> None:
    """It runs within calls, and runs anything: another mget, and one that takes the keys away."""
    keys = [f"k{i}" for i in range(count)]
    store.mset((key, key.encode()) for key in keys)
    asked: list[str] = []
    runs = 0

    def meanwhile(phase: str, _: dict[str, int]) -> None:
        nonlocal runs
        if phase == "start":
            runs += 1
            assert store.mget(["k1", "k2", "x"]) == [b"k1", b"k2", None]
            store.mset([("new", b"v" * 1000)])
            if runs % 2:
                asked.clear()

    before = gc.get_threshold()
    gc.callbacks.append(meanwhile)
    gc.set_threshold(1)
    try:
        for _ in range(200):
            asked[:] = keys
            answer = store.mget(asked)
            assert answer in ([key.encode() for key in keys], [])
            assert copies(store.mget_views(tuple(keys))) == [key.encode() for key in keys]
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(meanwhile)
    assert runs


def test_iterators_may_call_the_store(store: ByteStore) -> None:
    def keys() -> Iterator[str]:
        for i in range(5):
            store.mset([(f"k{i}", b"%d" % i)])
            assert store.mget([f"k{i}"]) == [b"%d" % i]
            yield f"k{i}"

    assert store.mget(keys()) == [b"%d" % i for i in range(5)]
    assert copies(store.mget_views(keys())) == [b"%d" % i for i in range(5)]
    assert store.mdelete(keys()) == 5


@pytest.mark.parametrize("count", [2, 2000])
def test_lists_that_others_change_meanwhile(store: ByteStore, count: int) -> None:
    store.mset((f"k{i}", b"%d" % i) for i in range(count))
    keys: list[str] = []
    pairs: list[Any] = []
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            keys[:] = [f"k{i}" for i in range(count)]
            pairs[:] = [[f"k{i}", b"%d" % i] for i in range(count)]
            for pair in pairs[::2]:
                pair[1] = b"%d" % int(pair[0][1:])
            del keys[count // 2 :], pairs[count // 2 :]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=change)
    thread.start()
    try:
        allowed = {None, *(b"%d" % i for i in range(count))}
        for _ in range(300):
            assert set(store.mget(keys)) <= allowed
            assert {*copies(store.mget_views(keys))} <= allowed
            store.mset(pairs)
    finally:
        stop.set()
        thread.join()
        sys.setswitchinterval(interval)
    assert {*store.store.values()} <= allowed


@pytest.mark.parametrize("batch", [1, 64, 512, 5000])
def test_many_threads_get_their_own_answers(store: ByteStore, batch: int) -> None:
    wrong: list[Any] = []

    def work(number: int) -> None:
        keys = [f"{number}/{i}" for i in range(batch)]
        values = [bytes([number]) * (i % 50 + number * 1000) for i in range(batch)]
        store.mset(zip(keys, values, strict=True))
        right = (store.mget(keys) == values == copies(store.mget_views(keys)) for _ in range(20))
        if not all(right):
            wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
