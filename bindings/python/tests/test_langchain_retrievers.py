"""LangChain's retrievers with our store below: every program does what it does with the dict version."""

import random
import uuid
from typing import Any

import pytest
from langchain_classic.retrievers import MultiVectorRetriever, ParentDocumentRetriever
from langchain_classic.retrievers.multi_vector import SearchType
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import CharacterTextSplitter

from alike import Store, alike

DOCUMENTS = [Document(page_content=f"text {i}", metadata={"number": i, "ä": ["\0"]}) for i in range(20)]
IDS = [f"id{i}" for i in range(20)]


class Vectors(InMemoryVectorStore):
    """The same text is found first, whatever else there is."""

    def __init__(self) -> None:
        super().__init__(DeterministicFakeEmbedding(size=16))

    def _select_relevance_score_fn(self) -> Any:
        return lambda score: min(max(score, 0.0), 1.0)


@pytest.fixture(autouse=True)
def repeatable_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """LangChain names what has no name with `uuid4`: `alike` lets both runs draw the same."""
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=random.getrandbits(128), version=4))


def splitter(size: int) -> CharacterTextSplitter:
    return CharacterTextSplitter(separator=" ", chunk_size=size, chunk_overlap=0)


def many(store: Store, **options: Any) -> tuple[MultiVectorRetriever, Any]:
    """A retriever and its docstore; each document is found by two texts."""
    options.setdefault("search_kwargs", {"k": 3})
    retriever = MultiVectorRetriever(vectorstore=Vectors(), byte_store=store, id_key="id", **options)
    about = [(f"{word} {i}", IDS[i]) for i in range(20) for word in ("about", "summary")]
    retriever.vectorstore.add_documents([Document(page_content=text, metadata={"id": name}) for text, name in about])
    return retriever, retriever.docstore


@pytest.mark.parametrize(
    "options",
    [
        {"search_kwargs": {"k": 5}},
        {"search_type": SearchType.mmr, "search_kwargs": {"k": 3, "fetch_k": 9}},
        {"search_type": SearchType.similarity_score_threshold, "search_kwargs": {"k": 9, "score_threshold": 0.4}},
    ],
    ids=["similarity", "mmr", "threshold"],
)
async def test_many_vectors(options: dict[str, Any]) -> None:
    async def program(store: Store) -> list[list[Document]]:
        retriever, docstore = many(store, **options)
        docstore.mset(list(zip(IDS[:10], DOCUMENTS[:10], strict=True)))
        await docstore.amset(list(zip(IDS[10:], DOCUMENTS[10:], strict=True)))
        queries = ["about 7", "summary 15"]
        return [
            *map(retriever.invoke, queries),
            *[await retriever.ainvoke(query) for query in queries],
            *retriever.batch(queries),
            *await retriever.abatch(queries),
        ]

    given = await alike(program)
    assert given == given[:2] * 4
    assert [found[0] for found in given[:2]] == [DOCUMENTS[7], DOCUMENTS[15]]


async def test_deleted_documents_are_left_out() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        retriever, docstore = many(store)
        docstore.mset(list(zip(IDS, DOCUMENTS, strict=True)))
        before = retriever.invoke("about 7")
        docstore.mdelete(["id7", "never"])
        between = retriever.invoke("about 7"), await retriever.ainvoke("about 7")
        await docstore.amdelete([key async for key in docstore.ayield_keys(prefix="id1")])
        docstore.mset([("id7", DOCUMENTS[0])])
        return before, *between, await retriever.ainvoke("about 7"), list(docstore.yield_keys())

    before, without, awaited, after, keys = await alike(program)
    assert before[0] == DOCUMENTS[7]
    assert without == awaited == before[1:]
    assert after[0] == DOCUMENTS[0]
    assert keys == ["id0", *IDS[2:7], "id8", "id9", "id7"]


PARENTS = [Document(page_content=f"aa{i} bb{i} cc{i} dd{i}", metadata={"number": i}) for i in range(5)]


def parents(store: Store, **options: Any) -> ParentDocumentRetriever:
    return ParentDocumentRetriever(
        vectorstore=Vectors(), byte_store=store, child_splitter=splitter(3), search_kwargs={"k": 1}, **options
    )


@pytest.mark.parametrize("parent_splitter", [None, splitter(8)])
@pytest.mark.parametrize("child_metadata_fields", [None, ["number"]])
async def test_parents(parent_splitter: Any, child_metadata_fields: Any) -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        options = {"parent_splitter": parent_splitter, "child_metadata_fields": child_metadata_fields}
        retriever = parents(store, **options)
        retriever.add_documents(PARENTS[:3])
        await retriever.aadd_documents(PARENTS[3:])
        return retriever.invoke("cc1"), await retriever.ainvoke("aa4"), list(store.yield_keys())

    one, four, keys = await alike(program)
    whole = parent_splitter is None
    assert [document.page_content for document in (*one, *four)] == (
        [PARENTS[1].page_content, PARENTS[4].page_content] if whole else ["cc1 dd1", "aa4 bb4"]
    )
    assert len(keys) == (5 if whole else 10)


async def test_parents_that_are_there_already() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        retriever = parents(store)
        retriever.docstore.mset([("p0", PARENTS[0])])
        retriever.add_documents(PARENTS[:2], ids=["p0", "p1"], add_to_docstore=False)
        await retriever.aadd_documents(PARENTS[2:], ids=["p2", "p3", "p4"], add_to_docstore=False)
        left = list(store.yield_keys())
        found = retriever.invoke("aa0"), retriever.invoke("aa1"), await retriever.ainvoke("aa4")
        retriever.add_documents(PARENTS, ids=["p0", "p1", "p2", "p3", "p4"])
        return left, *found, await retriever.ainvoke("aa4")

    left, zero, one, four, later = await alike(program)
    assert (left, zero, one, four, later) == (["p0"], [PARENTS[0]], [], [], [PARENTS[4]])


async def test_parents_that_are_refused_leave_nothing() -> None:
    async def program(store: Store) -> list[str]:
        retriever = parents(store)
        with pytest.raises(ValueError, match="uneven list") as uneven:
            retriever.add_documents(PARENTS, ids=["one"])
        with pytest.raises(ValueError, match="MUST be True") as nameless:
            await retriever.aadd_documents(PARENTS, add_to_docstore=False)
        return [str(uneven.value), str(nameless.value), *store.yield_keys()]

    assert len(await alike(program)) == 2
