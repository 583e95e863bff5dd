"""The promises to a LangChain user, one a test: beside the dict version, or beside its failing where ours is stricter.

What other files have the details of:

The operations: test_operations, test_conformance. Mistakes: test_arguments. Scans: test_scans. Failures: test_errors.
Async: test_async, test_async_cancelled. Threads: test_threads, test_against_the_dict.
Copies, processes: test_copies, test_fork.
"""

import copy
import pickle
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from langchain_core.stores import BaseStore, InMemoryByteStore

import bytestore
from bytestore import ByteStore, ByteStoreError

EVERY_BYTE = bytes(range(256))


@pytest.fixture
def upstream() -> Any:
    """The dict version, where it is shown to do something else."""
    return InMemoryByteStore()


@pytest.fixture
def ours(store: ByteStore) -> Any:
    """The store, for calls that no type checker would let pass."""
    return store


# The operations


def test_domain(either: Any) -> None:
    keys = ["", "\0", "a\0b", "\xff", "\ud800", "\U0010ffff", "k" * 70_000]
    values = [b"", b"\0", EVERY_BYTE, b"\xff" * 5000, b"a\0b"]
    for value in values:
        either.mset([(key, value) for key in keys])
        assert either.mget(keys) == [value] * len(keys)
    assert list(either.yield_keys()) == keys


def test_mget(either: Any) -> None:
    either.mset([("a", b"1"), ("empty", b"")])
    assert either.mget(["a", "missing", "empty", "a"]) == [b"1", None, b"", b"1"]
    assert either.mget([]) == []


def test_mset(either: Any) -> None:
    assert either.mset([("a", b"1"), ("b", b"2"), ("a", b"3")]) is None
    assert either.mset([]) is None
    assert (either.mget(["a", "b"]), list(either.yield_keys())) == ([b"3", b"2"], ["a", "b"])


def test_mdelete(either: Any) -> None:
    either.mset([("a", b"1"), ("b", b"2")])
    either.mdelete(["a", "missing", "a"])
    either.mdelete([])
    assert list(either.yield_keys()) == ["b"]


def test_mdelete_says_how_many(store: ByteStore, upstream: Any) -> None:
    for each, answer in ((store, 2), (upstream, None)):
        each.mset([("a", b"1"), ("b", b"2")])
        assert each.mdelete(["a", "b", "a", "missing"]) == answer


def test_yield_keys(either: Any) -> None:
    keys = ["a", "ab", "A", "a*", "*", "[a]", "", "\xe4", "e\u0301", "\xe9"]
    either.mset([(key, b"") for key in keys])
    for prefix in [None, "", "a", "A", "*", "[", "a?", "\xe4", "e", "\xe9", "\u0301"]:
        expected = [key for key in keys if key.startswith(prefix or "")]
        assert list(either.yield_keys(prefix=prefix)) == expected


def test_order_of_keys(either: Any) -> None:
    either.mset([("b", b""), ("a", b""), ("c", b"")])
    either.mset([("a", b"overwritten: it keeps its place")])
    either.mdelete(["b"])
    either.mset([("b", b"set again: it moves to the end")])
    assert list(either.yield_keys()) == ["a", "c", "b"]


def test_iterating_while_others_write(store: ByteStore, upstream: Any) -> None:
    for each in (store, upstream):
        each.mset([("a", b""), ("b", b""), ("c", b"")])
    keys, dict_keys = store.yield_keys(), upstream.yield_keys()
    assert next(keys) == next(dict_keys) == "a"
    for each in (store, upstream):
        each.mset([("new", b"")])
    assert list(keys) == ["b", "c"]
    with pytest.raises(RuntimeError, match="changed size during iteration"):
        list(dict_keys)


def test_a_batch_is_one_atomic_step(store: ByteStore, upstream: Any) -> None:
    """Whoever looks while the batch is read sees nothing of it; threads: test_threads, test_against_the_dict."""

    def seen_within(each: Any) -> Any:
        seen = []

        def pairs() -> Iterator[tuple[str, bytes]]:
            for key in "ab":
                yield key, b"1"
                seen.append(each.mget(["a", "b"]))

        each.mset(pairs())
        return seen

    assert seen_within(store) == [[None, None]] * 2
    assert seen_within(upstream)[0] == [b"1", None]


def test_failure_inside_a_batch(store: ByteStore, upstream: Any) -> None:
    def pairs() -> Iterator[tuple[str, bytes]]:
        yield "a", b"1"
        raise ZeroDivisionError

    for each, left in ((store, []), (upstream, ["a"])):
        with pytest.raises(ZeroDivisionError):
            each.mset(pairs())
        assert list(each.yield_keys()) == left


