"""What is measured: LangChain's cache of embeddings over LangChain's store and over ours. Knows no clock."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from bytestore import ByteStore
from bytestore.langchain import CacheBackedEmbeddings as Ours
from langchain_classic.embeddings import CacheBackedEmbeddings as Theirs
from langchain_core.embeddings import Embeddings
from langchain_core.stores import InMemoryByteStore

Cache: TypeAlias = Theirs

# Two kinds of vectors: as a model gives them, float32 that became Python floats; and with all bits of a float64.
KINDS = ("float32", "float64")
NAMESPACE = "text-embedding-3-small/"
CHARACTERS = 1000  # of a text: a chunk of a document
WORDS = "the quick brown fox jumps over the lazy dog " * 25


def text(number: int) -> str:
    return f"{number} {WORDS}"[:CHARACTERS]


class Model(Embeddings):
    """Unit vectors of random direction, the same every time; it is never asked for one that is in the cache."""

    def __init__(self, kind: str, dimension: int) -> None:
        self.random = np.random.default_rng(1985)
        self.kind, self.dimension = kind, dimension

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = self.random.standard_normal((len(texts), self.dimension))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows: list[list[float]] = vectors.astype(self.kind).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError(text)


def over_the_dict(model: Model) -> Theirs:
    return Theirs.from_bytes_store(model, InMemoryByteStore(), namespace=NAMESPACE, key_encoder="sha256")


def over_bytestore(model: Model) -> Ours:
    return Ours.from_bytes_store(model, ByteStore(), namespace=NAMESPACE, key_encoder="sha256")


CACHES: dict[str, Callable[[Model], Cache]] = {"InMemoryByteStore": over_the_dict, "bytestore": over_bytestore}
