"""Computations that wait for a test, and tests that wait for those who wait. Knows no test in particular."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from bytestore import ByteStore

GIVE_UP = 60  # seconds: whoever waits so long would do so for ever


def upper(keys: list[str]) -> list[bytes]:
    return [key.upper().encode() for key in keys]


class Gate:
    """A computation that begins, and goes on only when it is told to."""

    def __init__(self, compute: Callable[[list[str]], Any] = upper) -> None:
        self.asked: list[list[str]] = []
        self._compute = compute
        self._begun, self._open = threading.Event(), threading.Event()

    def __call__(self, keys: list[str]) -> Any:
        self.asked.append(keys)
        self._begun.set()
        assert self._open.wait(GIVE_UP)
        return self._compute(keys)

    async def on_a_loop(self, keys: list[str]) -> Any:
        """The same, awaited."""
        self.asked.append(keys)
        self._begun.set()
        await until(self._open.is_set)
        return self._compute(keys)

    def wait(self) -> None:
        """Until it has begun."""
        assert self._begun.wait(GIVE_UP)

    async def begun(self) -> None:
        """The same, awaited."""
        await until(self._begun.is_set)

    def open(self) -> None:
        self._open.set()


async def until(condition: Callable[[], object]) -> None:
    """Looks at a condition that some thread will make true."""
    patience = time.monotonic() + GIVE_UP
    while not condition():
        assert time.monotonic() < patience
        await asyncio.sleep(0.001)


def waiting(store: ByteStore, key: str) -> int:
    """How many wait for a key that is being computed, on threads and loops."""
    flight = store._handle.flights.under_way.get(store._handle.prefix + key.encode())
    if flight is None:
        return 0
    future: Any = flight.over
    return len(future._condition._waiters) + len(future._done_callbacks)


def until_waiting(store: ByteStore, key: str, count: int) -> None:
    """Until as many wait for a key."""
    asyncio.run(until(lambda: waiting(store, key) == count))
