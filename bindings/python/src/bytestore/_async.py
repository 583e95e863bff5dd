"""Where an async method does its work: at once while that is cheaper than the way to a thread and back."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

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
    if not has_loop():
        return call(*args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(None, lambda: call(*args, **kwargs))


async def until_done(future: "Future[R]") -> R:
    """The result of a thread's future, which must be one that cannot be cancelled."""
    return await asyncio.wrap_future(future) if has_loop() else future.result()


def has_loop() -> bool:
    """Whether an event loop of asyncio's kind runs here; in others, which nobody knows, all is done at once."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
