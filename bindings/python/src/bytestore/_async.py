"""Where an async method does its work: at once while that is cheaper than the way to a thread and back."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# About where a batch takes longer than handing it to a thread does.
_MANY_ITEMS = 512
_MANY_BYTES = 1 << 18


def is_large(items: int, size: int = 0) -> bool:
    """Whether an event loop should not wait for so many items, of `size` bytes together."""
    return items >= _MANY_ITEMS or size >= _MANY_BYTES


async def run(large: bool, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of the call, at once unless it is large."""
    return await in_thread(call, *args, **kwargs) if large else call(*args, **kwargs)


async def in_thread(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of the call. A task that is cancelled no longer waits for it: it is done whole, or never begun."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # an event loop that is not asyncio's
        return call(*args, **kwargs)
    return await loop.run_in_executor(None, lambda: call(*args, **kwargs))
