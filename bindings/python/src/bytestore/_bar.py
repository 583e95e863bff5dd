"""A bar that shows how far a call is which another thread does meanwhile. Knows tqdm, no store."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar

from ._errors import ClosedError

R = TypeVar("R")

_INTERVAL = 0.05  # seconds


def with_bar(call: Callable[[], R], progress: Callable[[], tuple[int, int]], **looks: Any) -> R:
    """The result of the call. What has begun comes to its end, an interrupt waits for it."""
    try:
        tqdm = import_module("tqdm.auto").tqdm  # only who wants a bar needs it
    except ModuleNotFoundError as error:
        if error.name != "tqdm":  # it is there, but broken
            raise
        raise ImportError("progress=True needs tqdm: pip install 'bytestore[tqdm]'") from error
    with ThreadPoolExecutor(1) as thread, tqdm(**looks) as bar:
        running = thread.submit(call)
        while not wait([running], _INTERVAL).done:
            with suppress(ClosedError):  # the call itself goes on
                done, total = progress()
                if total:  # it has begun, and is not over yet
                    bar.total = total
                    bar.update(done - bar.n)
        result = running.result()
        bar.update(bar.total - bar.n)
    return result
