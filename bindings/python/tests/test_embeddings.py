"""The embedding store: LangChain's interface for vectors over any store of bytes, async too."""

import asyncio
import copy
import json
import pickle
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from langchain_core.stores import BaseStore, InMemoryByteStore
from langchain_tests.integration_tests.base_store import BaseStoreAsyncTests, BaseStoreSyncTests

from bytestore import ByteStore, ClosedError, embeddings
from bytestore.embeddings import EmbeddingStore, key_encoder

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "python" / "embeddings.py"
VECTORS = {"a": [0.5, -0.0], "ä": [0.1, 1e300], "": [], "long": [i / 8 for i in range(1536)]}
OLD = [1, 2.5, 0.1]


class TestSync(BaseStoreSyncTests[list[float]]):
    @pytest.fixture
    def kv_store(self) -> EmbeddingStore:
        return EmbeddingStore()

    @pytest.fixture
    def three_values(self) -> tuple[list[float], list[float], list[float]]:
        return [0.5], [0.1, 0.2], []


class TestAsync(BaseStoreAsyncTests[list[float]]):
    @pytest.fixture
    async def kv_store(self) -> EmbeddingStore:
        return EmbeddingStore()

    @pytest.fixture
    def three_values(self) -> tuple[list[float], list[float], list[float]]:
        return [0.5], [0.1, 0.2], []


class Foreign(BaseStore[str, bytes]):
    """Somebody else's store: nothing but LangChain's interface, and it remembers who called it."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}
        self.threads: set[threading.Thread] = set()

    def mget(self, keys: Iterable[str]) -> list[bytes | None]:
        self.threads.add(threading.current_thread())
        return [self.entries.get(key) for key in keys]

    def mset(self, key_value_pairs: Iterable[tuple[str, bytes]]) -> None:
        self.entries.update(key_value_pairs)

    def mdelete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.entries.pop(key, None)

    def yield_keys(self, *, prefix: str | None = None) -> Iterator[str]:
        yield from [key for key in self.entries if key.startswith(prefix or "")]

    async def ayield_keys(self, *, prefix: str | None = None) -> AsyncIterator[str]:
        for key in self.yield_keys(prefix=prefix):
            yield key


STORES = [ByteStore, InMemoryByteStore, Foreign]


@pytest.fixture(params=STORES)
def vectors(request: pytest.FixtureRequest) -> EmbeddingStore:
    return EmbeddingStore(request.param())


def ask(vectors: EmbeddingStore, method: str, batch: list[Any]) -> Any:
    """The method's answer, of an a-method too."""
    answer = getattr(vectors, method)(batch)
    return asyncio.run(answer) if method.startswith("a") else answer


def test_it_is_a_base_store() -> None:
    assert issubclass(EmbeddingStore, BaseStore)
    assert isinstance(EmbeddingStore().store, ByteStore)
    assert EmbeddingStore.__orig_bases__ == (BaseStore[str, list[float]],)  # type: ignore[attr-defined]


def test_sync(vectors: EmbeddingStore) -> None:
    assert vectors.mget([]) == []
    vectors.mset(VECTORS.items())
    assert vectors.mget(["long", "missing", *VECTORS]) == [VECTORS["long"], None, *VECTORS.values()]
    assert vectors.mget(iter(["a"])) == [[0.5, -0.0]]
    assert str(vectors.mget(("a",))) == "[[0.5, -0.0]]"
    assert list(vectors.yield_keys()) == list(VECTORS)
    assert list(vectors.yield_keys(prefix="l")) == ["long"]
    vectors.mdelete(["a", "missing"])
    assert vectors.mget(["a", "ä"]) == [None, VECTORS["ä"]]
    assert vectors


async def test_async(vectors: EmbeddingStore) -> None:
    assert await vectors.amget([]) == []
    await vectors.amset(VECTORS.items())
    assert await vectors.amget(["missing", *VECTORS]) == [None, *VECTORS.values()]
    assert [key async for key in vectors.ayield_keys()] == list(VECTORS)
    assert [key async for key in vectors.ayield_keys(prefix="l")] == ["long"]
    await vectors.amdelete(["a", "missing"])
    assert await vectors.amget(iter(["a", "ä"])) == [None, VECTORS["ä"]]


def test_every_answer_is_the_callers_own(vectors: EmbeddingStore) -> None:
    given = [0.5, 0.25]
    vectors.mset([("a", given)])
    given[0] = 9.0
    first, second = vectors.mget(["a", "a"])
    assert first is not None
    first.append(7.0)
    assert second == [0.5, 0.25]
    assert vectors.mget(["a"]) == [[0.5, 0.25]]


def test_the_last_of_a_key_stays(vectors: EmbeddingStore) -> None:
    vectors.mset([("a", [1.0]), ["b", [2.0]], ("a", [3.0])])
    assert vectors.mget(["a", "b"]) == [[3.0], [2.0]]


