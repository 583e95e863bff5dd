"""ByteStore, the class people use: LangChain's interface over a native store. Knows no C."""

import copy
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _batches, _compute, _html
from ._arguments import (
    KEYS,
    PAIRS,
    Pair,
    batch,
    decode_key,
    encode_keys,
    encode_pairs,
    encode_prefix,
    settled,
    weight,
)
from ._async import in_thread, run
from ._capabilities import Capabilities, capabilities_of
from ._habits import Habits
from ._handle import Handle
from ._options import milliseconds, natural, with_options
from ._snapshots import Snapshots
from ._stats import Stats, stats_of
from ._view import StoreView

if TYPE_CHECKING:
    from typing_extensions import Self


class ByteStore(Habits, Snapshots):
    """A key-value store of bytes, in this process's memory or on a server, shaped as LangChain's `InMemoryByteStore`.

    Keys are str, in insertion order; values are bytes, copied in and out. Every batch is one atomic step: it is checked
    as a whole, then done as a whole. Any thread and any event loop may call any method at any time.

    `store[key]`, `in`, `del`, `get`, `update` and iteration over the keys are as a dict's. `len(store)` counts the
    entries, yet an empty store is true. `copy.copy` shares the entries; `copy.deepcopy` and `pickle` carry them, with
    the time that they have left, to a store of the same url, but for its name. After a fork the child has a copy of its
    own.

    On a Valkey or Redis server, `ByteStore(url="redis://localhost?namespace=app/")`, keys come in any order, and what
    asks for prefixes, `len(store)` too, walks all keys there. Other threads run while a server is waited for; the async
    forms wait in threads, however small a batch is. In a cluster a batch is no one step. Positions, snapshots, pickles
    and deep copies are for stores in memory, `UnsupportedError`, and so are bounds and names, `InvalidArgumentError`;
    `capabilities()` tells them apart. Where a server fails, `RemoteError` has its words, and what was to be written may
    have been or not.

    Raises `ClosedError` from every method once the store is closed, `TypeError` and `ValueError` for arguments that can
    never be right, and another `ByteStoreError` where the store itself fails.
    """

    # Where people import it from, so that a pickle does not depend on how the package is laid out.
    __module__ = "bytestore"

    _usual = 0  # how long the values of the last `amget` were on average: before they are read nobody knows

    def __init__(  # noqa: PLR0913 all by name
        self,
        *,
        url: str = "memory:",
        name: str | None = None,
        max_bytes: int | None = None,
        max_entries: int | None = None,
        max_item_bytes: int | None = None,
        ttl: float | timedelta | None = None,
        manual_clock: bool = False,
        erase: bool = False,
    ) -> None:
        """Opens a store; without options it grows as it must, and entries stay until they are deleted.

        Args:
            url: The backend, and options as in other languages: `"memory:?max_bytes=512MiB&ttl=1h"`. The other
                arguments are written into it; none may be in both. `"snapshot:PATH"`: a new store with the options and
                entries of a file that was saved; then there are no others. A Valkey or Redis server (6.0 and later):
                `"redis://USER:PASSWORD@HOST:PORT/DATABASE"`, `"rediss://…"` through TLS,
                `"redis+unix:///PATH?db=…&user=…&pass=…"`, `"redis+cluster://HOST:PORT,HOST:PORT"` with some of a
                cluster's servers; and the same with valkey, valkeys. Its options: `namespace`, what stands before all
                keys there, percent-encoded; `ttl`; `timeout` of a call, `5s`; `retries`, 3; `batch`, keys of one
                command at most; `replicas` that must have what is written, 0. Nothing is sent before the first call.
                `"memory:?over=redis://…"`: that store, with copies here of what is read, which `max_bytes`,
                `max_entries`, `max_item_bytes` and `ttl` bound; they go when others write.
            name: All stores of one name in this process, opened in any language, are one store. The first to be opened
                says its options, later ones the same or none; the last to be closed frees it. 1 to 255 of A-Z a-z 0-9
                . _ -
            max_bytes: What all entries may take: keys, values, and beside them 40 to 72 bytes an entry, 72 to 200 for
                one of 4 KiB and more, up to 4.2 kB from 1.3 MiB on. A full store lets those go that it will probably
                miss least, one at a time; which ones is not promised.
            max_entries: How many there may be, in the same way.
            max_item_bytes: What one key, as UTF-8, and its value may have together.
            ttl: How long an entry lives when it is set without saying: seconds or a timedelta, rounded up to
                milliseconds. None and `math.inf`: for ever.
            manual_clock: Time stands still but for `advance_clock`: for tests.
            erase: Keys and values are overwritten with zeroes where the store had them, as soon as they are deleted,
                overwritten, evicted or closed and their last view is gone; those that have ended, with the next write.
                Python's own `str` and `bytes`, given or taken, are not.

        Raises:
            InvalidArgumentError: An option that is unknown, out of its range, given twice, or not what the store of
                that name has. A `ValueError`.
            TypeError: An argument of a wrong type.
            FileError, BadSnapshotError, UnsupportedError: A snapshot that cannot be loaded.
            UnsupportedError: A server, of a library that was built without its features redis or redis-tls.

        """
        if not isinstance(url, str):
            raise TypeError(f"url is str, not {type(url).__name__}")
        self._url = with_options(
            url,
            name=name,
            max_bytes=max_bytes,
            max_entries=max_entries,
            max_item_bytes=max_item_bytes,
            ttl=ttl,
            manual_clock=manual_clock,
            erase=erase,
        )
        self._handle = Handle(self._url)

    # The operations: first the plain form; what is none, and what fails, is looked at closely.

    def mget(self, keys: Iterable[str]) -> list[bytes | None]:
        """The value of every key, in order; None for a missing one."""
        items = batch(keys, "mget", KEYS)
        values = _batches.mget(self._handle.batch_id, items)
        if values is None:
            values = self._handle.mget_plain(items)
        return self._handle.mget(encode_keys(items, "mget")) if values is None else values

    def mget_views(self, keys: Iterable[str]) -> list[memoryview | None]:
        """As `mget`, without copying: every value as a read-only memoryview.

        The views stay valid and unchanged, whatever becomes of the store. The memory of all of them is kept until the
        last one has gone. For values of many KiB; small ones are copied once all the same.
        """
        items = batch(keys, "mget_views", KEYS)
        views = _batches.mget_views(self._handle.batch_id, items)
        return self._handle.mget_views(encode_keys(items, "mget_views")) if views is None else views

    def mset(self, key_value_pairs: Iterable[Pair], *, ttl: float | timedelta | None = None) -> None:
        """Sets every (key, value); of a key that comes twice, the last value stays.

        A value is anything with the buffer protocol. It is copied: changing it afterwards changes nothing here.

        `ttl` is how long these entries live: seconds or a timedelta, rounded up to milliseconds; `math.inf`: for ever;
        None: as the store's own `ttl` says. Then they are as good as deleted. Setting one again gives it a new end.

        `OverLimitError` for more than the store may hold at all: it names the pair, when it is one.
        """
        items = batch(key_value_pairs, "mset", PAIRS)
        if ttl is not None:
            self._handle.mset(*encode_pairs(items, "mset"), milliseconds(ttl, "mset: ttl"))
        elif not _batches.mset(self._handle.batch_id, items) and not self._handle.mset_plain(items):
            self._handle.mset(*encode_pairs(items, "mset"))

    def mdelete(self, keys: Iterable[str]) -> int:  # type: ignore[override]
        """Deletes the keys that are there. Returns how many those were."""
        items = batch(keys, "mdelete", KEYS)
        removed = _batches.mdelete(self._handle.batch_id, items)
        return self._handle.mdelete(encode_keys(items, "mdelete")) if removed is None else removed

    def yield_keys(self, *, prefix: str | None = None) -> Generator[str, None, None]:
        """The keys that begin with `prefix`, in insertion order.

        Sees the keys as of the first step, whoever writes meanwhile; keys deleted meanwhile may be left out.
        """
        for key in self._handle.scan(encode_prefix(prefix)):
            yield decode_key(key)

    def mget_or_compute(
        self, keys: Iterable[str], compute: _compute.Compute, *, ttl: float | timedelta | None = None
    ) -> list[bytes]:
        """The value of every key, in order; what is missing is computed, and set.

        `compute` is called once, or not at all: with a list of the missing keys, each once; it gives as many values, of
        those kinds that `mset` takes. `ttl` is as there.

        Of several threads and tasks that miss a key at the same time one computes it; the others wait, and get the
        value from it, or the exception that it raised. Nothing of an exception is kept: who asks next computes again.
        When the one is cancelled, or interrupted, one of the others computes. So it is in this store, its namespaces
        and what `copy.copy` makes of it; stores that are opened by one name compute each for itself.

        `compute` may use the store, this method too, for other keys. `InvalidArgumentError` where it asks for keys that
        it is computing itself, or where computations wait for each other in a circle; a thread that it starts and waits
        for is seen to be part of it only with its `contextvars`, which `asyncio.to_thread` hands on. The same error for
        more or fewer values than keys.
        """
        return _compute.mget_or_compute(self, keys, compute, ttl)

    # By the beginnings of keys.

    def count(self, prefix: str) -> int:
        """How many keys begin with `prefix`. It takes time by how many those are, not by how many there are."""
        return self._handle.count(encode_prefix(prefix, required=True))

    def delete_prefix(self, prefix: str) -> int:
        """Deletes all keys that begin with `prefix`, in one atomic step; `""`: all there are. Returns how many."""
        return self._handle.delete_prefix(encode_prefix(prefix, required=True))

    def page_keys(self, position: int = 0, *, prefix: str | None = None, limit: int = 1000) -> tuple[list[str], int]:
        """The next keys that begin with `prefix`, in insertion order, and the position of what comes after them.

        For who goes on later, as a web handler does: no more than `limit` keys, and fewer only where they end for now.
        0 is the beginning. A position is a number, below 2**64, of this store and its namespaces, and good for as long
        as they are, whatever is set or deleted; keys inserted meanwhile come when it is their turn.
        """
        most = natural(limit, "limit")
        keys, end = self._handle.page(encode_prefix(prefix), natural(position, "position", least=0), most)
        return [*map(decode_key, keys)], end

    def namespace(self, prefix: str) -> "Self":
        """A view of the keys that begin with `prefix`, given and taken without it: a store as this one is, of its kind.

        It has what this one has: bounds, where the prefix counts as part of the key, ttl, clock and stats. `len` counts
        its own keys. Each is closed on its own, and the memory goes with the last of them. A pickle and a deep copy
        carry its keys, as they are here, to a store of their own.
        """
        view = copy.copy(self)
        view._handle = self._handle.namespace(encode_prefix(prefix, required=True))
        return view

    # Their async forms. What callers hand over is read before anything is waited for, on the caller's own thread.

    async def amget(self, keys: Iterable[str]) -> list[bytes | None]:
        """As `mget`; many keys wait in a thread, and so do few when the values of the last call were heavy.

        Of a store on a server everything waits in a thread, here and in all that follows.
        """
        items = tuple(batch(keys, "amget", KEYS))
        slow = self._handle.is_slow(len(items), len(items) * self._usual)
        values = await in_thread(self.mget, items) if slow else self.mget(items)
        if values:
            self._usual = sum(map(len, filter(None, values))) // len(values)
        return values

    async def amset(self, key_value_pairs: Iterable[Pair], *, ttl: float | timedelta | None = None) -> None:
        """As `mset`; a large batch waits in a thread, and may be done there even when the task is cancelled.

        Values are what they are when the coroutine begins: those that can be changed are copied then.
        """
        pairs = settled(batch(key_value_pairs, "amset", PAIRS), "amset")
        mset = self.mset if ttl is None else partial(self.mset, ttl=ttl)
        if self._handle.is_slow(len(pairs), weight(pairs)):
            await in_thread(mset, pairs)
        else:
            mset(pairs)

    async def amdelete(self, keys: Iterable[str]) -> int:  # type: ignore[override]
        """As `mdelete`; many keys wait in a thread, and may be deleted there even when the task is cancelled."""
        items = tuple(batch(keys, "amdelete", KEYS))
        return await in_thread(self.mdelete, items) if self._handle.is_slow(len(items)) else self.mdelete(items)

    async def ayield_keys(self, *, prefix: str | None = None) -> AsyncGenerator[str, None]:
        """As `yield_keys`; the pages of a large store are read in a thread."""
        with self._handle.cursor(encode_prefix(prefix)) as cursor:
            slow = self._handle.is_slow_to_walk()
            while page := await in_thread(cursor.next) if slow else cursor.next():
                for key in page:
                    yield decode_key(key)

    async def amget_or_compute(
        self, keys: Iterable[str], compute: _compute.AsyncCompute, *, ttl: float | timedelta | None = None
    ) -> list[bytes]:
        """As `mget_or_compute`, with a computation that is awaited.

        Tasks of any loops and threads wait for each other, and the loops go on; a task that computes and is cancelled
        leaves it to one of those who wait. In a loop that is not of asyncio's kind each task computes for itself.
        """
        return await _compute.amget_or_compute(self, keys, compute, ttl)

    async def acount(self, prefix: str) -> int:
        """As `count`; in a large store it waits in a thread."""
        return await run(self._handle.is_slow_to_walk(), self.count, prefix)

    async def adelete_prefix(self, prefix: str) -> int:
        """As `delete_prefix`; in a large store it waits in a thread, and may be done there even when cancelled."""
        return await run(self._handle.is_slow_to_walk(), self.delete_prefix, prefix)

    async def apage_keys(
        self, position: int = 0, *, prefix: str | None = None, limit: int = 1000
    ) -> tuple[list[str], int]:
        """As `page_keys`; in a large store it waits in a thread."""
        slow = self._handle.is_slow_to_walk()
        return await run(slow, self.page_keys, position, prefix=prefix, limit=limit)

    # The rest.

    @property
    def store(self) -> StoreView:
        """The entries as a mutable mapping.

        Assigning another mapping replaces them, in two steps: who reads between them finds the store empty.
        """
        return StoreView(self)

    @store.setter
    def store(self, entries: Mapping[str, Any]) -> None:
        keys, values = encode_pairs(batch(entries.items(), "store", PAIRS), "store")
        self.store.clear()
        self._handle.mset(keys, values)

    def stats(self) -> Stats:
        """What happened since the store was opened, and what is in it: a moment's work, whatever that is.

        Of a store on a server, what was done by this object and its copies and namespaces; it does not know what is in
        it, and those numbers are 0.
        """
        return stats_of(self._handle.counters())

    def capabilities(self) -> Capabilities:
        """What the store can promise: in memory all of it. No server is asked."""
        return capabilities_of(self._handle.capabilities())

    def advance_clock(self, seconds: float | timedelta) -> None:
        """Turns the clock of a store with `manual_clock` forward: seconds or a timedelta, rounded up to milliseconds.

        For tests of programs that use `ttl`. `InvalidArgumentError` for other stores, and for going back.
        """
        self._handle.advance(milliseconds(seconds, "advance_clock: seconds", least=0))

    def close(self) -> None:
        """Frees the store's memory. Running calls end well; closing again does nothing.

        Not needed: the last reference does it too.
        """
        self._handle.close()

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
        return f"<{type(self).__name__} {_html.summary(self)}>"

    def _repr_html_(self) -> str:
        return _html.table(self)

    def __copy__(self) -> "Self":
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin
