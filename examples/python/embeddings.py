"""LangChain's cache of embeddings over a ByteStore: float32 instead of JSON, and NumPy arrays straight out of it."""

from langchain_core.embeddings import Embeddings

from bytestore import ByteStore
from bytestore.langchain import CacheBackedEmbeddings


class Model(Embeddings):
    """Stands in for one that costs money."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text."""
        print(f"asking the model for {len(texts)} texts")
        return [[1 / 2 ** (len(text) - 2), 1 / 2 ** (len(text) - 1)] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """A vector for one text."""
        return self.embed_documents([text])[0]


store = ByteStore()
cached = CacheBackedEmbeddings.from_bytes_store(Model(), store, namespace="model/")

texts = ["tea", "cake"]
for _ in range(2):  # the second time the cache answers
    vectors = cached.embed_documents(texts)
for text, vector in zip(texts, vectors, strict=True):
    print(text, vector)

rows = cached.embed_documents_array([*texts, "sugar"])
print(rows.shape, rows.dtype)

sizes = {len(value) for value in store.store.values()}
print(len(store), "entries of", *sizes, "bytes")
