"""LangGraph's cache over a ByteStore: what nodes returned, for as long as it is good. Knows nothing of graphs.

from bytestore.langgraph import ByteStoreCache

graph = builder.compile(cache=ByteStoreCache())

An entry in the store:

key    the prefix, the namespace as a JSON array, the key: `langgraph/["writes","graph","node"]9f86d081`. An array ends
       with its own bracket, so none is the beginning of another: what begins with a namespace's array is in that
       namespace, whatever characters are in its parts and in the keys.
value  a byte, the format: 1; when it expires, in seconds since 1970, a big-endian float64, infinity for never; a byte,
       the length of what the serializer calls the type; that name in UTF-8; what the serializer made of the value.

The clock is the wall's: a pickled store is read in another process, where a monotonic one says nothing.
"""

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from math import inf
from reprlib import repr as short
from struct import Struct
from time import time

from ._async import is_large, run
from ._store import ByteStore

try:
    from langgraph.cache.base import BaseCache, FullKey, Namespace, ValueT
    from langgraph.checkpoint.serde.base import SerializerProtocol
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "langgraph":  # it is there, but broken
        raise
    raise ImportError("bytestore.langgraph needs LangGraph: pip install 'bytestore[langgraph]'") from error

__all__ = ["ByteStoreCache"]

_FORMAT = 1
_HEADER = Struct(">BdB")  # the format, when it expires, how long the name of the type is


class ByteStoreCache(BaseCache[ValueT]):
    """A cache for LangGraph's nodes and tasks, as `InMemoryCache` is one: any thread and any event loop may use it.

    Every call is one atomic batch: what is wrong with a key, a value or a ttl is found before anything is changed.
    An expired entry is never returned, and is deleted when it is asked for; one that is set in that very moment may
    be deleted with it, and is then computed once more.

    Raises `TypeError` for namespaces, keys and ttls that can never be right, `ValueError` for a value in the store
    that is no cache entry, `ByteStoreError` as the store does, and whatever the serializer raises.
    """

    def __init__(
        self,
        store: ByteStore | None = None,
        *,
        serde: SerializerProtocol | None = None,
        prefix: str = "langgraph/",
    ) -> None:
        """A cache in `store`, which stays the caller's, or in a store of its own.

        `serde` turns values into bytes and back: LangGraph's own when None. All keys begin with `prefix`, and `clear`
        touches no others: caches with the same store and prefix are one cache.
        """
        super().__init__(serde=serde)
        self.store = ByteStore() if store is None else store
        self.prefix = prefix

    def get(self, keys: Sequence[FullKey]) -> dict[FullKey, ValueT]:
        """The values of those (namespace, key) that are there and have not expired, in the order asked for."""
        names = self._names(keys)
        values, expired = self._read(names, self.store.mget(names))
        if expired:
            self.store.mdelete(expired)
        return self._loads(values)

    async def aget(self, keys: Sequence[FullKey]) -> dict[FullKey, ValueT]:
        """As `get`; a large batch waits in a thread."""
        batch = tuple(keys)
        return await run(self.store._handle.is_slow(len(batch)), self.get, batch)

    def set(self, pairs: Mapping[FullKey, tuple[ValueT, int | None]]) -> None:
        """Sets the value of every (namespace, key), for as many seconds as its ttl says, for good when that is None."""
        self.store.mset(self._entries(pairs))

    async def aset(self, pairs: Mapping[FullKey, tuple[ValueT, int | None]]) -> None:
        """As `set`; a large batch waits in a thread, and may be done there even when the task is cancelled."""
        await self.store.amset(self._entries(pairs))

    def clear(self, namespaces: Sequence[Namespace] | None = None) -> None:
        """Deletes what is in just these namespaces, not in longer ones that begin alike; everything when None."""
        prefixes = [f"{self.prefix}["] if namespaces is None else [self._prefix(namespace) for namespace in namespaces]
        self.store.mdelete([name for prefix in prefixes for name in self.store.yield_keys(prefix=prefix)])

    async def aclear(self, namespaces: Sequence[Namespace] | None = None) -> None:
        """As `clear`; a large store waits in a thread, and may be cleared there even when the task is cancelled."""
        slow = self.store._handle.is_remote or is_large(len(self.store))
        await run(slow, self.clear, namespaces)

    def _names(self, keys: Sequence[FullKey]) -> dict[str, FullKey]:
        """The store's key of each, and which one it is."""
        return {self._name(namespace, key): (tuple(namespace), key) for namespace, key in keys}

    def _name(self, namespace: Namespace, key: str) -> str:
        if not isinstance(key, str):
            raise TypeError(
                f"the key {short(key)} in namespace {short(namespace)} is {type(key).__name__}, "
                "but keys are str: make one of it in the key_func of the cache policy"
            )
        return self._prefix(namespace) + key

    def _prefix(self, namespace: Namespace) -> str:
        """What the store's keys of a namespace begin with."""
        try:  # not the ASCII form: in that, two lone surrogates and the character that they would make are the same
            parts = None if isinstance(namespace, str) else ",".join(map(encode_basestring, namespace))
        except TypeError:
            parts = None
        if parts is None:
            raise TypeError(f"a namespace is a tuple of str, not {type(namespace).__name__} {short(namespace)}")
        return f"{self.prefix}[{parts}]"

    def _entries(self, pairs: Mapping[FullKey, tuple[ValueT, int | None]]) -> list[tuple[str, bytes]]:
        now = time()
        entries = []
        for (namespace, key), (value, ttl) in pairs.items():
            name = self._name(namespace, key)
            if not (ttl is None or isinstance(ttl, (int, float))):
                raise TypeError(f"the ttl of {short(name)} is {type(ttl).__name__}, not a number of seconds or None")
            kind, data = self.serde.dumps_typed(value)
            encoded = kind.encode()
            expiry = inf if ttl is None else now + ttl
            entries.append((name, _HEADER.pack(_FORMAT, expiry, len(encoded)) + encoded + data))
        return entries

    def _read(
        self, names: Mapping[str, FullKey], entries: Sequence[bytes | None]
    ) -> tuple[list[tuple[FullKey, str, bytes]], list[str]]:
        """What is good, with its type and bytes, and the store's keys of what has expired."""
        now = time()
        values, expired = [], []
        for (name, full_key), entry in zip(names.items(), entries, strict=True):
            if entry is None:
                continue
            if len(entry) < _HEADER.size or entry[0] != _FORMAT:
                raise ValueError(f"the value of {short(name)} in the store is no cache entry: use another prefix")
            _, expiry, size = _HEADER.unpack_from(entry)
            if now < expiry:
                start = _HEADER.size + size
                values.append((full_key, entry[_HEADER.size : start].decode(), entry[start:]))
            else:
                expired.append(name)
        return values, expired

    def _loads(self, values: list[tuple[FullKey, str, bytes]]) -> dict[FullKey, ValueT]:
        return {full_key: self.serde.loads_typed((kind, data)) for full_key, kind, data in values}
