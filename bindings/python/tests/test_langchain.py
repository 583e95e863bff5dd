"""Inside LangChain: its type checks accept the store, and what people build on stores works on this one."""

from typing import Any

import pytest
from langchain_classic.embeddings import CacheBackedEmbeddings
from langchain_classic.retrievers import MultiVectorRetriever, ParentDocumentRetriever
from langchain_classic.storage import EncoderBackedStore, create_kv_docstore, create_lc_store
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.stores import BaseStore
from langchain_core.stores import ByteStore as UpstreamByteStore
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import CharacterTextSplitter
from pydantic import BaseModel, ConfigDict, ValidationError

from bytestore import ByteStore

DOCUMENTS = [Document(page_content=f"text {i}", metadata={"number": i, "ä": ["\0"]}) for i in range(50)]


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    byte_store: BaseStore[str, bytes]
    upstream: UpstreamByteStore | None = None


class Counting(Embeddings):
    """Counts what it is really asked."""

    def __init__(self) -> None:
        self.fake = DeterministicFakeEmbedding(size=8)
        self.asked: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked += texts
        return self.fake.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        return self.fake.embed_query(text)


def test_it_is_a_base_store(store: ByteStore) -> None:
    assert isinstance(store, BaseStore)
    assert issubclass(ByteStore, UpstreamByteStore.__origin__)  # type: ignore[attr-defined]


def test_pydantic_fields_accept_it(store: ByteStore) -> None:
    model = Model(byte_store=store, upstream=store)
    assert model.byte_store is store
    assert model.upstream is store
    with pytest.raises(ValidationError):
        Model(byte_store=object())  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:The default value of `allowed_objects`")
async def test_document_stores(store: ByteStore) -> None:
    docs = create_kv_docstore(store)
    docs.mset([(f"d{i}", document) for i, document in enumerate(DOCUMENTS)])
    assert docs.mget([f"d{i}" for i in range(50)]) == DOCUMENTS
    assert await docs.amget(["d1", "missing"]) == [DOCUMENTS[1], None]
    await docs.amset([("late", DOCUMENTS[0])])
    assert list(docs.yield_keys(prefix="d4")) == ["d4", *(f"d{i}" for i in range(40, 50))]
    assert [key async for key in docs.ayield_keys(prefix="l")] == ["late"]
    docs.mdelete([f"d{i}" for i in range(50)])
    assert list(store.yield_keys()) == ["late"]
    serializable = create_lc_store(store)
    serializable.mset([("s", DOCUMENTS[2])])
    assert serializable.mget(["s"]) == [DOCUMENTS[2]]


def test_keys_that_are_no_str_go_through_a_key_encoder(store: ByteStore) -> None:
    encoded: EncoderBackedStore[int, int] = EncoderBackedStore(store, str, lambda n: b"%d" % n, int)
    encoded.mset([(1, 10), (2, 20)])
    assert encoded.mget([1, 3]) == [10, None]
    assert list(store.yield_keys()) == ["1", "2"]


@pytest.mark.parametrize("query_cache", [False, True])
async def test_cached_embeddings(store: ByteStore, query_cache: bool) -> None:
    real = Counting()
    cached = CacheBackedEmbeddings.from_bytes_store(
        real, store, namespace="model/", key_encoder="sha256", query_embedding_cache=query_cache
    )
    texts = [document.page_content for document in DOCUMENTS]
    first = cached.embed_documents(texts)
    assert first == real.fake.embed_documents(texts)
    assert cached.embed_documents(texts) == first
    assert await cached.aembed_documents(texts) == first
    assert real.asked == texts
    assert len(list(store.yield_keys(prefix="model/"))) == 50
    assert [cached.embed_query("q"), await cached.aembed_query("q")] == [real.fake.embed_query("q")] * 2
    assert real.asked.count("q") == (1 if query_cache else 2)


def test_an_empty_store_is_a_cache_for_queries_too(store: ByteStore) -> None:
    real = Counting()
    other = ByteStore()
    cached = CacheBackedEmbeddings.from_bytes_store(real, store, query_embedding_cache=other, key_encoder="sha256")
    cached.embed_query("q")
    cached.embed_query("q")
    assert (real.asked, len(store), len(other)) == (["q"], 0, 1)


def vectors() -> InMemoryVectorStore:
    return InMemoryVectorStore(DeterministicFakeEmbedding(size=16))


async def test_a_retriever_of_parent_documents(store: ByteStore) -> None:
    retriever = ParentDocumentRetriever(  # type: ignore[call-arg]
        vectorstore=vectors(),
        byte_store=store,
        child_splitter=CharacterTextSplitter(separator=" ", chunk_size=4, chunk_overlap=0),
        search_kwargs={"k": 1},
    )
    ids = [f"id{i}" for i in range(50)]
    retriever.add_documents(DOCUMENTS, ids=ids)
    assert list(store.yield_keys()) == ids
    assert retriever.invoke("17") == [DOCUMENTS[17]]
    assert await retriever.ainvoke("17") == [DOCUMENTS[17]]


def test_a_retriever_of_many_vectors(store: ByteStore) -> None:
    retriever = MultiVectorRetriever(  # type: ignore[call-arg]
        vectorstore=vectors(),
        byte_store=store,
        id_key="id",
        search_kwargs={"k": 1},
    )
    docstore: Any = retriever.docstore
    docstore.mset([(str(i), document) for i, document in enumerate(DOCUMENTS)])
    retriever.vectorstore.add_documents(
        [Document(page_content=f"about {i}", metadata={"id": str(i)}) for i in range(9)]
    )
    assert retriever.invoke("about 7") == [DOCUMENTS[7]]
