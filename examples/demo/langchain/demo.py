"""The demonstration inside LangChain: every file of a manifest as a Document, through LangChain's own parts.

demo.py MANIFEST OUTDIR: the manifest's first line is a directory, the others are paths of files in it.
All of them go through `create_kv_docstore`; some also through a `ParentDocumentRetriever`, found by a search.
"""

import json
import sys
import time
from pathlib import Path

from langchain_classic.retrievers import ParentDocumentRetriever
from langchain_classic.storage import create_kv_docstore
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import CharacterTextSplitter

from bytestore import ByteStore

BATCH = 64
PROGRESS_LINES = 50
SEARCHED = 40  # documents that a retriever is asked for


def load(root: str, path: str) -> Document:
    """A file as a Document; Latin-1 has a character for every byte, and none is lost."""
    content = Path(root, path).read_bytes()
    return Document(page_content=content.decode("latin-1"), metadata={"source": path, "bytes": len(content)})


def through_docstore(root: str, paths: list[str]) -> dict[str, object]:
    """Stores every document and compares what comes back. Returns the figures."""
    store = ByteStore()
    docstore = create_kv_docstore(store)
    said = equal = 0
    mset_seconds = mget_seconds = 0.0
    for start in range(0, len(paths), BATCH):
        batch = paths[start : start + BATCH]
        documents = [load(root, path) for path in batch]
        started = time.perf_counter()
        docstore.mset(list(zip(batch, documents, strict=True)))
        stored = time.perf_counter()
        answers = docstore.mget(batch)
        mget_seconds += time.perf_counter() - stored
        mset_seconds += stored - started
        equal += sum(answer == document for answer, document in zip(answers, documents, strict=True))
        done = start + len(batch)
        if done * PROGRESS_LINES // len(paths) > said:
            said = done * PROGRESS_LINES // len(paths)
            print(f"progress {done} {len(paths)}", flush=True)
    prefix = sum(1 for _ in docstore.yield_keys(prefix="json/"))
    print(f"langchain: {len(paths)} documents in, {equal} equal out")
    print(f"prefix: {prefix} keys begin with json/")
    if not equal == len(paths) == len(store):
        sys.exit(f"{len(paths) - equal} documents came back changed")
    return {
        "language": "langchain",
        "entries": len(store),
        "bytes": sum(Path(root, path).stat().st_size for path in paths),
        "mset_seconds": mset_seconds,
        "mget_seconds": mget_seconds,
        "prefix": prefix,
    }


def through_retriever(root: str, paths: list[str]) -> None:
    """Indexes some documents by the lines they consist of, and finds each by one of its lines."""
    store = ByteStore()
    retriever = ParentDocumentRetriever(  # type: ignore[call-arg]  # the docstore is made of byte_store
        vectorstore=InMemoryVectorStore(DeterministicFakeEmbedding(size=64)),
        byte_store=store,
        child_splitter=CharacterTextSplitter(separator="\n", chunk_size=200, chunk_overlap=0),
        search_kwargs={"k": 1},
    )
    documents: list[Document] = []
    for path in paths:
        head = load(root, path)
        head.page_content = f"This is {path}\n{'-' * 200}\n{head.page_content[:2000]}"
        documents.append(head)
    retriever.add_documents(documents, ids=paths)
    found = sum(retriever.invoke(f"This is {path}") == [doc] for path, doc in zip(paths, documents, strict=True))
    print(f"retriever: {len(documents)} documents in, {found} found by a search and equal, {len(store)} in the store")
    if not found == len(documents) == len(store):
        sys.exit(f"{len(documents) - found} documents were not found")


def main() -> None:
    """Runs both."""
    manifest, _ = sys.argv[1:]
    root, *paths = Path(manifest).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    result = through_docstore(root, paths)
    texts = [path for path in paths if path.endswith(".py")]
    through_retriever(root, texts[:: max(1, len(texts) // SEARCHED)])
    print("result", json.dumps(result))


if __name__ == "__main__":
    main()
