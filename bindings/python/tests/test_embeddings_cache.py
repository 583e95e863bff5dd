"""`bytestore.langchain.CacheBackedEmbeddings`: LangChain's own, with its keys and its answers, over small vectors."""

import inspect
import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from langchain_classic.embeddings import CacheBackedEmbeddings as Upstream
from langchain_core.embeddings import Embeddings
from langchain_core.stores import InMemoryByteStore

import bytestore.langchain
from bytestore import ByteStore
from bytestore.embeddings import EmbeddingStore, key_encoder
from bytestore.langchain import CacheBackedEmbeddings
from test_without_langchain import BLOCKER

TEXTS = ["tea", "", "ä\0", "a long text " * 100, *map(str, range(30))]
STORES = [ByteStore, InMemoryByteStore]
ENCODERS: list[Any] = ["sha1", "blake2b", "sha256", "sha512", str.upper]


class Model(Embeddings):
    """Remembers each batch that it is asked for."""

    def __init__(self, last: float = 0.5) -> None:
        self.asked: list[list[str]] = []
        self.last = last

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked.append(texts)
        return [[len(text) / 8, -0.0, self.last] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture(autouse=True)
def no_warning_of_sha1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[Upstream.__module__], "_warned_about_sha1", True)


def test_the_signature_is_langchains_but_for_the_default() -> None:
    ours = inspect.signature(CacheBackedEmbeddings.from_bytes_store).parameters
    theirs = inspect.signature(Upstream.from_bytes_store).parameters
    assert list(ours) == list(theirs)
    different = {
        name for name in ours if (ours[name].kind, ours[name].default) != (theirs[name].kind, theirs[name].default)
    }
    assert different == {"key_encoder"}
    assert ours["key_encoder"].default == "sha256"
    assert issubclass(CacheBackedEmbeddings, Upstream)


@pytest.mark.parametrize("batch_size", [None, 1, 7])
async def test_it_does_what_langchains_does(store: Any, batch_size: int | None) -> None:
    seen = []
    for kind in (Upstream, CacheBackedEmbeddings):
        model, cache = Model(), type(store)()
        cached = kind.from_bytes_store(
            model, cache, namespace="n", batch_size=batch_size, query_embedding_cache=True, key_encoder="sha256"
        )
        answers = [
            cached.embed_documents(TEXTS[:3]),
            cached.embed_documents(TEXTS),
            await cached.aembed_documents([*TEXTS, "new"]),
            cached.embed_query("q"),
            await cached.aembed_query("q"),
            cached.embed_query("tea"),
        ]
        seen.append((str(answers), model.asked, list(cache.yield_keys(prefix="n"))))
        assert isinstance(cached, kind)
        assert cached.underlying_embeddings is model
    assert seen[0] == seen[1]


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("kind", STORES)
def test_what_langchain_cached_stays_cached(kind: Callable[[], Any], encoder: Any) -> None:
    store = kind()
    options = {"key_encoder": encoder} if callable(encoder) else {"key_encoder": encoder, "namespace": "n/"}
    old = Upstream.from_bytes_store(Model(), store, **options)
    vectors = old.embed_documents(TEXTS)
    model = Model()
    cached = CacheBackedEmbeddings.from_bytes_store(model, store, **options)
    assert cached.embed_documents(TEXTS) == vectors
    assert model.asked == []
    keys = list(store.yield_keys())
    assert cached.embed_documents([*TEXTS, "new"])[:-1] == vectors
    assert model.asked == [["new"]]
    assert list(store.yield_keys())[:-1] == keys
    assert cached.embed_documents_array([*TEXTS, "new"]).tolist() == [*vectors, [3 / 8, -0.0, 0.5]]
    assert model.asked == [["new"]]


