"""`s[key]`, `in`, `del`, iteration, `get`, `update`: a dict's habits; what Python and Jupyter show of a store."""

from collections.abc import Callable, Collection, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest
from langchain_core.stores import BaseStore, InMemoryByteStore
from pydantic import BaseModel, ConfigDict, TypeAdapter

from bytestore import ByteStore, _html
from bytestore._cursor import Cursor

ENTRIES = {"b": b"1", "a": b"", "c": b"x" * 5000}


@pytest.fixture(params=["store", "view", "dict"])
def entries(request: pytest.FixtureRequest) -> Any:
    """The same entries three times: a store, its `.store`, and the dict that both are measured by."""
    if request.param == "dict":
        return dict(ENTRIES)
    store = ByteStore()
    store.update(ENTRIES)
    return store if request.param == "store" else store.store


@pytest.fixture
def filled(store: ByteStore) -> ByteStore:
    store.update(ENTRIES)
    return store


def test_looking(entries: Any) -> None:
    assert (entries["b"], entries["a"], entries["c"]) == (b"1", b"", b"x" * 5000)
    assert ("a" in entries, "x" in entries, 5 in entries, None in entries) == (True, False, False, False)
    assert list(entries) == list(entries.keys()) == [*entries] == list(ENTRIES)
    assert list(entries.items()) == list(ENTRIES.items())
    assert dict(entries) == {**entries} == ENTRIES
    assert (entries.get("b"), entries.get("x"), entries.get("x", b"0"), entries.get(5)) == (b"1", None, b"0", None)
    assert (entries.get("a", b"0"), entries.get("x", default) is default) == (b"", True)


default = object()


@pytest.mark.parametrize("key", ["x", 5, None, b"b", ("b",)])
def test_what_is_not_there(entries: Any, key: Any) -> None:
    for miss in (entries.__getitem__, entries.__delitem__):
        with pytest.raises(KeyError) as caught:
            miss(key)
        assert caught.value.args == (key,)
    assert key not in entries
    assert len(entries) == 3


@pytest.mark.parametrize("name", ["__getitem__", "__delitem__", "__contains__", "get"])
def test_what_has_no_hash_is_never_meant(entries: Any, name: str) -> None:
    with pytest.raises(TypeError, match="unhashable type: 'list'"):
        getattr(entries, name)(["a", "b"])
    assert len(entries) == 3


def test_changing(entries: Any) -> None:
    entries["b"] = b"9"
    entries["new"] = b""
    del entries["a"]
    entries.update({"u": b"1"})
    entries.update([("v", b"2"), ("b", b"3")], w=b"4")
    entries.update(x=b"5")
    entries.update()
    assert list(entries.items()) == [
        ("b", b"3"),
        ("c", b"x" * 5000),
        ("new", b""),
        ("u", b"1"),
        ("v", b"2"),
        ("w", b"4"),
        ("x", b"5"),
    ]


def test_updating_from_another_store(store: ByteStore, filled: ByteStore) -> None:
    other = ByteStore()
    sources: list[Any] = [filled, filled.store, filled.items(), dict(filled)]
    for source in sources:
        other.update(source)
        assert other.store == ENTRIES
        assert other.mdelete(other) == 3


def test_update_is_one_step(filled: ByteStore) -> None:
    with pytest.raises(TypeError):
        filled.update({"b": b"2", "new": 5}, more=b"")  # type: ignore[arg-type]
    assert filled.store == ENTRIES


def test_values_of_any_buffer(filled: ByteStore) -> None:
    value = bytearray(b"before")
    filled["a"] = value
    filled.update({"b": memoryview(value)})
    value[:] = b"after!"
    assert (filled["a"], filled["b"]) == (b"before", b"before")


def test_a_store_is_an_iterable_of_its_keys(filled: ByteStore) -> None:
    assert filled.mget(filled) == list(ENTRIES.values())
    assert sorted(filled) == sorted(ENTRIES)
    for key in filled:
        filled[key] = b"changed while it is iterated over"
        filled["and " + key] = b""
    assert len(filled) == 6
    assert filled.mdelete(filled) == 6


def test_backwards_is_refused(filled: ByteStore) -> None:
    with pytest.raises(TypeError, match="not reversible"):
        reversed(filled)  # type: ignore[call-overload]


class Shouting(ByteStore):
    """Changes the operations; the habits follow."""

    def mget(self, keys: Any) -> list[bytes | None]:
        return [value and value.upper() for value in super().mget([key.lower() for key in keys])]

    def mset(self, key_value_pairs: Any) -> None:  # type: ignore[override]
        super().mset([(key.lower(), value) for key, value in key_value_pairs])

    def mdelete(self, keys: Any) -> int:  # type: ignore[override]
        return super().mdelete([key.lower() for key in keys])


