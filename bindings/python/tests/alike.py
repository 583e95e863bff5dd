"""Runs one program on our store and on the dict version: neither what it gives nor what it leaves may differ."""

import random
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

from langchain_core.stores import InMemoryByteStore

from bytestore import ByteStore

Store: TypeAlias = ByteStore | InMemoryByteStore
T = TypeVar("T")


async def alike(program: Callable[[Store], Awaitable[T]]) -> T:
    """What the program gives, which is the same on both; so are the entries that it leaves, and their order."""
    ours, theirs = await run(program, ByteStore()), await run(program, InMemoryByteStore())
    assert ours == theirs
    return ours[0]


async def run(program: Callable[[Store], Awaitable[T]], store: Store) -> tuple[T, list[tuple[str, bytes]]]:
    random.seed(0)
    return await program(store), list(store.store.items())
