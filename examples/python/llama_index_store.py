"""LlamaIndex with its documents and what their ingestion cost in one ByteStore."""

from typing import Any

from llama_index.core.ingestion import IngestionCache, IngestionPipeline
from llama_index.core.schema import BaseNode, Document, TransformComponent
from llama_index.core.storage.docstore.keyval_docstore import KVDocumentStore

from bytestore import ByteStore
from bytestore.llama_index import ByteStoreKVStore


class Shout(TransformComponent):
    """Slow work, as of a model."""

    def __call__(self, nodes: list[BaseNode], **_: Any) -> list[BaseNode]:  # type: ignore[override]
        """Every node in capitals."""
        print(f"shouting {len(nodes)} documents")
        return [Document(id_=node.node_id, text=node.get_content().upper()) for node in nodes]


store = ByteStore()
kvstore = ByteStoreKVStore(store)
docstore = KVDocumentStore(kvstore)
pipeline = IngestionPipeline(transformations=[Shout()], cache=IngestionCache(cache=kvstore))

documents = [Document(id_="1", text="tea"), Document(id_="2", text="cake")]
for _ in range(2):  # the second time the cache answers
    docstore.add_documents(pipeline.run(documents=documents))
for name, document in docstore.docs.items():
    print(name, document.get_content())
print(len(store), "entries in the store")