def test_values_are_copies(store: ByteStore, upstream: Any) -> None:
    for each, seen in ((store, b"before"), (upstream, b"after!")):
        value = bytearray(b"before")
        each.mset([("a", value)])
        value[:] = b"after!"
        assert each.mget(["a"]) == [seen]


def test_lifetime(tmp_path: Path) -> None:
    """Nothing outlives the process: no file."""
    code = (
        "import os, sys; from bytestore import ByteStore; os.chdir(sys.argv[1])\n"
        "store = ByteStore(); store['a'] = bytes(10**7); print(len(store))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == ("1\n", "", [])


def test_errors() -> None:
    """Each has a code, a name and a message; which there are is in test_errors."""
    with pytest.raises(ByteStoreError) as caught:
        ByteStore(url="nosuch:")
    assert (caught.value.code, caught.value.name) == (1, "invalid_argument")
    assert "nosuch" in str(caught.value)


# Python


def test_what_it_is(store: ByteStore) -> None:
    assert isinstance(store, BaseStore)
    assert {name for name in dir(InMemoryByteStore) if not name.startswith("_")} <= set(dir(ByteStore))
    assert (ByteStore.__module__, bytestore.ByteStore) == ("bytestore", ByteStore)


def test_constructor(either: Any) -> None:
    assert list(type(either)().yield_keys()) == []
    with pytest.raises(TypeError, match="positional"):
        type(either)("memory:")
    assert list(ByteStore(url="memory:").yield_keys()) == []


def test_keys_round_trip(either: Any) -> None:
    keys = ["\ud83d\ude00", "\U0001f600", "\udfff", "e\u0301", "\xe9"]
    either.mset([(key, key.encode("utf-8", "surrogatepass")) for key in keys])
    assert list(either.yield_keys()) == keys
    assert either.mget(keys) == [key.encode("utf-8", "surrogatepass") for key in keys]
    assert list(either.yield_keys(prefix="\ud83d")) == ["\ud83d\ude00"]


def test_keys_that_are_no_str(ours: Any, upstream: Any) -> None:
    for call in (ours.mget, ours.mdelete):
        with pytest.raises(TypeError, match=r"key 1 of the batch is int 5, but keys are str: .*key encoder"):
            call(["a", 5])
    with pytest.raises(TypeError, match=r"key of pair 1 is bytes b'b', but keys are str: decode it"):
        ours.mset([("a", b"1"), (b"b", b"2")])
    assert list(ours.yield_keys()) == []
    upstream.mset([(5, b"1")])
    with pytest.raises(AttributeError):
        list(upstream.yield_keys(prefix="a"))


@pytest.mark.parametrize("as_iterable", [list, tuple, iter, dict.fromkeys, lambda keys: dict.fromkeys(keys).keys()])
def test_batches_of_keys(either: Any, as_iterable: Callable[[Any], Any]) -> None:
    either.mset([("a", b"1"), ("b", b"2")])
    assert either.mget(as_iterable(["a", "b", "c"])) == [b"1", b"2", None]
    either.mdelete(as_iterable(["a", "c"]))
    assert list(either.yield_keys()) == ["b"]


@pytest.mark.parametrize("as_pair", [tuple, list])
@pytest.mark.parametrize("as_iterable", [list, tuple, iter, lambda pairs: dict(pairs).items()])
def test_batches_of_pairs(either: Any, as_iterable: Callable[[Any], Any], as_pair: Callable[[Any], Any]) -> None:
    either.mset(as_iterable([as_pair(pair) for pair in (("a", b"1"), ("b", b"2"))]))
    assert either.mget(["a", "b"]) == [b"1", b"2"]


def test_batches_may_call_the_store(either: Any) -> None:
    either.mset([("a", b"1"), ("b", b"2")])
    either.mset([(key + "!", either.mget([key])[0]) for key in either.yield_keys()])
    assert either.mget(either.yield_keys()) == [b"1", b"2"] * 2


def test_a_store_may_delete_its_own_scan(store: ByteStore, upstream: Any) -> None:
    for each in (store, upstream):
        each.mset([("a/1", b""), ("b", b""), ("a/2", b"")])
    assert store.mdelete(store.yield_keys(prefix="a/")) == 2
    assert list(store.yield_keys()) == ["b"]
    with pytest.raises(RuntimeError, match="changed size"):
        upstream.mdelete(upstream.yield_keys(prefix="a/"))


def test_mistakes(ours: Any, upstream: Any) -> None:
    with pytest.raises(TypeError, match="not a single str: put 'abc' into a list"):
        ours.mget("abc")
    assert upstream.mget("abc") == [None] * 3
    with pytest.raises(TypeError, match=r"not a dict: pass its \.items\(\)"):
        ours.mset({"ab": b"1"})
    upstream.mset({"ab": b"1"})
    assert upstream.mget(["a"]) == ["b"], "a letter for a key, the next one for its value"
    for pair in [("a",), ("a", b"1", b"2")]:
        with pytest.raises(ValueError, match=rf"pair 1 has length {len(pair)}, not 2"):
            ours.mset([("new", b""), pair])
    for call in (ours.mget, ours.mset, ours.mdelete):
        with pytest.raises(TypeError, match="not NoneType None"):
            call(None)
    assert list(ours.yield_keys()) == []


def test_values_with_the_buffer_protocol(store: ByteStore) -> None:
    store.mset([("a", bytearray(b"1")), ("b", memoryview(b"xy")[1:])])
    assert [(type(value), value) for value in store.mget(["a", "b"])] == [(bytes, b"1"), (bytes, b"y")]


@pytest.mark.parametrize("value", ["1", 5, None, [1], {"a": 1}, 1.5])
def test_values_that_are_no_bytes(ours: Any, upstream: Any, value: Any) -> None:
    message = rf"mset: the value of key 'a' \(pair 1\) is {type(value).__name__}, not bytes .*: \w+ .*"
    with pytest.raises(TypeError, match=message):
        ours.mset([("new", b""), ("a", value)])
    assert list(ours.yield_keys()) == []
    upstream.mset([("a", value)])
    assert upstream.mget(["a"]) == [value], "found by whoever reads it, much later"


def test_yield_keys_is_a_generator(either: Any) -> None:
    keys = either.yield_keys()
    assert isinstance(keys, Generator)
    assert isinstance(either.ayield_keys(), AsyncGenerator)
    either.mset([("set before the first step", b"")])
    assert list(keys) == ["set before the first step"]
    for method in (either.yield_keys, either.ayield_keys):
        with pytest.raises(TypeError, match="positional"):
            method("a")


async def test_async(either: Any) -> None:
    for name in ("amget", "amset", "amdelete", "ayield_keys"):
        assert getattr(type(either), name) is not getattr(BaseStore, name)
    for pairs in ([("a", b"1"), ("b", b"")], [(f"k{i}", b"%d" % i) for i in range(2000)], []):
        keys = [key for key, _ in pairs]
        assert await either.amset(pairs) is None
        assert await either.amget([*keys, "missing"]) == [*(value for _, value in pairs), None]
        scan: AsyncIterator[str] = either.ayield_keys(prefix=None)
        assert [key async for key in scan] == keys
        assert [key async for key in either.ayield_keys(prefix="k1")] == [key for key in keys if key.startswith("k1")]
        await either.amdelete(keys)
        assert list(either.yield_keys()) == []


def test_truth(either: Any) -> None:
    assert either, "CacheBackedEmbeddings asks `if not store`"
    assert bool(either) is True


def test_length(store: ByteStore, upstream: Any) -> None:
    store.mset([("a", b"1"), ("b", b"")])
    assert len(store) == 2
    with pytest.raises(TypeError):
        len(upstream)


def test_store(either: Any) -> None:
    """People persist with `pickle.dump(store.store)`; the rest of the mapping is in test_view."""
    either.mset([("b", b"1"), ("a", b"")])
    assert isinstance(either.store, MutableMapping)
    assert (len(either.store), [*either.store.keys()]) == (2, ["b", "a"])
    loaded = pickle.loads(pickle.dumps(either.store))
    assert (type(loaded), loaded) == (dict, {"b": b"1", "a": b""})


@pytest.mark.parametrize("carry", [copy.deepcopy, lambda store: pickle.loads(pickle.dumps(store))])
def test_pickle_and_deepcopy_carry_the_data(either: Any, carry: Callable[[Any], Any]) -> None:
    either.mset([("b", b"1"), ("a", b"")])
    twin = carry(either)
    either.mset([("later", b"")])
    assert (type(twin), list(twin.yield_keys()), twin.mget(["b", "a"])) == (type(either), ["b", "a"], [b"1", b""])


def test_copy_shares_the_data(either: Any) -> None:
    twin = copy.copy(either)
    either.mset([("later", b"1")])
    assert twin is not either
    assert twin.mget(["later"]) == [b"1"]