@pytest.mark.parametrize("method", ["mget", "mget_array", "amget"])
def test_old_values_are_read_beside_new_ones(vectors: EmbeddingStore, method: str) -> None:
    vectors.mset([("new", [0.5, 1.0, 2.0]), ("other", [0.1, 1.0, 2.0])])
    vectors.store.mset([("old", json.dumps(OLD).encode())])
    answer = ask(vectors, method, ["new", "old", "missing", "other"])
    if method == "mget_array":
        rows, found = answer
        assert rows[found].tolist() == [[0.5, 1.0, 2.0], OLD, [0.1, 1.0, 2.0]]
        return
    assert answer == [[0.5, 1.0, 2.0], OLD, None, [0.1, 1.0, 2.0]]
    assert {*map(type, answer[1])} == {float}


@pytest.mark.parametrize("method", ["mget", "mget_array", "amget"])
@pytest.mark.parametrize("value", [b"", b"[1.0", b'["a"]', b"\xfeV\x01f\x02\0\0\0\0\0\0\0", b"garbage!"])
def test_a_value_that_is_none_is_never_garbage(vectors: EmbeddingStore, method: str, value: bytes) -> None:
    vectors.mset([("good", [0.5])])
    vectors.store.mset([("bad one", value)])
    with pytest.raises(
        ValueError, match=f"^{method}: the value of key 'bad one' (is|has) .*; delete the key and set it again$"
    ):
        ask(vectors, method, ["good", "missing", "bad one", "good"])


BAD_PAIRS: dict[str, tuple[Any, type[Exception], str]] = {
    "bool": ([1.0, True], TypeError, "the value of key 'bad' has bool True at position 1, not a float"),
    "None in it": ([None], TypeError, "the value of key 'bad' has NoneType None at position 0"),
    "None": (None, TypeError, "the value of key 'bad' is NoneType, not a list"),
    "str": ("1.0", TypeError, "the value of key 'bad' is str, not a list"),
    "bytes": (b"[1.0]", TypeError, "the value of key 'bad' is bytes of 'B', not of floats"),
    "large int": ([2**53 + 1], ValueError, "the value of key 'bad' has 9007199254740993 at position 0"),
    "matrix": (np.ones((2, 2)), TypeError, "the value of key 'bad' is ndarray of 2 dimensions"),
}


@pytest.mark.parametrize("method", ["mset", "amset"])
@pytest.mark.parametrize("name", BAD_PAIRS)
def test_a_bad_vector_is_named_and_nothing_is_stored(method: str, name: str) -> None:
    vectors = EmbeddingStore()
    bad, error, message = BAD_PAIRS[name]
    with pytest.raises(error, match=f"^{method}: {message}"):
        ask(vectors, method, [("good", [0.5]), ("bad", bad)])
    assert list(vectors.yield_keys()) == []


def test_bad_arguments_are_named(vectors: EmbeddingStore) -> None:
    bad: Any
    for bad in ("abc", b"abc"):
        with pytest.raises(TypeError, match=r"^mget takes an iterable of keys, not a single"):
            vectors.mget(bad)
    with pytest.raises(TypeError, match=r"^mset takes .*: pass its .items"):
        vectors.mset(VECTORS)
    with pytest.raises(ValueError, match=r"^mset: pair 0 has length 1"):
        vectors.mset([("a",)])
    for call in (vectors.mget, vectors.mdelete, vectors.mget_array):
        with pytest.raises(TypeError, match=r"key 1 of the batch is int, but keys are str"):
            call(["a", 5])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"^mset: key 0 of the batch is bytes"):
        vectors.mset([(b"a", [1.0])])


def test_a_missing_key_does_not_slow_the_others_down(vectors: EmbeddingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vars(embeddings)["_vectors"], "decode", None)  # what decodes one by one
    vectors.mset([("a", [0.5]), ("b", [0.1, 0.2])])
    assert vectors.mget(["x", "b", "x", "a", "x"]) == [None, [0.1, 0.2], None, [0.5], None]


