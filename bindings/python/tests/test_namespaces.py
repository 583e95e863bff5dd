"""Namespaces: views that are stores themselves, of the keys that begin alike, without their beginning."""

import asyncio
import copy
import gc
import pickle
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from langchain_classic.storage import create_kv_docstore
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.stores import BaseStore

from bytestore import ByteStore, ClosedError, OverLimitError
from bytestore.langchain import CacheBackedEmbeddings


@pytest.fixture
def users(store: ByteStore) -> ByteStore:
    """Beside what others have."""
    store.update({"user/1": b"Ada", "order/1": b"tea", "user/2": b"Grace", "user": b"none"})
    return store.namespace("user/")


def test_it_is_a_store(store: ByteStore, users: ByteStore) -> None:
    assert type(users) is ByteStore
    assert isinstance(users, BaseStore)
    assert users.mget(["1", "3", "user/1"]) == [b"Ada", None, None]
    users.mset([("3", bytearray(b"Edith"))])
    users["4"] = b"Joan"
    users.update({"5": b"Kathleen"}, six=b"")
    assert list(users.yield_keys()) == list(users) == ["1", "2", "3", "4", "5", "six"]
    assert users.store == {"1": b"Ada", "2": b"Grace", "3": b"Edith", "4": b"Joan", "5": b"Kathleen", "six": b""}
    assert [bytes(view or b"") for view in users.mget_views(["5", "x"])] == [b"Kathleen", b""]
    assert (len(users), len(store), bool(ByteStore().namespace("x"))) == (6, 8, True)
    assert users.mdelete(["1", "order/1", "x"]) == 1
    assert list(store)[:3] == ["order/1", "user/2", "user"]
    assert (users.count(""), users.count("s"), users.delete_prefix("s"), "six" in users) == (5, 1, 1, False)
    assert users.page_keys(limit=2)[0] == ["2", "3"]
    users.store = {"only": b"1"}
    assert store.store == {"order/1": b"tea", "user": b"none", "user/only": b"1"}
    del users["only"]
    assert users.get("only") is None


async def test_async_too(users: ByteStore) -> None:
    many = [f"k{number}" for number in range(2000)]
    await users.amset([(key, key.encode()) for key in many])
    assert await users.amget(["1", *many]) == [b"Ada", *map(str.encode, many)]
    assert [key async for key in users.ayield_keys(prefix="k")] == many
    assert await users.amdelete(many) == 2000
    assert await users.acount("") == 2


def test_nested_ones_and_any_str(store: ByteStore) -> None:
    inner = store.namespace("a/").namespace("\ud83d").namespace("")
    inner["\ude00"] = b"1"
    assert list(store) == ["a/\ud83d\ude00"]
    assert list(store.namespace("a/\ud83d")) == list(inner) == ["\ude00"]
    assert list(store.namespace("a/\U0001f600")) == []
    assert repr(inner) == "<ByteStore url='memory:' namespace='a/\\ud83d' entries=1>"


def test_ones_beside_each_other(store: ByteStore) -> None:
    views = [store.namespace(prefix) for prefix in ("a", "a/", "b/", "")]
    for number, view in enumerate(views):
        view["key"] = b"%d" % number
    assert list(store) == ["akey", "a/key", "b/key", "key"]
    assert [list(view) for view in views] == [["key", "/key"], ["key"], ["key"], list(store)]
    views[0].delete_prefix("")
    assert [len(view) for view in views] == [0, 0, 1, 2]


def test_what_it_shares() -> None:
    store = ByteStore(max_entries=3, max_item_bytes=8, ttl=10, manual_clock=True)
    view = store.namespace("n/")
    view.mset([("1", b"v"), ("2", b"v")], ttl=timedelta(seconds=1))
    store["1"] = b"v"
    assert view.mget(["1", "x"]) == [b"v", None]
    stats = view.stats()
    assert (stats.sets, stats.hits, stats.misses, stats.entries, stats.max_entries) == (3, 1, 1, 3, 3)
    assert stats == store.stats()
    with pytest.raises(
        OverLimitError, match=r"key 'n/12345' \(pair 1\) and its value have 9 bytes, max_item_bytes is 8"
    ):
        view.mset([("a", b""), ("12345", b"vv")])
    view.advance_clock(1)
    assert (len(view), list(store)) == (0, ["1"])
    view["3"] = b""
    store.advance_clock(10)
    assert len(view) == len(store) == 0


