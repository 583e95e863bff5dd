"""Mistakes are named before anything is changed, with a hint; what has the buffer protocol is copied."""

import enum
import mmap
from array import array
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bytestore import ByteStore, InvalidArgumentError
from bytestore._marshal import pack

Call = Callable[[Any], Any]

MISTAKES: list[tuple[Call, type[Exception], str]] = [
    (lambda s: s.mget("abc"), TypeError, r"mget takes .* not a single str: put 'abc' into a list"),
    (lambda s: s.mget(b"abc"), TypeError, r"not a single bytes"),
    (lambda s: s.mget(None), TypeError, r"mget takes an iterable of keys, not NoneType None"),
    (lambda s: s.mget(5), TypeError, r"mget takes an iterable of keys, not int 5"),
    (lambda s: s.mget([None]), TypeError, r"mget: key 0 of the batch is NoneType None, but keys are str"),
    (lambda s: s.mget(["a", 5]), TypeError, r"key 1 of the batch is int 5, but keys are str.*key encoder"),
    (lambda s: s.mget(["a", b"b"]), TypeError, r"key 1 of the batch is bytes b'b', but keys are str: decode it"),
    (lambda s: s.mdelete("abc"), TypeError, r"mdelete takes .* not a single str"),
    (lambda s: s.mdelete(None), TypeError, r"mdelete takes"),
    (lambda s: s.mdelete(["there", 1.5]), TypeError, r"mdelete: key 1 of the batch is float 1.5"),
    (lambda s: s.mset({"a": b"1"}), TypeError, r"mset takes .* not a dict: pass its \.items\(\)"),
    (lambda s: s.mset(s.store), TypeError, r"not a StoreView: pass its \.items\(\)"),
    (lambda s: s.mset(s), TypeError, r"not a ByteStore: pass its \.items\(\)"),
    (lambda s: s.__setitem__(5, b"1"), TypeError, r"the key of pair 0 is int 5"),
    (lambda s: s.__setitem__("a", "1"), TypeError, r"value of key 'a' \(pair 0\) is str.*encode it"),
    (lambda s: s.update({"new": b"1", "a": 5}), TypeError, r"value of key 'a' \(pair 1\) is int"),
    (lambda s: s.update([("new", b"1")], a=None), TypeError, r"value of key 'a' \(pair 1\) is NoneType"),
    (lambda s: s.update("ab"), TypeError, r"update takes .* not a single str"),
    (lambda s: s.update(None), TypeError, r"update takes .* not NoneType"),
    (lambda s: ["there"] in s, TypeError, r"unhashable type: 'list'"),
    (lambda s: s.mset("ab"), TypeError, r"mset takes .* not a single str"),
    (lambda s: s.mset(None), TypeError, r"mset takes .* not NoneType"),
    (lambda s: s.mset([("new", b"1"), None]), TypeError, r"pair 1 is NoneType None, not \(key, value\)"),
    (lambda s: s.mset([("new", b"1"), 5]), TypeError, r"pair 1 is int 5"),
    (lambda s: s.mset([("new", b"1"), "ab"]), TypeError, r"pair 1 is str 'ab'"),
    (lambda s: s.mset([("new", b"1"), ("a",)]), ValueError, r"pair 1 has length 1, not 2"),
    (lambda s: s.mset([("new", b"1"), ("a", b"1", b"2")]), ValueError, r"pair 1 has length 3, not 2"),
    (lambda s: s.mset([("new", b"1"), []]), ValueError, r"pair 1 has length 0, not 2"),
    (lambda s: s.mset([("new", b"1"), (5, b"1")]), TypeError, r"the key of pair 1 is int 5"),
    (lambda s: s.mset([("new", b"1"), (b"a", b"1")]), TypeError, r"the key of pair 1 is bytes b'a'.*decode it"),
    (lambda s: s.mset([("new", b"1"), (None, b"1")]), TypeError, r"the key of pair 1 is NoneType"),
    (
        lambda s: s.mset([("new", b"1"), ("a", "1")]),
        TypeError,
        r"value of key 'a' \(pair 1\) is str, not bytes .*: encode it",
    ),
    (lambda s: s.mset([("new", b"1"), ("a", None)]), TypeError, r"value of key 'a' \(pair 1\) is NoneType.*mdelete"),
    (lambda s: s.mset([("new", b"1"), ("a", 5)]), TypeError, r"value of key 'a' \(pair 1\) is int.*: make bytes of it"),
    (lambda s: s.mset([("new", b"1"), ("a", [1, 2])]), TypeError, r"value of key 'a' \(pair 1\) is list"),
    (lambda s: next(s.yield_keys(prefix=5)), TypeError, r"prefix is str or None, not int 5"),
    (lambda s: next(s.yield_keys(prefix=b"a")), TypeError, r"prefix is str or None, not bytes b'a'"),
    (lambda s: s.yield_keys("a"), TypeError, r"positional"),
    (lambda s: ByteStore("memory:"), TypeError, r"positional"),  # type: ignore[call-arg]
    (lambda s: ByteStore(url=None), TypeError, r"url is str, not NoneType"),  # type: ignore[arg-type]
    (lambda s: ByteStore(url="nosuch:"), InvalidArgumentError, r"'nosuch'? ?.*in the url 'nosuch:'"),
    (lambda s: ByteStore(url="memory:?nope=1"), InvalidArgumentError, r"'nope.*in the url 'memory:\?nope=1'"),
    (lambda s: ByteStore(url="memory:\0"), InvalidArgumentError, r"NUL"),
    (lambda s: ByteStore(url="\ud800:"), InvalidArgumentError, r"url"),
]


