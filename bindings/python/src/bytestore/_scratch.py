"""Memory of one mget, used again by the next, so that nothing is allocated but the answer. Knows no store."""

import io
from array import array
from collections import deque
from ctypes import addressof, c_char
from functools import lru_cache
from struct import Struct

from ._abi import Area

ROOM = 1 << 18  # bytes of values: a part of the second-level cache
MOST_KEYS = 1024

_LEN = array("q").itemsize


class _Memory(io.BytesIO):
    """Ends quietly with the interpreter, though its memory is still lent then."""

    __slots__ = ()

    def close(self) -> None:
        pass


class Scratch:
    """What the library writes values and lengths to, seen from both sides."""

    __slots__ = ("_bytes", "_lens", "_lens_bytes", "_stream", "area", "area_at", "key_len", "key_len_at", "usual")

    def __init__(self) -> None:
        self._lens = array("q", bytes(MOST_KEYS * _LEN))  # signed: a missing value has -1
        self._lens_bytes = memoryview(self._lens).cast("B")
        self._stream = _Memory(bytes(ROOM))
        self._bytes = self._stream.getbuffer()  # while this lives the stream's memory stays where it is
        self.area = Area(addressof(c_char.from_buffer(self._bytes)), ROOM, self._lens.buffer_info()[0], 0)
        self.area_at = addressof(self.area)
        self.key_len = array("I", (0,))  # of a single key
        self.key_len_at = self.key_len.buffer_info()[0]
        self.usual = 0  # how long the values of the last answer were on average

    def value(self) -> bytes | None:
        """The answer to a single key."""
        size = self._lens[0]
        return None if size < 0 else self._bytes[:size].tobytes()

    def values(self, count: int) -> list[bytes | None]:
        """The answers to as many keys."""
        lens = self._lens_bytes[: count * _LEN].tobytes()
        size = self._lens[0]
        if size >= 0 and lens == lens[:_LEN] * count:  # all of one length, as embeddings are
            return list(_layout(size, count).unpack_from(self._bytes))
        self._stream.seek(0)
        read = self._stream.read
        return [read(size) if size >= 0 else None for size in self._lens[:count]]


@lru_cache(maxsize=64)
def _layout(size: int, count: int) -> Struct:
    return Struct(f"{size}s" * count)


# A call takes one and puts it back: whatever may run in between, another call on the same thread too, takes another.
_idle: "deque[Scratch]" = deque(maxlen=16)


def take() -> Scratch:
    """Memory that is nobody else's until it is put back."""
    try:
        return _idle.pop()
    except IndexError:
        return Scratch()


put_back = _idle.append
