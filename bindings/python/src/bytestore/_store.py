"""ByteStore, the class people use: LangChain's interface over a native store. Knows no C."""

from collections.abc import AsyncGenerator, Generator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _batches
from ._arguments import KEYS, PAIRS, Pair, batch, decode_key, encode_keys, encode_pairs, encode_prefix
from ._async import is_large, run
from ._handle import Handle
from ._langchain import Base
from ._view import StoreView

if TYPE_CHECKING:
    from typing_extensions import Self


class ByteStore(Base):
    """A key-value store of bytes in this process's memory, shaped as LangChain's `InMemoryByteStore`.

    Keys are str, in insertion order; values are bytes, copied in and out. Every batch is one atomic step: it is checked
    as a whole, then done as a whole. Any thread and any event loop may call any method at any time.

    `len(store)` counts the entries, yet an empty store is true. `copy.copy` shares the entries; `copy.deepcopy` and
    `pickle` carry them. After a fork the child has a copy of its own.

    Raises `ClosedError` from every method once the store is closed, `TypeError` and `ValueError` for arguments that can
    never be right, and another `ByteStoreError` where the store itself fails.
    """

    def __init__(self, *, url: str = "memory:") -> None:
        """Opens an empty store; `url` names its backend and options, `InvalidArgumentError` when it knows them not."""
        if not isinstance(url, str):
            raise TypeError(f"url is str, not {type(url).__name__}")
        self._url = url
        self._handle = Handle(url)

    def mget(self, keys: Iterable[str]) -> list[bytes | None]:
        """The value of every key, in order; None for a missing one."""
        return self._mget(batch(keys, "mget", KEYS), "mget")

    def mget_views(self, keys: Iterable[str]) -> list[memoryview | None]:
        """As `mget`, without copying: every value as a read-only memoryview.

        The views stay valid and unchanged, whatever becomes of the store. The memory of all of them is kept until the
        last one has gone. For values of many KiB; small ones are copied once all the same.
        """
        items = batch(keys, "mget_views", KEYS)
        views = _batches.mget_views(self._handle.id, items)
        return self._handle.mget_views(encode_keys(items, "mget_views")) if views is None else views

    def mset(self, key_value_pairs: Iterable[Pair]) -> None:
        """Sets every (key, value); of a key that comes twice, the last value stays.

        A value is anything with the buffer protocol. It is copied: changing it afterwards changes nothing here.
        """
        items = batch(key_value_pairs, "mset", PAIRS)
        if not _batches.mset(self._handle.id, items):
            self._handle.mset(*encode_pairs(items, "mset"))

    def mdelete(self, keys: Iterable[str]) -> int:  # type: ignore[override]
        """Deletes the keys that are there. Returns how many those were."""
        return self._mdelete(batch(keys, "mdelete", KEYS), "mdelete")

    def yield_keys(self, *, prefix: str | None = None) -> Generator[str, None, None]:
        """The keys that begin with `prefix`, in insertion order.

        Sees the keys as of the first step, whoever writes meanwhile; keys deleted meanwhile may be left out.
        """
        for key in self._handle.scan(encode_prefix(prefix)):
            yield decode_key(key)

    async def amget(self, keys: Iterable[str]) -> list[bytes | None]:
        """As `mget`; a large batch waits in a thread."""
        items = tuple(batch(keys, "amget", KEYS))
        return await run(is_large(len(items)), self._mget, items, "amget")

    async def amset(self, key_value_pairs: Iterable[Pair]) -> None:
        """As `mset`; a large batch waits in a thread, and may be done there even when the task is cancelled."""
        keys, values = encode_pairs(batch(key_value_pairs, "amset", PAIRS), "amset")
        await run(is_large(len(keys), sum(map(len, values))), self._handle.mset, keys, values)

    async def amdelete(self, keys: Iterable[str]) -> int:  # type: ignore[override]
        """As `mdelete`; a large batch waits in a thread, and may be done there even when the task is cancelled."""
        items = tuple(batch(keys, "amdelete", KEYS))
        return await run(is_large(len(items)), self._mdelete, items, "amdelete")

    async def ayield_keys(self, *, prefix: str | None = None) -> AsyncGenerator[str, None]:
        """As `yield_keys`; the pages of a large store are read in a thread."""
        with self._handle.cursor(encode_prefix(prefix)) as cursor:
            large = is_large(self._handle.length())
            while page := await run(large, cursor.next):
                for key in page:
                    yield decode_key(key)

    @property
    def store(self) -> StoreView:
        """The entries as a mutable mapping; assigning another mapping replaces them."""
        return StoreView(self)

    @store.setter
    def store(self, entries: Mapping[str, Any]) -> None:
        keys, values = encode_pairs(batch(entries.items(), "store", PAIRS), "store")
        self.store.clear()
        self._handle.mset(keys, values)

    def close(self) -> None:
        """Frees the store's memory. Running calls end well; closing again does nothing.

        Not needed: the last reference does it too.
        """
        self._handle.close()

    # First the plain form; what is none, and what fails, is looked at closely.

    def _mget(self, keys: Sequence[str], method: str) -> list[bytes | None]:
        values = _batches.mget(self._handle.id, keys)
        return self._handle.mget(encode_keys(keys, method)) if values is None else values

    def _mdelete(self, keys: Sequence[str], method: str) -> int:
        removed = _batches.mdelete(self._handle.id, keys)
        return self._handle.mdelete(encode_keys(keys, method)) if removed is None else removed

    def __enter__(self) -> "Self":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return self._handle.length()

    def __bool__(self) -> bool:
        return True  # a store is there, however empty: LangChain asks `if not store`

    def __repr__(self) -> str:
        return f"{type(self).__name__}(url={self._url!r})"

    def __copy__(self) -> "Self":
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_handle": self._handle.entries()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._handle = Handle(self._url)
        entries: dict[bytes, bytes] = state["_handle"]
        self._handle.mset(list(entries), list(entries.values()))