@pytest.mark.parametrize(("call", "error", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_named_and_changes_nothing(
    store: ByteStore, call: Call, error: type[Exception], message: str
) -> None:
    store.mset([("there", b"1")])
    with pytest.raises(error, match=message) as caught:
        call(store)
    assert caught.type is error
    assert store.store.copy() == {"there": b"1"}


async def test_the_async_methods_name_mistakes_too(store: ByteStore) -> None:
    with pytest.raises(TypeError, match="amget takes"):
        await store.amget("abc")
    with pytest.raises(TypeError, match="amset takes"):
        await store.amset({"a": b"1"})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="mdelete: key 0"):
        await store.amdelete([1])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="prefix is"):
        await anext(store.ayield_keys(prefix=1))  # type: ignore[arg-type]


def test_an_error_inside_the_callers_generator_comes_through(store: ByteStore) -> None:
    def broken() -> Any:
        yield "a", b"1"
        raise TypeError("the caller's own")

    with pytest.raises(TypeError, match="the caller's own"):
        store.mset(broken())
    with pytest.raises(TypeError, match="the caller's own"):
        store.mget(key for key, _ in broken())
    assert len(store) == 0


def test_long_keys_are_named_in_short(store: ByteStore) -> None:
    with pytest.raises(TypeError) as caught:
        store.mset([("k" * 10**6, 5)])  # type: ignore[list-item]
    assert len(str(caught.value)) < 300


class Color(str, enum.Enum):
    RED = "red"


def test_a_str_enum_is_its_value(store: ByteStore) -> None:
    store.mset([(Color.RED, b"1")])
    assert store.mget(["red", Color.RED]) == [b"1", b"1"]
    assert [type(key) for key in store.yield_keys()] == [str]


class Liar(bytes):
    def __len__(self) -> int:
        return 1000


def buffers() -> dict[str, tuple[Any, bytes]]:
    mapped = mmap.mmap(-1, 4)
    mapped[:] = b"abcd"
    return {
        "bytes": (b"abcd", b"abcd"),
        "bytearray": (bytearray(b"abcd"), b"abcd"),
        "memoryview": (memoryview(b"xabcd")[1:], b"abcd"),
        "a view with steps": (memoryview(b"a-b-c-d")[::2], b"abcd"),
        "a view backwards": (memoryview(b"dcba")[::-1], b"abcd"),
        "array": (array("I", [0x64636261, 0]), array("I", [0x64636261, 0]).tobytes()),
        "mmap": (mapped, b"abcd"),
        "numpy": (np.frombuffer(b"abcd", dtype=np.uint16), b"abcd"),
        "numpy, two dimensions": (np.array([[97, 98], [99, 100]], dtype=np.uint8), b"abcd"),
        "numpy, transposed": (np.array([[97, 99], [98, 100]], dtype=np.uint8).T, b"abcd"),
        "empty": (bytearray(), b""),
        "bytes with another length": (Liar(b"abcd"), b"abcd"),
    }


@pytest.mark.parametrize("kind", buffers())
def test_what_has_the_buffer_protocol_is_copied_in(store: ByteStore, kind: str) -> None:
    value, expected = buffers()[kind]
    store.mset([("before", b"1"), ("a", value), ("after", b"2")])
    assert store.mget(["before", "a", "after"]) == [b"1", expected, b"2"]
    assert [type(answer) for answer in store.mget(["a"])] == [bytes]


@pytest.mark.parametrize("size", [10, 5000])
def test_changing_the_buffer_afterwards_changes_nothing(store: ByteStore, size: int) -> None:
    value = bytearray(b"x" * size)
    store.mset([("a", value)])
    before = store.mget(["a"])
    value[:] = b"y" * size
    assert store.mget(["a"]) == before == [b"x" * size]


def test_a_buffer_is_not_held(store: ByteStore) -> None:
    value = bytearray(b"x")
    store.mset([("a", value)])
    value.extend(b"y")  # BufferError while a view of it is alive


def test_an_item_has_less_than_4_gib(store: ByteStore) -> None:
    too_long = mmap.mmap(-1, 2**32)  # only address space: the length is looked at before the bytes
    with pytest.raises(InvalidArgumentError, match=r"value of key 'a' \(pair 1\) is longer"):
        store.mset([("b", b"1"), ("a", too_long)])
    with pytest.raises(InvalidArgumentError, match="item 1 of the batch"):
        pack([b"", bytes(2**32)])
    assert len(store) == 0


def test_an_object_that_only_looks_like_a_buffer_is_refused(store: ByteStore) -> None:
    with pytest.raises(TypeError, match="buffer protocol"):
        store.mset([("a", SimpleNamespace(tobytes=lambda: b"1", nbytes=1))])
