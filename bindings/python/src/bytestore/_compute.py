"""`mget_or_compute` and its async form: a store's own methods around `_flights`. Knows str keys, and no threads."""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, TypeAlias

from ._arguments import KEYS, Value, batch, encode_key, settled
from ._errors import InvalidArgumentError
from ._flights import acompute_once, compute_once
from ._options import milliseconds

if TYPE_CHECKING:
    from ._store import ByteStore

Compute: TypeAlias = Callable[[list[str]], Iterable[Value]]
AsyncCompute: TypeAlias = Callable[[list[str]], Awaitable[Iterable[Value]]]
Duration: TypeAlias = float | timedelta | None


def mget_or_compute(store: "ByteStore", keys: Iterable[str], compute: Compute, ttl: Duration) -> list[bytes]:
    """The values of the keys, those that are missing computed."""
    call = _Call(store, "mget_or_compute", keys, compute, ttl)

    def compute_and_set(asked: list[str]) -> list[bytes]:
        pairs = call.pairs(asked, compute(list(asked)))
        store.mset(pairs, **call.ends)
        return [value for _, value in pairs]

    values = store.mget(call.keys)
    missing = call.missing(values)
    return call.answer(values, compute_once(call.flights, missing, call.seen, store.mget, compute_and_set))


async def amget_or_compute(
    store: "ByteStore", keys: Iterable[str], compute: AsyncCompute, ttl: Duration
) -> list[bytes]:
    """As `mget_or_compute`, with a computation that is awaited."""
    call = _Call(store, "amget_or_compute", keys, compute, ttl)

    async def compute_and_set(asked: list[str]) -> list[bytes]:
        values = compute(list(asked))
        if not inspect.isawaitable(values):
            raise TypeError("amget_or_compute: the computation is not async: use mget_or_compute")
        pairs = call.pairs(asked, await values)
        await store.amset(pairs, **call.ends)
        return [value for _, value in pairs]

    values = await store.amget(call.keys)
    missing = call.missing(values)
    return call.answer(values, await acompute_once(call.flights, missing, call.seen, store.amget, compute_and_set))


class _Call:
    """What a call was given, and how it hands on what it gets. What is wrong is so whether a key is missing or not."""

    def __init__(self, store: "ByteStore", method: str, keys: Iterable[str], compute: Any, ttl: Duration) -> None:
        self.method = method
        self.keys = tuple(batch(keys, method, KEYS))
        if not callable(compute):
            raise TypeError(f"{method} takes a function that computes values, not {type(compute).__name__}")
        self.ends: dict[str, Any] = {}  # no ttl is not passed on: a subclass may have an mset without it
        if ttl is not None:
            milliseconds(ttl, f"{method}: ttl")
            self.ends["ttl"] = ttl
        self.flights = store._handle.flights
        self.seen = self.flights.landed
        self._prefix = store._handle.prefix
        self._names: list[bytes | None] = []  # of those that are missing: where the store has them

    def missing(self, values: list[bytes | None]) -> dict[bytes, str]:
        """Each key without a value, once, by its name."""
        if None not in values:
            return {}
        self._names = [
            self._prefix + encode_key(key) if value is None else None
            for key, value in zip(self.keys, values, strict=True)
        ]
        return {name: key for name, key in zip(self._names, self.keys, strict=True) if name is not None}

    def pairs(self, keys: list[str], values: Any) -> tuple[tuple[str, bytes], ...]:
        """The keys and what the computation gave for them; its mistakes are named."""
        if inspect.isawaitable(values):
            if inspect.iscoroutine(values):
                values.close()  # nobody will await it, and Python would warn of that
            raise TypeError(f"{self.method}: the computation is async: await amget_or_compute")
        if isinstance(values, (str, bytes, bytearray, memoryview, Mapping)) or not isinstance(values, Iterable):
            raise TypeError(
                f"{self.method}: the computation gave {type(values).__name__} {short(values)}, not a list of values, "
                "one for each key that it was given"
            )
        items = list(values)
        if len(items) != len(keys):
            raise InvalidArgumentError(f"{self.method}: the computation gave {len(items)} values for {len(keys)} keys")
        return settled(zip(keys, items, strict=True), self.method)

    def answer(self, values: list[bytes | None], computed: Mapping[bytes, bytes]) -> list[bytes]:
        """The values of all keys."""
        if not computed:
            return values  # type: ignore[return-value] # none of them is missing
        return [
            computed[name] if name is not None else value  # type: ignore[misc] # as above
            for name, value in zip(self._names, values, strict=True)
        ]
