"""`.store`, len and truth: the store as people know the dict version's insides."""

import io
import pickle
from collections.abc import MutableMapping
from typing import Any

import pytest
from langchain_core.stores import InMemoryByteStore

from bytestore import ByteStore, ClosedError

ENTRIES = {"b": b"1", "a": b"", "c": b"x" * 5000}


def test_len_and_truth(store: ByteStore) -> None:
    assert len(store) == 0
    assert store, "LangChain asks `if not store`: an empty one is there all the same"
    store.mset(ENTRIES.items())
    assert (len(store), bool(store)) == (3, True)


def test_a_mutable_mapping_beside_the_dict(either: Any) -> None:
    either.mset(ENTRIES.items())
    entries = either.store
    assert isinstance(entries, MutableMapping)
    assert len(entries) == 3
    assert list(entries) == list(entries.keys()) == list(ENTRIES)
    assert list(entries.items()) == list(ENTRIES.items())
    assert list(entries.values()) == list(ENTRIES.values())
    assert dict(entries) == entries == ENTRIES
    assert entries != {**ENTRIES, "a": b"2"}
    assert (entries["b"], entries.get("b"), entries.get("x"), entries.get("x", b"0")) == (b"1", b"1", None, b"0")
    assert ("a" in entries, "x" in entries, 5 in entries) == (True, False, False)
    assert (entries.get(5), entries.get(None)) == (None, None)
    for missing in ("x", 5):
        with pytest.raises(KeyError) as caught:
            entries[missing]
        assert caught.value.args == (missing,)
        with pytest.raises(KeyError):
            del entries[missing]


def test_changes_are_the_stores_own(either: Any) -> None:
    entries = either.store
    entries["a"] = b"1"
    entries.update({"b": b"2"}, c=b"3")
    entries.update([("d", b"4")])
    assert either.mget(list("abcd")) == [b"1", b"2", b"3", b"4"]
    del entries["b"]
    assert entries.pop("c") == b"3"
    assert entries.pop("c", None) is None
    assert entries.setdefault("a", b"9") == b"1"
    assert entries.setdefault("e", b"5") == b"5"
    assert list(either.yield_keys()) == ["a", "d", "e"]
    entries.clear()
    assert list(either.yield_keys()) == []
    either.mset([("z", b"26")])
    assert entries == {"z": b"26"}


def test_assigning_replaces_all(either: Any) -> None:
    either.mset([("old", b"0"), ("a", b"9")])
    either.store = {"b": b"1", "a": b"2"}
    assert either.mget(["old", "b", "a"]) == [None, b"1", b"2"]
    assert list(either.yield_keys()) == ["b", "a"]
    either.store = either.store
    assert either.store == {"b": b"1", "a": b"2"}


def test_assigning_what_is_no_bytes_changes_nothing(store: ByteStore) -> None:
    store.mset(ENTRIES.items())
    with pytest.raises(TypeError, match="value of key 'x'"):
        store.store = {"x": 5}
    assert store.store == ENTRIES


def test_people_persist_with_pickle(either: Any) -> None:
    either.mset(ENTRIES.items())
    file = io.BytesIO()
    pickle.dump(either.store, file)
    file.seek(0)
    loaded = pickle.load(file)
    assert (type(loaded), loaded, list(loaded)) == (dict, ENTRIES, list(ENTRIES))
    restored = type(either)()
    restored.store = loaded
    assert restored.mget(list(ENTRIES)) == list(ENTRIES.values())


def test_a_pickle_of_the_dict_version_is_read(store: ByteStore) -> None:
    upstream = InMemoryByteStore()
    upstream.mset([*ENTRIES.items()])
    store.store = pickle.loads(pickle.dumps(upstream.store))
    assert store.store == upstream.store


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_gives_a_plain_dict(store: ByteStore, protocol: int) -> None:
    store.mset(ENTRIES.items())
    data = pickle.dumps(store.store, protocol)
    assert b"bytestore" not in data, "readable where bytestore is not installed"
    assert pickle.loads(data) == ENTRIES


def test_copying_gives_a_dict_of_its_own(store: ByteStore) -> None:
    store.mset(ENTRIES.items())
    entries = store.store.copy()
    store.mset([("new", b"")])
    assert (type(entries), entries) == (dict, ENTRIES)


def test_items_and_values_of_many_batches(store: ByteStore) -> None:
    entries = {f"k{i}": b"%d" % i for i in range(3000)}
    store.mset(entries.items())
    assert dict(store.store.items()) == entries
    assert list(store.store.values()) == list(entries.values())
    assert len(store.store.items()) == len(store.store.values()) == 3000
    assert ("k1", b"1") in store.store.items()
    assert b"2999" in store.store.values()


def test_entries_deleted_meanwhile_are_left_out(store: ByteStore) -> None:
    store.mset((f"k{i}", b"") for i in range(3000))
    items = iter(store.store.items())
    next(items)
    store.mdelete(f"k{i}" for i in range(1024, 3000))
    assert len(list(items)) == 1023


def test_a_view_of_a_closed_store() -> None:
    store = ByteStore()
    view = store.store
    store.close()
    assert store, "a closed one too is not nothing"
    for look in (lambda: len(view), lambda: view["a"], lambda: list(view), lambda: "a" in view, view.copy):
        with pytest.raises(ClosedError):
            look()


def test_repr(store: ByteStore) -> None:
    assert repr(store.store) == "<entries of <ByteStore url='memory:' entries=0>>"