async def test_a_subclass_changes_the_operations_only() -> None:
    store = Shouting()
    store["A"] = b"a"
    store.update(B=b"b")
    await store.amset([("C", b"c")])
    assert (store["A"], store.get("b"), "C" in store, await store.amget(["A", "c"])) == (b"A", b"B", True, [b"A", b"C"])
    assert (store.store["a"], dict(store.items())) == (b"A", {"a": b"A", "b": b"B", "c": b"C"})
    del store["A"]
    assert await store.amdelete(["B"]) == 1
    assert list(store) == ["c"]


# What others do with a store when they ask what it is.


def test_it_is_no_mapping_and_no_sequence(store: ByteStore) -> None:
    """What takes a mapping, or a list, apart must leave a store whole."""
    assert not isinstance(store, Mapping | Sequence)
    assert isinstance(store, Collection)
    assert store, "an empty one too"
    match store:
        case {**entries}:
            raise AssertionError(entries)
        case [*keys]:
            raise AssertionError(keys)
        case ByteStore():
            pass


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    anything: Any
    byte_store: BaseStore[str, bytes]
    either: dict[str, bytes] | BaseStore[str, bytes]


@pytest.mark.parametrize("make", [ByteStore, InMemoryByteStore])
def test_pydantic_leaves_it_whole(make: Callable[[], BaseStore[str, bytes]]) -> None:
    store = make()
    store.mset([("ab", b"1")])
    model = Model(anything=store, byte_store=store, either=store)
    for held in (model, model.model_copy(), Model(**model.model_dump())):
        assert held.anything is held.byte_store is held.either is store
    with pytest.raises(ValueError, match="should be a valid dictionary"):
        TypeAdapter(dict[str, bytes]).validate_python(store)
    assert model == Model(anything=store, byte_store=store, either=store)


def test_it_is_equal_to_itself_only(filled: ByteStore) -> None:
    other = ByteStore()
    other.update(filled)
    assert filled == filled  # noqa: PLR0124
    assert filled != other
    assert len({filled, other}) == 2


# What is shown.


class Table(HTMLParser):
    """The cells of a table; fails for a tag that is not expected in one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert (tag in {"table", "caption", "tr", "th", "td", "code"}, attrs) == (True, [])
        self.open.append(tag)
        self.cells += [""] * (tag in {"caption", "th", "td"})

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.cells[-1] += data


def cells(store: ByteStore) -> list[str]:
    html = store._repr_html_()
    assert html.encode(), "lone surrogates have no UTF-8"
    return Table(html).cells


def test_repr(store: ByteStore) -> None:
    assert repr(store) == "<ByteStore url='memory:' entries=0>"
    store.update(ENTRIES)
    assert repr(store) == str(store) == "<ByteStore url='memory:' entries=3>"


def test_a_table(store: ByteStore) -> None:
    head = ["key", "bytes"]
    assert cells(store) == ["ByteStore url='memory:' entries=0", *head]
    store.update(ENTRIES)
    assert cells(store) == ["ByteStore url='memory:' entries=3", *head, "'b'", "1", "'a'", "0", "'c'", "5,000"]
    store.update({f"k{i}": b"" for i in range(2000)})
    shown = cells(store)
    assert (shown[0], shown[-2:]) == ("ByteStore url='memory:' entries=2003", ["and 1,998 more", ""])
    assert len(shown) == 3 + 2 * (_html.ROWS + 1)


def test_a_table_is_escaped(store: ByteStore) -> None:
    keys = ["<script>", "&amp;", "\ud800", "\0\n", "'\""]
    store.update(dict.fromkeys(keys, b""))
    assert cells(store)[3::2] == [repr(key) for key in keys]
    assert cells(type("<b>", (ByteStore,), {})())[0] == "<b> url='memory:' entries=0"


def test_a_table_is_small_whatever_is_in_the_store(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.update({f"{i}".ljust(10**6): b"x" * 10**6 for i in range(10)})
    asked: list[int] = []
    next_page = Cursor.next

    def spy(self: Cursor, most: int = 0) -> list[bytes]:
        asked.append(most)
        return next_page(self, most)

    monkeypatch.setattr(Cursor, "next", spy)
    assert len(store._repr_html_()) < 2000
    assert asked == [_html.ROWS]


def test_showing_never_raises(filled: ByteStore) -> None:
    filled.close()
    assert repr(filled) == "<ByteStore url='memory:' closed>"
    assert cells(filled) == ["ByteStore url='memory:' closed", "key", "bytes"]
    unborn = ByteStore.__new__(ByteStore)  # as a debugger sees one whose __init__ has failed
    assert repr(unborn) == "<ByteStore url=None not open>"
    assert cells(unborn)[0] == "ByteStore url=None not open"