def test_keys_are_encoded() -> None:
    vectors = EmbeddingStore(key_encoder=key_encoder("model/"))
    vectors.mset([("text", [0.5]), ("", [1.0])])
    names = [
        "model/982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1",
        "model/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ]
    assert list(vectors.yield_keys(prefix="model/")) == names
    assert vectors.mget(["", "x", "text"]) == [[1.0], None, [0.5]]
    assert vectors.mget_array(["text"])[0].tolist() == [[0.5]]
    vectors.mdelete(["text"])
    assert list(vectors.store.yield_keys()) == names[1:]


async def test_keys_are_encoded_for_async_too() -> None:
    vectors = EmbeddingStore(key_encoder=str.upper)
    await vectors.amset([("a", [0.5])])
    assert list(vectors.yield_keys()) == ["A"]
    assert await vectors.amget(["a"]) == [[0.5]]
    await vectors.amdelete(["a"])
    assert [key async for key in vectors.ayield_keys()] == []


def test_keys_of_different_texts_or_namespaces_differ() -> None:
    digest = key_encoder()("a")
    namespaces = ["", "a", "a/", "/", "a\0", digest, digest[:32], digest[32:], "ä", "\ud800", "a:b"]
    texts = ["", "a", "A", "a ", "\0", "ä", "a\u0308", "\ud800", "\ud800\udc00", digest, "/a"]
    keys = [key_encoder(namespace)(text) for namespace in namespaces for text in texts]
    assert len({*keys}) == len(namespaces) * len(texts)
    for key, namespace in zip(keys, [n for n in namespaces for _ in texts], strict=True):
        assert key[:-64] == namespace
    assert keys == [key_encoder(namespace)(text) for namespace in namespaces for text in texts]


def test_what_is_no_text_or_namespace() -> None:
    with pytest.raises(TypeError, match=r"^namespace is str, not NoneType None"):
        key_encoder(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        key_encoder("a")(b"text")  # type: ignore[arg-type]


def test_copies_and_pickles() -> None:
    vectors = EmbeddingStore(key_encoder=key_encoder("n"))
    vectors.mset([("a", [0.5])])
    for twin in (copy.deepcopy(vectors), pickle.loads(pickle.dumps(vectors))):
        vectors.mset([("a", [1.0])])
        assert twin.mget(["a"]) == [[0.5]]
        vectors.mset([("a", [0.5])])
    assert copy.copy(vectors).store is vectors.store


def test_repr() -> None:
    store = ByteStore()
    assert repr(EmbeddingStore(store)) == f"EmbeddingStore({store!r})"


def test_a_closed_store_says_so() -> None:
    vectors = EmbeddingStore()
    vectors.store.close()  # type: ignore[attr-defined]
    for call in (lambda: vectors.mget(["a"]), lambda: vectors.mget_array(["a"]), lambda: vectors.mset([("a", [])])):
        with pytest.raises(ClosedError):
            call()


@pytest.mark.parametrize(("count", "size", "elsewhere"), [(5, 8, False), (600, 1, True), (60, 1536, True)])
async def test_a_large_batch_is_decoded_and_encoded_in_a_thread(
    monkeypatch: pytest.MonkeyPatch, count: int, size: int, elsewhere: bool
) -> None:
    threads: dict[str, threading.Thread] = {}
    real: Any = vars(embeddings)["_vectors"]

    def spy(name: str, call: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda value: [threads.update({name: threading.current_thread()}), call(value)][1]

    spies = {name: spy(name, getattr(real, name)) for name in ("encode", "decode_all")}
    monkeypatch.setattr(embeddings, "_vectors", SimpleNamespace(**spies))
    vectors = EmbeddingStore()
    pairs = [(f"k{i}", [0.5] * size) for i in range(count)]
    await vectors.amset(pairs)
    assert await vectors.amget([key for key, _ in pairs]) == [vector for _, vector in pairs]
    here = {name: thread is threading.current_thread() for name, thread in threads.items()}
    assert here == {"encode": not elsewhere, "decode_all": not elsewhere}


async def test_the_batch_may_change_as_soon_as_the_call_waits() -> None:
    vectors = EmbeddingStore(key_encoder=key_encoder())
    pairs: list[Any] = [[f"k{i}", [float(i)]] for i in range(2000)]
    waiting = asyncio.ensure_future(vectors.amset(pairs))
    await asyncio.sleep(0)
    for pair in pairs:
        pair[:] = [None, "no vector"]
    pairs.clear()
    await waiting
    keys = [f"k{i}" for i in range(2000)]
    reading = asyncio.ensure_future(vectors.amget(keys))
    await asyncio.sleep(0)
    keys.clear()
    assert await reading == [[float(i)] for i in range(2000)]


async def test_a_store_that_has_async_methods_is_asked_on_the_loop() -> None:
    class Async(Foreign):
        async def amget(self, keys: Iterable[str]) -> list[bytes | None]:
            return self.mget(keys)

    store = Async()
    vectors = EmbeddingStore(store)
    await vectors.amset((f"k{i}", [float(i)]) for i in range(2000))
    assert await vectors.amget([f"k{i}" for i in range(2000)]) == [[float(i)] for i in range(2000)]
    assert store.threads == {threading.current_thread()}


def test_threads() -> None:
    vectors = EmbeddingStore()
    keys = ["a", "b", "c"]
    vectors.mset([(key, [0.0] * 600) for key in keys])
    torn: list[Any] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            first, *others = vectors.mget(keys)
            rows, _ = vectors.mget_array(keys)
            if first is None or any(other != first for other in others) or len(np.unique(rows)) != 1:
                torn.append(first)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for i in range(300):
        vectors.mset([(key, [i + (0.1 if i % 2 else 0.0)] * (600 - i % 3)) for key in keys])
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []


@pytest.mark.parametrize("name", embeddings.__all__)
def test_everything_public_is_documented(name: str) -> None:
    thing = getattr(embeddings, name)
    assert thing.__doc__
    for member, value in vars(thing).items() if isinstance(thing, type) else ():
        assert member.startswith("_") or value.__doc__, member


def test_the_example() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "asking the model for 2 texts",
        "tea [0.5, 0.25]",
        "cake [0.25, 0.125]",
        "asking the model for 1 texts",
        "(3, 2) float32",
        "3 entries of 16 bytes",
    ]
