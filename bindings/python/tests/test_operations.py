"""The four operations beside the dict version: what one answers, the other answers."""

import random
import string
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from langchain_core.stores import InMemoryByteStore

from bytestore import ByteStore
from bytestore._marshal import unpack

AnyStore = ByteStore | InMemoryByteStore
Script = Callable[[AnyStore], Any]


def everything(store: AnyStore, keys: Iterable[str]) -> Any:
    return store.mget(list(keys)), list(store.yield_keys())


# Lone surrogates, surrogate pairs, NUL, combining marks, beyond the basic plane.
ODD = ["\ud800", "\udfff", "\ud83d\ude00", "\U0001f600", "\0", "a\0b", "e\u0301", "\u00e9", "\uffff", "\U0010ffff"]


SCRIPTS: dict[str, Script] = {
    "the guide": lambda s: (
        s.mset([("key1", b"value1"), ("key2", b"value2")]),
        s.mget(["key1", "key2"]),
        s.mdelete(["key1"]) and None,
        s.mget(["key1"]),
        list(s.yield_keys(prefix="key")),
    ),
    "empty batches": lambda s: (s.mset([]), s.mget([]), s.mdelete([]) or None, list(s.yield_keys())),
    "missing and empty": lambda s: (s.mset([("empty", b"")]), s.mget(["empty", "missing"])),
    "the empty key": lambda s: (s.mset([("", b"1")]), everything(s, [""])),
    "duplicates asked": lambda s: (s.mset([("a", b"1")]), s.mget(["a", "b", "a", "a"])),
    "duplicates set": lambda s: (s.mset([("a", b"1"), ("b", b"2"), ("a", b"3")]), everything(s, "ab")),
    "overwriting keeps the place": lambda s: (
        s.mset([("b", b"1"), ("a", b"2")]),
        s.mset([("b", b"3")]),
        everything(s, "ab"),
    ),
    "setting again moves to the end": lambda s: (
        s.mset([("b", b"1"), ("a", b"2")]),
        s.mdelete(["b"]) and None,
        s.mset([("b", b"3")]),
        everything(s, "ab"),
    ),
    "deleting what is not there": lambda s: (
        s.mset([("a", b"1")]),
        s.mdelete(["x", "a", "a", "x"]) and None,
        everything(s, "a"),
    ),
    "pairs as lists": lambda s: (s.mset([["a", b"1"], ["b", b"2"]]), everything(s, "ab")),  # type: ignore[list-item]
    "items of a dict": lambda s: (s.mset({"a": b"1", "b": b"2"}.items()), everything(s, "ab")),  # type: ignore[arg-type]
    "a generator": lambda s: (
        s.mset((c, c.encode()) for c in "abc"),  # type: ignore[arg-type]
        s.mget(c for c in "cbad"),  # type: ignore[arg-type]
        s.mdelete(c for c in "ab") and None,  # type: ignore[arg-type]
        everything(s, "abc"),
    ),
    "keys and a set and a dict": lambda s: (
        s.mset([("a", b"1")]),
        s.mget({"a": 1}.keys()),  # type: ignore[arg-type]
        s.mget({"a"}),  # type: ignore[arg-type]
        s.mget({"a": 1}),  # type: ignore[arg-type]
    ),
    "prefixes": lambda s: (
        s.mset([(key, b"") for key in ("a", "ab", "abc", "b", "A", "a*", "a/b", "", "ä", "äb")]),
        [list(s.yield_keys(prefix=p)) for p in (None, "", "a", "ab", "A", "a*", "*", "?", "[a]", "a.", "ä", "x")],
    ),
    "str of every kind": lambda s: (
        s.mset([(key, key.encode("utf-8", "surrogatepass")) for key in ODD]),
        everything(s, ODD),
        [list(s.yield_keys(prefix=key)) for key in ODD],
    ),
    "large and small": lambda s: (
        s.mset([("a", b"x" * 5000), ("b", b""), ("c", b"y"), ("d", b"z" * 4096), ("e", b"w" * 4095)]),
        s.mget(list("fedcbaabc")),
        s.mget(list("bce")),
    ),
    "many": lambda s: (
        s.mset([(f"k{i}", b"%d" % i) for i in range(5000)]),
        s.mget([f"k{i}" for i in range(5005)]),
        s.mdelete([f"k{i}" for i in range(0, 5000, 3)]) and None,
        everything(s, [f"k{i}" for i in range(5000)]),
    ),
    "a str subclass": lambda s: (s.mset([(Name("a"), b"1")]), everything(s, ["a", Name("a")])),
}


class Name(str):
    __slots__ = ()

    def encode(self, *_: Any, **__: Any) -> bytes:
        raise AssertionError("a key's own encode() has no say")


@pytest.mark.parametrize("name", SCRIPTS)
def test_as_the_dict_version(name: str) -> None:
    assert SCRIPTS[name](ByteStore()) == SCRIPTS[name](InMemoryByteStore())


@pytest.mark.parametrize("seed", range(20))
def test_as_the_dict_version_whatever_comes(seed: int) -> None:
    choose = random.Random(seed)
    ours, reference = ByteStore(), InMemoryByteStore()

    def keys() -> list[str]:
        return ["".join(choose.choices("ab\0é/", k=choose.randrange(4))) for _ in range(choose.randrange(12))]

    for _ in range(150):
        batch = keys()
        pairs = [(key, choose.randbytes(choose.choice([0, 1, 10, 4095, 4096, 9000]))) for key in batch]
        prefix = choose.choice([None, "", "a", "ab", "é", "\0"])
        step = choose.choice(["mset", "mget", "mdelete", "keys"])
        if step == "mset":
            ours.mset(pairs)
            reference.mset(pairs)
        elif step == "mdelete":
            before = len(reference.store)
            removed = ours.mdelete(batch)
            reference.mdelete(batch)
            assert removed == before - len(reference.store)
        assert ours.mget(batch) == reference.mget(batch)
        assert list(ours.yield_keys(prefix=prefix)) == list(reference.yield_keys(prefix=prefix))
        assert len(ours) == len(reference.store)


def test_a_generator_may_use_the_store(store: ByteStore) -> None:
    store.mset([(c, c.encode()) for c in string.ascii_lowercase])

    def pairs() -> Iterable[tuple[str, bytes]]:
        for key in store.yield_keys():
            store.mset([("seen " + key, b"")])
            yield key, (store.mget([key])[0] or b"") * 2

    store.mset(pairs())
    assert store.mget(["a", "z"]) == [b"aa", b"zz"]
    assert store.mdelete(key for key in store.yield_keys(prefix="seen ") if store.mget([key])) == 26


def test_a_store_may_delete_what_it_yields(store: ByteStore) -> None:
    store.mset([(f"{group}/{i}", b"") for group in "ab" for i in range(3000)])
    assert store.mdelete(store.yield_keys(prefix="a/")) == 3000
    assert len(store) == 3000
    assert not list(store.yield_keys(prefix="a/"))


def test_large_copies_are_made_in_another_way(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [b"x" * 10, b"", b"y" * 5000]
    store.mset(zip("abc", values, strict=True))
    monkeypatch.setitem(unpack.__globals__, "_LONGEST_STRING_AT", 5)
    monkeypatch.setitem(unpack.__globals__, "string_at", lambda at, size: b"short" if size else b"")
    assert store.mget("a b c d".split()) == [*values, None]
    assert store.mget(["a"]) == values[:1]
