"""LlamaIndex's key-value store over a ByteStore: dicts, in collections. Knows nothing of documents and indexes.

from bytestore.llama_index import ByteStoreKVStore

docstore = KVDocumentStore(ByteStoreKVStore())

An entry in the store:

key    the prefix, the collection as a JSON string, the key: `llama_index/"docstore/data"node-1`. A string ends with its
       own quote, so none is the beginning of another: what begins with a collection's string is in that collection,
       whatever characters are in its name and in the keys.
value  the dict as compact JSON in UTF-8.
"""

import json
from collections.abc import Iterable
from reprlib import repr as short
from typing import Any

from ._async import is_large, run
from ._store import ByteStore

try:
    from llama_index.core.storage.kvstore.types import DEFAULT_BATCH_SIZE, DEFAULT_COLLECTION, BaseKVStore
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "llama_index":  # it is there, but broken
        raise
    raise ImportError("bytestore.llama_index needs LlamaIndex: pip install 'bytestore[llama-index]'") from error

__all__ = ["ByteStoreKVStore"]

# Every character as it is: escaped, two lone surrogates and the character that they would make were the same.
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ByteStoreKVStore(BaseKVStore):
    """A key-value store for LlamaIndex's document, index and chat stores and its ingestion cache.

    As `SimpleKVStore`, with the dicts kept as JSON, as `RedisKVStore` keeps them: a dict that is put or got is the
    caller's own down to the last list in it; a tuple comes back as a list, and a key that is no str as one.
    There is nothing to persist: it pickles, with its store. Any thread and any event loop may use it; another process
    has a copy, so that what the workers of a pipeline (`num_workers`) put into its cache ends with them.

    Raises `TypeError` for a collection or a key that is no str, and for a value that is no dict or that JSON cannot
    hold; `ByteStoreError` as the store does.
    """

    def __init__(self, store: ByteStore | None = None, *, prefix: str = "llama_index/") -> None:
        """A key-value store in `store`, which stays the caller's, or in a store of its own.

        All keys begin with `prefix`: those with the same store and prefix have the same collections.
        """
        self.store = ByteStore() if store is None else store
        self.prefix = prefix

    def put(self, key: str, val: dict[str, Any], collection: str = DEFAULT_COLLECTION) -> None:
        """Sets the value of a key."""
        self.store.mset(self._entries([(key, val)], collection))

    async def aput(self, key: str, val: dict[str, Any], collection: str = DEFAULT_COLLECTION) -> None:
        """As `put`; a large value waits in a thread."""
        await self.store.amset(self._entries([(key, val)], collection))

    def put_all(
        self,
        kv_pairs: Iterable[tuple[str, dict[str, Any]]],
        collection: str = DEFAULT_COLLECTION,
        batch_size: int = DEFAULT_BATCH_SIZE,  # noqa: ARG002
    ) -> None:
        """Sets every key's value in one atomic step, whatever `batch_size` says: smaller ones would gain nothing."""
        self.store.mset(self._entries(kv_pairs, collection))

    async def aput_all(
        self,
        kv_pairs: Iterable[tuple[str, dict[str, Any]]],
        collection: str = DEFAULT_COLLECTION,
        batch_size: int = DEFAULT_BATCH_SIZE,  # noqa: ARG002
    ) -> None:
        """As `put_all`; a large batch waits in a thread, and may be done there even when the task is cancelled."""
        await self.store.amset(self._entries(kv_pairs, collection))

    def get(self, key: str, collection: str = DEFAULT_COLLECTION) -> dict[str, Any] | None:
        """The value of a key, None when it is not there."""
        return _loads(self.store.mget([self._name(key, collection)])[0])

    async def aget(self, key: str, collection: str = DEFAULT_COLLECTION) -> dict[str, Any] | None:
        """As `get`."""
        return _loads((await self.store.amget([self._name(key, collection)]))[0])

    def get_all(self, collection: str = DEFAULT_COLLECTION) -> dict[str, dict[str, Any]]:
        """Every key of a collection with its value, in the order in which the keys were first put."""
        prefix = self._prefix(collection)
        names = list(self.store.yield_keys(prefix=prefix))
        values = self.store.mget(names)  # a key that was deleted meanwhile has none
        start = len(prefix)
        return {name[start:]: json.loads(value) for name, value in zip(names, values, strict=True) if value is not None}

    async def aget_all(self, collection: str = DEFAULT_COLLECTION) -> dict[str, dict[str, Any]]:
        """As `get_all`; a large store waits in a thread."""
        slow = self.store._handle.is_remote or is_large(len(self.store))
        return await run(slow, self.get_all, collection)

    def delete(self, key: str, collection: str = DEFAULT_COLLECTION) -> bool:
        """Deletes a key; whether it was there."""
        return self.store.mdelete([self._name(key, collection)]) > 0

    async def adelete(self, key: str, collection: str = DEFAULT_COLLECTION) -> bool:
        """As `delete`."""
        return await self.store.amdelete([self._name(key, collection)]) > 0

    def _name(self, key: str, collection: str) -> str:
        """The store's key of a key."""
        prefix = self._prefix(collection)
        if not isinstance(key, str):
            raise TypeError(
                f"the key {short(key)} in collection {short(collection)} is {type(key).__name__}, but keys are str"
            )
        return prefix + key

    def _prefix(self, collection: str) -> str:
        """What the store's keys of a collection begin with."""
        if not isinstance(collection, str):
            raise TypeError(f"a collection is named by a str, not by {type(collection).__name__} {short(collection)}")
        return self.prefix + _json(collection)

    def _entries(self, kv_pairs: Iterable[tuple[str, dict[str, Any]]], collection: str) -> list[tuple[str, bytes]]:
        return [(self._name(key, collection), _dumps(key, val)) for key, val in kv_pairs]


def _dumps(key: str, val: dict[str, Any]) -> bytes:
    if not isinstance(val, dict):
        raise TypeError(f"the value of key {short(key)} is {type(val).__name__}, not a dict")
    try:
        return _json(val).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError) as error:
        raise TypeError(f"the value of key {short(key)} cannot be kept as JSON: {error}") from error


def _loads(value: bytes | None) -> dict[str, Any] | None:
    loaded: dict[str, Any] | None = None if value is None else json.loads(value)
    return loaded