def test_the_default_is_strong_and_nothing_warns(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[Upstream.__module__], "_warned_about_sha1", False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cached = CacheBackedEmbeddings.from_bytes_store(Model(), store, namespace="n/")
        cached.embed_documents(TEXTS)
    assert list(store.yield_keys()) == [*map(key_encoder("n/"), TEXTS)]
    with pytest.warns(UserWarning, match="SHA-1"):
        CacheBackedEmbeddings.from_bytes_store(Model(), store, key_encoder="sha1")


def test_its_own_encoder_can_be_given(store: Any) -> None:
    cached = CacheBackedEmbeddings.from_bytes_store(Model(), store, key_encoder=key_encoder("n/"))
    cached.embed_documents(TEXTS)
    other = CacheBackedEmbeddings.from_bytes_store(Model(), store, namespace="n/")
    other.embed_documents(TEXTS)
    assert len(list(store.yield_keys())) == len(TEXTS)
    direct = CacheBackedEmbeddings(Model(), EmbeddingStore(store, key_encoder=key_encoder("n/")))
    assert direct.embed_documents(TEXTS) == other.embed_documents(TEXTS)


@pytest.mark.parametrize("wrong", [{"namespace": "n", "key_encoder": str.upper}, {"key_encoder": None}])
def test_langchains_errors_are_kept(store: Any, wrong: dict[str, Any]) -> None:
    messages = []
    for kind in (Upstream, CacheBackedEmbeddings):
        with pytest.raises(ValueError, match="key_encoder") as raised:
            kind.from_bytes_store(Model(), store, **wrong)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("kind", STORES)
def test_queries(store: Any, kind: Callable[[], Any]) -> None:
    model = Model()
    cached = CacheBackedEmbeddings.from_bytes_store(model, store)
    assert [cached.embed_query("q"), cached.embed_query("q")] == [[1 / 8, -0.0, 0.5]] * 2
    assert model.asked == [["q"], ["q"]]
    queries, model = kind(), Model()
    cached = CacheBackedEmbeddings.from_bytes_store(model, store, query_embedding_cache=queries)
    assert [cached.embed_query("q"), cached.embed_query("q")] == [[1 / 8, -0.0, 0.5]] * 2
    assert model.asked == [["q"]]
    assert (len(list(queries.yield_keys())), len(list(store.yield_keys()))) == (1, 0)
    assert isinstance(cached.query_embedding_store, EmbeddingStore)
    shared = CacheBackedEmbeddings.from_bytes_store(model, store, query_embedding_cache=True)
    assert shared.query_embedding_store is shared.document_embedding_store


@pytest.mark.parametrize(("last", "dtype"), [(0.5, "float32"), (0.1, "float64")])
def test_arrays(store: Any, last: float, dtype: str) -> None:
    model = Model(last)
    cached = CacheBackedEmbeddings.from_bytes_store(model, store)
    some = cached.embed_documents_array(TEXTS[:2])
    rows = cached.embed_documents_array(TEXTS)
    again = cached.embed_documents_array(TEXTS)
    expected = np.array(Model(last).embed_documents(TEXTS))
    assert model.asked == [TEXTS[:2], TEXTS[2:]]
    for answer in (rows, again):
        assert str(answer.dtype) == dtype
        assert answer.astype(np.float64).tobytes() == expected.tobytes()
    assert some.tobytes() == rows[:2].tobytes()
    assert cached.embed_documents_array([]).shape == (0, 0)


def test_arrays_over_somebody_elses_store() -> None:
    json_store: Any = Upstream.from_bytes_store(
        Model(), InMemoryByteStore(), key_encoder="sha256"
    ).document_embedding_store
    model = Model()
    cached = CacheBackedEmbeddings(model, json_store)
    for _ in range(2):
        assert cached.embed_documents_array(TEXTS[:1]).tolist() == [[3 / 8, -0.0, 0.5]]
    assert model.asked == [TEXTS[:1]]


def test_a_value_that_is_none_is_named_by_its_text(store: Any) -> None:
    cached = CacheBackedEmbeddings.from_bytes_store(Model(), store)
    store.mset([(key_encoder()("tea"), b"[1.0, ")])
    for call in (cached.embed_documents, cached.embed_documents_array):
        with pytest.raises(ValueError, match=r"the value of key 'tea' is no JSON list of floats"):
            call(TEXTS)


def test_the_values_are_small() -> None:
    store = ByteStore()
    vector = [float(np.float32(i / 1000)) for i in range(1536)]
    CacheBackedEmbeddings.from_bytes_store(Model(), store).document_embedding_store.mset([("a", vector)])
    (value,) = store.store.values()
    assert len(value) == 8 + 4 * 1536
    assert len(json.dumps(vector)) > 4 * len(value)


def test_what_to_install_is_said() -> None:
    code = BLOCKER.format(name="langchain_classic") + "import bytestore.embeddings, bytestore.langchain"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.endswith(
        "ImportError: bytestore.langchain needs LangChain: pip install 'bytestore[langchain]'\n"
    )
    code = BLOCKER.format(name="langchain_classic.embeddings") + "import bytestore.langchain"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError: No module named 'langchain_classic.embeddings'" in done.stderr.splitlines()[-1]


def test_everything_public_is_documented() -> None:
    assert bytestore.langchain.__all__ == ["CacheBackedEmbeddings"]
    assert CacheBackedEmbeddings.__doc__ != Upstream.__doc__
    for name in ("from_bytes_store", "embed_documents_array"):
        assert vars(CacheBackedEmbeddings)[name].__doc__
