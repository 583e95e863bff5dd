"""`CacheBackedEmbeddings` with our store: every program does what it does with the dict version."""

import asyncio
import copy
import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, TypeAlias

import pytest
from langchain_classic.embeddings import CacheBackedEmbeddings
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from alike import Store, alike
from bytestore import ByteStore

KeyEncoder: TypeAlias = Callable[[str], str] | Literal["sha1", "sha256", "sha512", "blake2b"]

TEXTS = [f"text {i} ä\0" for i in range(20)]
CACHE = importlib.import_module(CacheBackedEmbeddings.__module__)


class Model(Embeddings):
    """Remembers each batch that it is really asked for, and fails when asked for "bad"."""

    def __init__(self, size: int = 8) -> None:
        self.fake = DeterministicFakeEmbedding(size=size)
        self.asked: list[list[str]] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if "bad" in texts:
            raise OverflowError("bad")
        self.asked.append(texts)
        return self.fake.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        self.asked.append([text])
        return self.fake.embed_query(text)


def warned_once(monkeypatch: pytest.MonkeyPatch, key_encoder: KeyEncoder) -> AbstractContextManager[Any]:
    """LangChain warns of SHA-1 once a process."""
    monkeypatch.setattr(CACHE, "_warned_about_sha1", False)
    return pytest.warns(UserWarning, match="SHA-1") if key_encoder == "sha1" else nullcontext()


def shouted(text: str) -> str:
    return f"shouted/{text.upper()}"


@pytest.mark.parametrize("key_encoder", ["sha1", "sha256", "sha512", "blake2b", shouted])
@pytest.mark.parametrize("batch_size", [None, 1, 7])
@pytest.mark.parametrize("query_cache", [False, True])
async def test_every_cache(
    monkeypatch: pytest.MonkeyPatch, key_encoder: KeyEncoder, batch_size: int | None, query_cache: bool
) -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        real = Model()
        with warned_once(monkeypatch, key_encoder):
            cached = CacheBackedEmbeddings.from_bytes_store(
                real,
                store,
                namespace="" if callable(key_encoder) else "model/ä/",
                batch_size=batch_size,
                query_embedding_cache=query_cache,
                key_encoder=key_encoder,
            )
        given = [
            cached.embed_documents(TEXTS[:10]),
            await cached.aembed_documents([*TEXTS[5:], TEXTS[0], TEXTS[15], TEXTS[15]]),
            cached.embed_documents([]),
            [cached.embed_query("q"), await cached.aembed_query("q"), cached.embed_query(TEXTS[3])],
        ]
        stores = cached.document_embedding_store, cached.query_embedding_store
        keys = list(stores[0].yield_keys()), [key async for key in stores[0].ayield_keys(prefix="model/")]
        return given, real.asked, keys, stores[1] is stores[0]

    given, asked, keys, _ = await alike(program)
    fake = Model().fake
    assert given[0] == fake.embed_documents(TEXTS[:10])
    assert given[1] == fake.embed_documents([*TEXTS[5:], TEXTS[0], TEXTS[15], TEXTS[15]])
    assert asked.count(["q"]) == (1 if query_cache else 2)
    assert len(asked[0]) == (batch_size or 10)
    assert len(keys[0]) == (21 if query_cache else 20)
    if key_encoder is shouted:
        assert keys[0][0] == "shouted/TEXT 0 Ä\0"
    else:
        assert keys[1] == keys[0]


async def test_a_store_of_its_own_for_queries() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        real = Model()
        queries = type(store)()
        cached = CacheBackedEmbeddings.from_bytes_store(
            real, store, query_embedding_cache=queries, key_encoder="sha256", namespace="n"
        )
        given = [cached.embed_query("q"), await cached.aembed_query("q"), cached.embed_documents(["q", "r"])]
        return given, real.asked, list(queries.store.items())

    _, asked, queries = await alike(program)
    assert asked == [["q"], ["q", "r"]]
    assert len(queries) == 1


async def test_models_share_a_store_by_their_namespaces() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        models = {name: Model(size) for name, size in [("m", 2), ("m2", 3), ("M2", 4), ("", 5)]}
        caches = {
            name: CacheBackedEmbeddings.from_bytes_store(model, store, namespace=name, key_encoder="blake2b")
            for name, model in models.items()
        }
        given = [cached.embed_documents(TEXTS) for cached in caches.values()]
        await store.amdelete([key async for key in store.ayield_keys(prefix="m2")])
        again = [await cached.aembed_documents(TEXTS) for cached in caches.values()]
        return given, again, [model.asked for model in models.values()]

    given, again, asked = await alike(program)
    assert again == given
    assert [len(batches) for batches in asked] == [1, 2, 1, 1]


async def test_batches_before_a_failure_stay() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        real = Model()
        cached = CacheBackedEmbeddings.from_bytes_store(real, store, batch_size=7, key_encoder="sha512")
        with pytest.raises(OverflowError):
            cached.embed_documents([*TEXTS[:10], "bad"])
        left = list(store.yield_keys())
        with pytest.raises(OverflowError):
            await cached.aembed_documents([*TEXTS, "bad"])
        return left, list(store.yield_keys()), cached.embed_documents(TEXTS), real.asked

    first, second, given, asked = await alike(program)
    assert (len(first), len(second), len(given)) == (7, 14, 20)
    assert [text for batch in asked for text in batch] == TEXTS


async def test_what_is_no_embedding_fails_as_it_does_with_a_dict() -> None:
    async def program(store: Store) -> str:
        store.mset([("shouted/A", b"not json")])
        cached = CacheBackedEmbeddings.from_bytes_store(Model(), store, key_encoder=shouted)
        with pytest.raises(ValueError, match="Expecting value") as raised:
            await cached.aembed_documents(["a"])
        return str(raised.value)

    await alike(program)


async def test_tasks_share_a_cache(either: Store) -> None:
    cached = CacheBackedEmbeddings.from_bytes_store(Model(), either, batch_size=3, key_encoder="sha256")
    parts = [TEXTS[i : i + 10] for i in range(10)]
    given = await asyncio.gather(*map(cached.aembed_documents, parts))  # whose entries come first is nobody's promise
    assert given == [Model().fake.embed_documents(part) for part in parts]
    assert len(list(either.yield_keys())) == 19


async def test_a_deep_copy_caches_on_its_own() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        real = Model()
        cached = CacheBackedEmbeddings.from_bytes_store(real, store, key_encoder="sha256")
        cached.embed_documents(TEXTS[:2])
        twin = copy.deepcopy(cached)
        twin.embed_documents(TEXTS[:4])
        model: Any = twin.underlying_embeddings
        return real.asked, model.asked, list(twin.document_embedding_store.yield_keys())

    asked, twins, keys = await alike(program)
    assert (asked, twins[-1], len(keys)) == ([TEXTS[:2]], TEXTS[2:4], 4)


async def test_a_full_cache_is_not_asked_twice(store: ByteStore) -> None:
    real = Model(size=1536)
    cached = CacheBackedEmbeddings.from_bytes_store(real, store, namespace="m", key_encoder="sha256")
    texts = [f"text {i}" for i in range(1000)]  # large enough for a thread
    first = await cached.aembed_documents(texts)
    assert await cached.aembed_documents(texts) == cached.embed_documents(texts) == first
    assert real.asked == [texts]
