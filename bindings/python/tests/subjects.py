"""What a conformance case is run against: the layer below str keys, `ByteStore`, and its async forms. Knows no step."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from math import inf
from typing import Any, Protocol

from bytestore import ByteStore, _abi
from bytestore._arguments import decode_key, encode_key
from bytestore._flights import compute_once
from bytestore._handle import Handle
from cases import equal

DEFAULT = -1  # for a ttl: the store's own

Compute = Callable[[list[bytes]], list[bytes]]


class Subject(Protocol):
    """What a case is run against."""

    def mset(self, keys: list[bytes], values: list[Any], ttl_ms: int | None = DEFAULT) -> None: ...
    def mget(self, keys: list[bytes]) -> list[bytes | None]: ...
    def mdelete(self, keys: list[bytes]) -> int: ...
    def length(self) -> int: ...
    def scan(self, prefix: bytes = b"") -> Iterator[bytes]: ...
    def count(self, prefix: bytes) -> int: ...
    def delete_prefix(self, prefix: bytes) -> int: ...
    def page(self, prefix: bytes, position: int, most: int) -> tuple[list[bytes], int]: ...
    def namespace(self, prefix: bytes) -> "Subject": ...
    def compute(self, keys: list[bytes], compute: Compute, ttl_ms: int | None) -> list[bytes]: ...
    def counted(self) -> Mapping[str, int | None]: ...
    def advance(self, ms: int) -> None: ...
    def save(self, path: str) -> None: ...
    def save_bytes(self) -> bytes: ...
    def load(self, path: str) -> None: ...
    def load_bytes(self, snapshot: bytes) -> None: ...
    def close(self) -> None: ...


class Bytes(Handle):
    """The layer below str keys: it alone can be asked for every key there is."""

    def mset(self, keys: list[bytes], values: list[Any], ttl_ms: int | None = DEFAULT) -> None:
        end = {DEFAULT: None, None: _abi.NO_TTL}.get(ttl_ms, ttl_ms)
        super().mset(keys, [bytes(value) for value in values], end)

    def compute(self, keys: list[bytes], compute: Compute, ttl_ms: int | None) -> list[bytes]:
        def compute_and_set(missing: list[bytes]) -> list[bytes]:
            computed = compute(missing)
            equal(len(computed), len(missing))
            self.mset(missing, computed, ttl_ms)
            return computed

        seen, values = self.flights.landed, self.mget(keys)
        missing = {self.prefix + key: key for key, value in zip(keys, values, strict=True) if value is None}
        computed = compute_once(self.flights, missing, seen, self.mget, compute_and_set)
        return [computed[self.prefix + k] if v is None else v for k, v in zip(keys, values, strict=True)]

    def counted(self) -> Mapping[str, int | None]:
        counters = self.counters()
        return {name: getattr(counters, name) for name, _ in counters._fields_[1:]}  # all but the size


class Public:
    """`ByteStore` itself; a key that is no str's encoding raises UnicodeDecodeError."""

    def __init__(self, url: str) -> None:
        self.store = ByteStore(url=url)

    def close(self) -> None:
        self.store.close()

    def mset(self, keys: list[bytes], values: list[Any], ttl_ms: int | None = DEFAULT) -> None:
        self.store.mset(zip(map(decode_key, keys), values, strict=True), **duration(ttl_ms))

    def mget(self, keys: list[bytes]) -> list[bytes | None]:
        return self.store.mget(map(decode_key, keys))

    def mdelete(self, keys: list[bytes]) -> int:
        return self.store.mdelete(map(decode_key, keys))

    def length(self) -> int:
        return len(self.store)

    def scan(self, prefix: bytes = b"") -> Iterator[bytes]:
        return map(encode_key, self.store.yield_keys(prefix=decode_key(prefix)))

    def count(self, prefix: bytes) -> int:
        return self.store.count(decode_key(prefix))

    def delete_prefix(self, prefix: bytes) -> int:
        return self.store.delete_prefix(decode_key(prefix))

    def page(self, prefix: bytes, position: int, most: int) -> tuple[list[bytes], int]:
        keys, end = self.store.page_keys(position, prefix=decode_key(prefix), limit=most)
        return [*map(encode_key, keys)], end

    def namespace(self, prefix: bytes) -> Subject:
        view = type(self).__new__(type(self))
        view.store = self.store.namespace(decode_key(prefix))
        return view

    def compute(self, keys: list[bytes], compute: Compute, ttl_ms: int | None) -> list[bytes]:
        def encoded(missing: list[str]) -> list[bytes]:
            return compute([*map(encode_key, missing)])

        return self.store.mget_or_compute(map(decode_key, keys), encoded, **duration(ttl_ms))

    def counted(self) -> Mapping[str, int | None]:
        return dataclasses.asdict(self.store.stats())

    def advance(self, ms: int) -> None:
        self.store.advance_clock(timedelta(milliseconds=ms))

    def save(self, path: str) -> None:
        self.store.save(path)

    def save_bytes(self) -> bytes:
        return self.store.save_bytes()

    def load(self, path: str) -> None:
        self.store.load(path)

    def load_bytes(self, snapshot: bytes) -> None:
        self.store.load_bytes(snapshot)


class Async(Public):
    """The same through the a-methods, as far as they have others than `Public` calls."""

    def count(self, prefix: bytes) -> int:
        return asyncio.run(self.store.acount(decode_key(prefix)))

    def delete_prefix(self, prefix: bytes) -> int:
        return asyncio.run(self.store.adelete_prefix(decode_key(prefix)))

    def page(self, prefix: bytes, position: int, most: int) -> tuple[list[bytes], int]:
        keys, end = asyncio.run(self.store.apage_keys(position, prefix=decode_key(prefix), limit=most))
        return [*map(encode_key, keys)], end

    def save(self, path: str) -> None:
        asyncio.run(self.store.asave(path))

    def save_bytes(self) -> bytes:
        return asyncio.run(self.store.asave_bytes())

    def load(self, path: str) -> None:
        asyncio.run(self.store.aload(path))

    def load_bytes(self, snapshot: bytes) -> None:
        asyncio.run(self.store.aload_bytes(snapshot))

    def compute(self, keys: list[bytes], compute: Compute, ttl_ms: int | None) -> list[bytes]:
        async def encoded(missing: list[str]) -> list[bytes]:
            await asyncio.sleep(0)
            return compute([*map(encode_key, missing)])

        return asyncio.run(self.store.amget_or_compute(map(decode_key, keys), encoded, **duration(ttl_ms)))


def duration(ttl_ms: int | None) -> dict[str, Any]:
    """A case's ttl as an argument."""
    if ttl_ms == DEFAULT:
        return {}
    return {"ttl": inf if ttl_ms is None else timedelta(milliseconds=ttl_ms)}
