"""What the LlamaIndex key-value store promises beyond `SimpleKVStore`, and what JSON makes of a dict."""

import inspect
import pickle
import threading
from collections.abc import Generator
from typing import Any

import pytest
from llama_index.core.storage.kvstore.types import BaseKVStore

from bytestore import ByteStore, ClosedError
from bytestore.llama_index import ByteStoreKVStore
from test_llama_index import Calls, Dict


def test_the_interface_is_upstreams() -> None:
    for name in [*BaseKVStore.__abstractmethods__, "put_all", "aput_all"]:
        ours, theirs = (inspect.signature(getattr(kind, name)).parameters for kind in (ByteStoreKVStore, BaseKVStore))
        assert [(p.name, p.kind, p.default) for p in ours.values()] == [
            (p.name, p.kind, p.default) for p in theirs.values()
        ]


def test_what_is_in_the_store(store: ByteStore) -> None:
    kvstore = ByteStoreKVStore(store)
    kvstore.put('node "1"', {"text": "ä", "n": [1, None]}, collection='docstore/"data"')
    ByteStoreKVStore(store, prefix="").put("k", {})
    assert store.store.copy() == {
        'llama_index/"docstore/\\"data\\""node "1"': '{"text":"ä","n":[1,null]}'.encode(),
        '"data"k': b"{}",
    }


def test_others_in_the_same_store_are_left_alone(store: ByteStore) -> None:
    mine, yours = ByteStoreKVStore(store), ByteStoreKVStore(store, prefix="yours/")
    mine.put("k", {"mine": 1})
    yours.put("k", {"yours": 1})
    assert (mine.get_all(), yours.get_all()) == ({"k": {"mine": 1}}, {"k": {"yours": 1}})
    assert ByteStoreKVStore(store).get("k") == {"mine": 1}
    assert mine.delete("k")
    assert yours.get("k") == {"yours": 1}


@pytest.mark.parametrize("twins", [False, True], ids=["sync", "async"])
async def test_a_dict_is_its_owners_down_to_its_last_list(twins: bool) -> None:
    call = Calls(ByteStoreKVStore(), twins)
    value: dict[Any, Any] = {"list": [1], "tuple": (1, 2), 3: None}
    await call("put", "k", value)
    value["list"].append(2)
    got = await call("get", "k")
    assert got == {"list": [1], "tuple": [1, 2], "3": None}
    got["list"].append(3)
    assert (await call("get_all"))["k"]["list"] == [1]


CIRCLE: Dict = {}
CIRCLE["itself"] = CIRCLE
NO_JSON = "the value of key 'k' cannot be kept as JSON: "
MISTAKES: list[tuple[Any, str]] = [
    (("k", {"a": b"bytes"}, "c"), f"{NO_JSON}Object of type bytes is not JSON"),
    (("k", {"a": {1}}, "c"), f"{NO_JSON}Object of type set is not JSON"),
    (("k", {(1, 2): 3}, "c"), f"{NO_JSON}keys must be str"),
    (("k", CIRCLE, "c"), f"{NO_JSON}Circular reference"),
    (("k", [1], "c"), "the value of key 'k' is list, not a dict"),
    (("k", None, "c"), "the value of key 'k' is NoneType, not a dict"),
    ((1, {}, "c"), "the key 1 in collection 'c' is int, but keys are str"),
    ((None, {}, "c"), "the key None in collection 'c' is NoneType, but keys are str"),
    (("k", {}, None), "a collection is named by a str, not by NoneType None"),
]


@pytest.mark.parametrize(("mistake", "message"), MISTAKES, ids=range(len(MISTAKES)))
@pytest.mark.parametrize("twins", [False, True], ids=["sync", "async"])
async def test_mistakes_are_named_and_nothing_is_done(
    store: ByteStore, twins: bool, mistake: Any, message: str
) -> None:
    call = Calls(ByteStoreKVStore(store), twins)
    key, value, collection = mistake
    with pytest.raises(TypeError, match=message):
        await call("put", key, value, collection)
    with pytest.raises(TypeError, match=message):
        await call("put_all", [("good", {}), (key, value)], collection)
    assert len(store) == 0


def test_mistakes_in_what_is_looked_up() -> None:
    kvstore = ByteStoreKVStore()
    for call in (kvstore.get, kvstore.delete):
        with pytest.raises(TypeError, match="the key b'k' in collection 'data' is bytes, but keys are str"):
            call(b"k")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a collection is named by a str, not by int 1"):
        kvstore.get_all(1)  # type: ignore[arg-type]


def test_a_batch_is_whole_beside_other_threads() -> None:
    kvstore = ByteStoreKVStore()
    keys = [f"k{i}" for i in range(24)]
    kvstore.put_all([(key, {"n": 0}) for key in keys])
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            kvstore.put_all([(key, {"n": number}) for key in keys])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(300):
            everything = kvstore.get_all()
            assert list(everything) == keys
            assert len({value["n"] for value in everything.values()}) == 1
    finally:
        stop.set()
        writer.join()


def test_a_key_that_is_deleted_between_listing_and_reading_is_left_out() -> None:
    class Racing(ByteStore):
        def yield_keys(self, *, prefix: str | None = None) -> Generator[str, None, None]:
            keys = list(super().yield_keys(prefix=prefix))
            yield from keys
            self.mdelete(keys[1:2])

    kvstore = ByteStoreKVStore(Racing())
    kvstore.put_all([("a", {}), ("b", {}), ("c", {})])
    assert kvstore.get_all() == {"a": {}, "c": {}}


async def test_a_large_collection_is_read_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    kvstore = ByteStoreKVStore()
    threads = []
    get_all = kvstore.get_all

    def watched(collection: str) -> dict[str, Dict]:
        threads.append(threading.current_thread())
        return get_all(collection)

    monkeypatch.setattr(kvstore, "get_all", watched)
    for count, here in [(1, True), (2000, False)]:
        await kvstore.aput_all([(f"k{i}", {}) for i in range(count)])
        assert len(await kvstore.aget_all()) == count
        assert (threads.pop() is threading.current_thread()) is here


def test_it_pickles_with_its_store() -> None:
    kvstore = ByteStoreKVStore(prefix="p/")
    kvstore.put("k", {"a": 1})
    twin = pickle.loads(pickle.dumps(kvstore))
    kvstore.delete("k")
    assert twin.get("k") == {"a": 1}
    assert list(twin.store.yield_keys()) == ['p/"data"k']


async def test_a_closed_store_is_heard(store: ByteStore) -> None:
    kvstore = ByteStoreKVStore(store)
    store.close()
    methods: list[tuple[Any, ...]] = [("get", "k"), ("put", "k", {}), ("put_all", [("k", {})]), ("get_all",)]
    for twins in (False, True):
        call = Calls(kvstore, twins)
        for method in [*methods, ("delete", "k")]:
            with pytest.raises(ClosedError):
                await call(*method)
