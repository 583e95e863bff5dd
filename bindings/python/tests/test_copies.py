"""pickle and deepcopy carry the entries, copy.copy shares them; exceptions travel between processes."""

import copy
import pickle
from typing import Any

import pytest

from bytestore import ByteStore, ByteStoreError, ClosedError
from bytestore._errors import BY_CODE, check

ENTRIES = {"b": b"1", "\ud800": b"", "big": b"x" * 5000, "": b"empty key"}


class Labelled(ByteStore):
    """As users subclass: with something of their own beside the entries, and values that pass through it."""

    def __init__(self, label: str) -> None:
        super().__init__(url="memory:?")
        self.label = [label]

    def mget(self, keys: Any) -> list[bytes | None]:
        return [value and value[::-1] for value in super().mget(keys)]


@pytest.fixture
def filled(store: ByteStore) -> ByteStore:
    store.mset(ENTRIES.items())
    return store


def carry(store: ByteStore, how: str) -> Any:
    return copy.deepcopy(store) if how == "deepcopy" else pickle.loads(pickle.dumps(store, int(how)))


HOW = ["deepcopy", *map(str, range(pickle.HIGHEST_PROTOCOL + 1))]


@pytest.mark.parametrize("how", HOW)
def test_the_data_is_carried(filled: ByteStore, how: str) -> None:
    twin = carry(filled, how)
    assert type(twin) is ByteStore
    assert twin.mget(ENTRIES) == list(ENTRIES.values())
    assert list(twin.yield_keys()) == list(ENTRIES)
    twin.mset([("new", b"")])
    filled.mdelete(["b"])
    assert (filled.mget(["new", "b"]), twin.mget(["new", "b"])) == ([None, None], [b"", b"1"])
    filled.close()
    assert len(twin) == 5


@pytest.mark.parametrize("how", HOW)
def test_a_subclass_keeps_what_is_its_own(how: str) -> None:
    store = Labelled("mine")
    store.mset([("a", b"12")])
    twin = carry(store, how)
    assert (type(twin), twin.label, twin.mget(["a"]), repr(twin)) == (
        Labelled,
        ["mine"],
        [b"21"],
        "<Labelled url='memory:?' entries=1>",
    )
    assert twin.label is not store.label


def test_a_shallow_copy_shares_the_entries(filled: ByteStore) -> None:
    twin = copy.copy(filled)
    assert twin is not filled
    twin.mset([("new", b"1")])
    assert filled.mget(["new"]) == [b"1"]
    del filled
    assert twin.mget(["new", "b"]) == [b"1", b"1"]
    labelled = Labelled("mine")
    assert copy.copy(labelled).label is labelled.label


def test_closing_one_of_two_that_share_closes_both(filled: ByteStore) -> None:
    twin = copy.copy(filled)
    twin.close()
    with pytest.raises(ClosedError):
        len(filled)


def test_deepcopy_knows_what_it_copied_already(filled: ByteStore) -> None:
    first, second = copy.deepcopy([filled, filled])
    assert first is second


def test_a_closed_store_cannot_be_carried(filled: ByteStore) -> None:
    filled.close()
    for how in HOW:
        with pytest.raises(ClosedError):
            carry(filled, how)


@pytest.mark.parametrize("code", [*BY_CODE, 99])
def test_an_error_survives_pickle(code: int) -> None:
    with pytest.raises(ByteStoreError) as caught:
        check(code, "detail")
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (type(twin), str(twin), twin.code, twin.name) == (
        type(caught.value),
        str(caught.value),
        code,
        caught.value.name,
    )
