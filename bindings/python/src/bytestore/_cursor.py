"""A native key cursor as Python holds it. Knows pages of bytes, not what they are keys of."""

from collections.abc import Callable
from ctypes import byref, c_uint64
from typing import TYPE_CHECKING, Any, cast

from . import _abi
from ._abi import brief, library
from ._marshal import unpack

if TYPE_CHECKING:
    from typing_extensions import Self

_PAGE = 0  # the library's own page size


class Cursor:
    """Owns one cursor: closed when its `with` block is left, else with its last reference. Outlives its store."""

    __slots__ = ("_check", "_id", "_next")

    def __init__(self, cursor_id: int | None, check: Callable[[int], None], *, is_slow: bool) -> None:
        """Takes the cursor over; `check` raises what a status stands for, as its store does."""
        self._id = cursor_id
        self._check = check
        self._next = (library if is_slow else brief).bytestore_cursor_next  # other threads run meanwhile

    def next(self, most: int = _PAGE) -> list[bytes]:
        """The next keys, no more than that many; none left when empty."""
        page = _abi.Buffer()
        try:
            self._check(self._next(self._id, most, byref(page)))
            return cast("list[bytes]", unpack(page))  # a page has no missing items
        finally:
            brief.bytestore_free_buffer(byref(page))

    def position(self) -> int:
        """Where the next page begins."""
        position = c_uint64()
        self._check(brief.bytestore_cursor_position(self._id, byref(position)))
        return position.value

    def __enter__(self) -> "Self":
        return self

    # As the process ends a module's names may be gone before the last of its objects.
    def __exit__(self, *_: object, _close: Any = brief.bytestore_cursor_close) -> None:
        _close(self._id)

    def __del__(self, _close: Any = brief.bytestore_cursor_close) -> None:
        _close(self._id)