def test_each_is_closed_on_its_own(store: ByteStore, users: ByteStore) -> None:
    inner = users.namespace("1")
    users.close()
    for call in (lambda: users["1"], lambda: len(users), lambda: users.namespace("x"), lambda: users.count("")):
        with pytest.raises(ClosedError):
            call()
    assert repr(users) == "<ByteStore url='memory:' namespace='user/' closed>"
    assert inner.store == {"": b"Ada"}
    assert len(store) == 4
    store.close()
    assert inner.store == {"": b"Ada"}
    with inner as entered:
        assert entered is inner
    with pytest.raises(ClosedError):
        inner.mget([])


def test_it_keeps_the_memory() -> None:
    store = ByteStore()
    store["a/b"] = b"1"
    view = store.namespace("a/")
    del store
    gc.collect()
    assert view.store == {"b": b"1"}


HOW: list[Callable[[ByteStore], ByteStore]] = [
    copy.deepcopy,
    *(lambda store, protocol=number: pickle.loads(pickle.dumps(store, protocol)) for number in range(6)),
]


@pytest.mark.parametrize("carry", HOW)
def test_a_copy_carries_its_entries_only(store: ByteStore, users: ByteStore, carry: Any) -> None:
    twin = carry(users)
    assert twin.store == {"1": b"Ada", "2": b"Grace"}
    assert repr(twin) == "<ByteStore url='memory:' entries=2>"
    twin["3"] = b""
    assert len(users) == 2
    assert carry(twin).store == twin.store


def test_a_shallow_copy_shares(store: ByteStore, users: ByteStore) -> None:
    twin = copy.copy(users)
    twin["3"] = b""
    assert (store["user/3"], repr(twin)) == (b"", repr(users))


class Labelled(ByteStore):
    """As users subclass: something of their own, and an operation that does more."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def mget(self, keys: Any) -> list[bytes | None]:
        return [value and value.upper() for value in super().mget(keys)]


def test_of_a_subclass_it_is_one_of_that_class() -> None:
    store = Labelled("mine")
    view = store.namespace("a/")
    view["b"] = b"c"
    assert (type(view), view.label, view["b"], store.get("a/b")) == (Labelled, "mine", b"C", b"C")


@pytest.mark.parametrize("prefix", [None, 5, b"a", ["a"]])
def test_a_prefix_is_a_str(store: ByteStore, prefix: Any) -> None:
    with pytest.raises(TypeError, match="prefix is str, not "):
        store.namespace(prefix)


def test_what_a_notebook_shows(users: ByteStore) -> None:
    table = users._repr_html_()
    assert "<caption>ByteStore url=&#x27;memory:&#x27; namespace=&#x27;user/&#x27; entries=2</caption>" in table
    assert "<code>&#x27;1&#x27;</code></td><td>3</td>" in table


def test_langchain_takes_it(store: ByteStore) -> None:
    docs = create_kv_docstore(store.namespace("docs/"))
    docs.mset([("d1", Document(page_content="tea"))])
    cached = CacheBackedEmbeddings.from_bytes_store(DeterministicFakeEmbedding(size=2), store.namespace("vectors/"))
    assert cached.embed_documents(["tea"]) == cached.embed_documents(["tea"])
    assert {key.partition("/")[0] for key in store} == {"docs", "vectors"}
    assert docs.mget(["d1"]) == [Document(page_content="tea")]


def test_a_scan_of_one_beside_writers(store: ByteStore) -> None:
    mine, others = store.namespace("mine/"), store.namespace("others/")
    keys = [str(number) for number in range(500)]
    mine.update(dict.fromkeys(keys, b""))
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            others.update(dict.fromkeys(keys, b""))
            asyncio.run(others.adelete_prefix(""))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(100):
            assert list(mine) == keys
            assert len(mine) == 500
            assert len(others) in {0, 500}
    finally:
        stop.set()
        thread.join()
