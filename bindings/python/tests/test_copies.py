"""pickle and deepcopy carry the entries, copy.copy shares them; exceptions travel between processes."""

import copy
import math
import pickle
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from bytestore import BadSnapshotError, ByteStore, ByteStoreError, ClosedError
from bytestore._errors import BY_CODE, check
from samples import ENTRIES


class Labelled(ByteStore):
    """As users subclass: with something of their own beside the entries, and values that pass through it."""

    def __init__(self, label: str) -> None:
        super().__init__(url="memory:?")
        self.label = [label]

    def mget(self, keys: Any) -> list[bytes | None]:
        return [value and value[::-1] for value in super().mget(keys)]


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


def test_what_a_pickle_consists_of(filled: ByteStore) -> None:
    """Plain types, a number and a snapshot: whoever reads it in years needs no class but the one people import."""
    filled.mine, filled._usual = 5, 7  # type: ignore[attr-defined]
    state = {"format": 2, "url": "memory:", "snapshot": filled.save_bytes(), "attributes": {"mine": 5}}
    assert filled.__reduce_ex__(4)[2] == state
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(filled, protocol)
        assert b"bytestore" in data
        assert b"bytestore." not in data, "no module of ours that may be called otherwise one day"
        assert b"_store" not in data


# Never to be changed: such pickles are on people's disks.
PICKLES = {
    "format 0, of November 2026": (
        "gASVcwAAAAAAAACMEGJ5dGVzdG9yZS5fc3RvcmWUjAlCeXRlU3RvcmWUk5QpgZR9lCiMBF91cmyUjAhtZW1vcnk6P5SMB19o"
        "YW5kbGWUfZQoQwFilEMBMZRDA+2ggJRDAJRoDEMCeACUdYwEbWluZZRdlIwEbW9yZZRhdWIu"
    ),
    "format 1": (
        "gASVhgAAAAAAAACMCWJ5dGVzdG9yZZSMCUJ5dGVTdG9yZZSTlCmBlH2UKIwGZm9ybWF0lEsBjAN1cmyUjAhtZW1vcnk6P5SM"
        "B2VudHJpZXOUfZQoQwFilEMBMZRDA+2ggJRDAJRoDUMCeACUdYwKYXR0cmlidXRlc5R9lIwEbWluZZRdlIwEbW9yZZRhc3Vi"
        "Lg=="
    ),
    "format 2": (
        "gASV+QAAAAAAAACMCWJ5dGVzdG9yZZSMCUJ5dGVTdG9yZZSTlCmBlH2UKIwGZm9ybWF0lEsCjAN1cmyUjAhtZW1vcnk6P5SMCHNu"
        "YXBzaG90lEOLiUJTVA0KGgoBAAAAAAAAAHkTEYgDAAAAAAAAADcAAAAAAAAANwAAAAAAAABVILCm7eOP5gEAAAABAAAA////////"
        "//9iMQMAAAAAAAAA///////////toIAAAAAAAgAAAP//////////eAAAAAAAAAAAAAMAAAAAAAAANwAAAAAAAAA5zdSzvbUA7JSM"
        "CmF0dHJpYnV0ZXOUfZSMBG1pbmWUXZSMBG1vcmWUYXN1Yi4="
    ),
}


@pytest.mark.parametrize("name", PICKLES)
def test_pickles_of_earlier_versions_are_read(name: str) -> None:
    store = pickle.loads(b64decode(PICKLES[name]))
    assert type(store) is ByteStore
    assert store.store == {"b": b"1", "\ud800": b"", "": b"x\0"}
    assert (list(store), vars(store)["mine"], repr(store)) == (
        ["b", "\ud800", ""],
        ["more"],
        "<ByteStore url='memory:?' entries=3>",
    )
    assert pickle.loads(pickle.dumps(store)).store == store.store


def test_a_pickle_of_a_later_version_says_so(filled: ByteStore) -> None:
    state = {**filled.__getstate__(), "format": 3, "snapshot": "in another way"}
    with pytest.raises(ByteStoreError, match=r"pickled in format 3 by a later bytestore.*up to 2: update"):
        ByteStore.__new__(ByteStore).__setstate__(state)


@pytest.mark.parametrize("how", HOW)
def test_the_time_that_is_left_is_carried(how: str) -> None:
    store = ByteStore(ttl=10, manual_clock=True)
    store["default"] = b""
    store.mset([("own", b"")], ttl=100)
    store.mset([("ever", b"")], ttl=math.inf)
    store.advance_clock(9)
    twin = carry(store, how)
    twin["new"] = b""
    for left, seconds in (
        (["default", "own", "ever", "new"], 0.999),
        (["own", "ever", "new"], 0.001),
        (["own", "ever"], 9),
        (["ever"], 81),
    ):
        twin.advance_clock(seconds)
        assert list(twin) == left
    assert len(store) == 3


@pytest.mark.parametrize("options", [{}, {"max_entries": 9, "ttl": 60, "manual_clock": True, "erase": True}])
@pytest.mark.parametrize("how", HOW)
def test_what_was_opened_from_a_file_is_carried_without_it(tmp_path: Path, how: str, options: Any) -> None:
    path = tmp_path / "a file"
    ByteStore(**options).save(path)
    store = ByteStore(url=f"snapshot:{path}")
    path.unlink()
    store["a"] = b"1"
    for twin in (carry(store, how), carry(store.namespace(""), how)):
        assert twin.store == {"a": b"1"}
        assert repr(twin) == repr(ByteStore(**options)).replace("entries=0", "entries=1")
        assert twin.stats().max_entries == options.get("max_entries")


def test_a_damaged_pickle_says_so(filled: ByteStore) -> None:
    state = filled.__getstate__()
    with pytest.raises(BadSnapshotError):
        ByteStore.__new__(ByteStore).__setstate__({**state, "snapshot": state["snapshot"][:-1]})


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
