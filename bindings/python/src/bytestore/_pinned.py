"""Views of a result's memory, which is kept until the last of them has gone. Knows no store."""

from ctypes import Array, byref, c_char
from functools import lru_cache
from typing import Any

from ._abi import Buffer, brief
from ._marshal import slices


class Pinned:
    """Owns a result; freed with its last reference."""

    __slots__ = ("buffer",)

    def __init__(self) -> None:
        self.buffer = Buffer()

    def views(self) -> list[memoryview | None]:
        """One view a value, read only; None for a missing one."""
        pointers, lens = slices(self.buffer)
        if not self.buffer.data:  # each value lies somewhere else
            return [self._view(at, size) if at else None for at, size in zip(pointers, lens, strict=True)]
        start = self.buffer.data
        view = self._view(start, self.buffer.data_len)
        return [view[at - start : at - start + size] if at else None for at, size in zip(pointers, lens, strict=True)]

    def _view(self, at: int, size: int) -> memoryview:
        memory: Any = _bytes(size).from_address(at)
        memory.owner = self  # the view keeps the array, the array keeps this
        return memoryview(memory).cast("B").toreadonly()

    def __del__(self, _free: Any = brief.bytestore_free_buffer, _at: Any = byref) -> None:  # as of a handle
        _free(_at(self.buffer))


@lru_cache(maxsize=1024)  # a type is dear to make
def _bytes(size: int) -> type[Array[c_char]]:
    return type("Bytes", (c_char * size,), {"__hash__": object.__hash__})  # without it a view would have no hash
