"""LangChain's cache of embeddings over an `EmbeddingStore`. Knows nothing of how a vector is stored.

from bytestore import ByteStore
from bytestore.langchain import CacheBackedEmbeddings  # instead of langchain_classic.embeddings

cached = CacheBackedEmbeddings.from_bytes_store(embeddings, ByteStore(), namespace="model/")
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, cast

from ._vectors import encode, normal
from .embeddings import EmbeddingStore

try:
    from langchain_classic.embeddings import CacheBackedEmbeddings as Upstream
except ModuleNotFoundError as error:
    if error.name != "langchain_classic":  # it is there, but broken
        raise
    raise ImportError("bytestore.langchain needs LangChain: pip install 'bytestore[langchain]'") from error

if TYPE_CHECKING:
    from langchain_classic.storage import EncoderBackedStore
    from langchain_core.embeddings import Embeddings
    from langchain_core.stores import BaseStore
    from typing_extensions import Self

    from ._arrays import Array

__all__ = ["CacheBackedEmbeddings"]


class CacheBackedEmbeddings(Upstream):
    """LangChain's `CacheBackedEmbeddings`, with its vectors in the form of `EmbeddingStore`.

    A cache that LangChain wrote goes on being read, when it is opened with the same namespace and `key_encoder`: what
    is missing is added in the new form, which LangChain's own class cannot read.
    """

    @classmethod
    def from_bytes_store(  # noqa: PLR0913 as upstream's
        cls,
        underlying_embeddings: "Embeddings",
        document_embedding_cache: "BaseStore[str, bytes]",
        *,
        namespace: str = "",
        batch_size: int | None = None,
        query_embedding_cache: "bool | BaseStore[str, bytes]" = False,
        key_encoder: Callable[[str], str] | Literal["sha1", "blake2b", "sha256", "sha512"] = "sha256",
    ) -> "Self":
        """As LangChain's, with the same keys; but the default of `key_encoder` is "sha256".

        So no two texts have one key, and nothing warns. A cache that was made with LangChain's default wants "sha1".
        """
        # Its own function checks the arguments and makes the key encoder; then the stores are exchanged.
        cached = super().from_bytes_store(
            underlying_embeddings,
            document_embedding_cache,
            namespace=namespace,
            batch_size=batch_size,
            query_embedding_cache=query_embedding_cache,
            key_encoder=key_encoder,
        )
        encoder = cast("EncoderBackedStore[str, Any]", cached.document_embedding_store).key_encoder
        documents = EmbeddingStore(document_embedding_cache, key_encoder=encoder)
        cached.document_embedding_store = documents
        if query_embedding_cache is True:
            cached.query_embedding_store = documents
        elif query_embedding_cache is not False:
            cached.query_embedding_store = EmbeddingStore(query_embedding_cache, key_encoder=encoder)
        return cast("Self", cached)

    def embed_documents_array(self, texts: list[str]) -> "Array":
        """As `embed_documents`, as a NumPy array with a row for each text.

        float32 when that gives back every bit of all of them, else float64; ImportError without NumPy. Vectors that
        are in the cache never become Python floats; when one is missing, it is as slow as `embed_documents`.
        """
        from ._arrays import stack  # noqa: PLC0415

        store = self.document_embedding_store
        if isinstance(store, EmbeddingStore):
            rows, found = store.mget_array(texts)
            if found.all():
                return rows
        vectors = self.embed_documents(texts)
        rows, _ = stack([normal(encode(vector)) for vector in vectors])
        return rows
