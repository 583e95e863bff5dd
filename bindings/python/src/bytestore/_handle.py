"""A native store as Python holds it: bytes in, bytes out, one crossing a batch. Knows no str and no LangChain."""

import os
from collections.abc import Iterator
from ctypes import byref, c_size_t, c_uint64, c_void_p, sizeof, string_at
from typing import TYPE_CHECKING, Any

from . import _abi
from ._abi import brief, library, with_errno
from ._cursor import Cursor
from ._errors import InvalidArgumentError, check, check_file
from ._flights import Flights
from ._marshal import address, pack, unpack
from ._options import snapshot_path, too_much
from ._pinned import Pinned

if TYPE_CHECKING:
    from typing_extensions import Self


class Handle:
    """Owns one store: closed by `close()`, else with its last reference. Any thread may call anything at any time."""

    __slots__ = ("flights", "id", "prefix", "url")

    def __init__(self, url: str) -> None:
        self.id: int | None = None
        self.url = url
        self.prefix = b""  # what its keys begin with in the store, where it is a view
        self.flights = Flights()
        if "\0" in url:  # C would read the part before it
            raise InvalidArgumentError(f"the url {url!r} contains a NUL character")
        encoded = url.encode("utf-8", "surrogatepass")
        opened, bad_part = c_void_p(), _abi.Slice()
        status = with_errno.bytestore_open(encoded, byref(opened), byref(bad_part))
        if (path := snapshot_path(url)) is not None:
            check_file(status, path)
        fault = string_at(bad_part.ptr, bad_part.len).decode("utf-8", "backslashreplace") if bad_part.ptr else ""
        check(status, f"{fault!r} in the url {url!r}" if fault else f"the url {url!r}")
        self.id = opened.value

    def namespace(self, prefix: bytes) -> "Self":
        """A view of the keys with this prefix, without it."""
        view = type(self).__new__(type(self))
        view.id, view.url, view.prefix, view.flights = None, self.url, self.prefix + prefix, self.flights
        opened = c_void_p()
        check(library.bytestore_namespace(self.id, prefix, len(prefix), byref(opened)))
        view.id = opened.value
        return view

    def mset(self, keys: list[bytes], values: list[bytes], ttl_ms: int | None = None) -> None:
        """Sets as many values as keys, to live for that long; None: for as long as the store says."""
        key_blob, key_lens = pack(keys)
        value_blob, value_lens = pack(values)
        arguments = self.id, len(keys), key_blob, address(key_lens), value_blob, address(value_lens)
        if ttl_ms is None:
            status = library.bytestore_mset(*arguments)
        else:
            status = library.bytestore_mset_ttl(*arguments, ttl_ms)
        refused = status == _abi.ERR_OVER_LIMIT
        check(status, too_much(self.url, [self.prefix + key for key in keys], values) if refused else "")

    def mget(self, keys: list[bytes]) -> list[bytes | None]:
        """One answer a key, None for a missing one."""
        blob, lens = pack(keys)
        found = _abi.Buffer()
        try:
            check(library.bytestore_mget(self.id, len(keys), blob, address(lens), byref(found)))
            return unpack(found)
        finally:
            brief.bytestore_free_buffer(byref(found))

    def mget_views(self, keys: list[bytes]) -> list[memoryview | None]:
        """As `mget`, without copying."""
        blob, lens = pack(keys)
        found = Pinned()
        check(library.bytestore_mget(self.id, len(keys), blob, address(lens), byref(found.buffer)))
        return found.views()

    def mdelete(self, keys: list[bytes]) -> int:
        """How many were there and are gone now."""
        blob, lens = pack(keys)
        removed = c_size_t()
        check(library.bytestore_mdelete(self.id, len(keys), blob, address(lens), byref(removed)))
        return removed.value

    def length(self) -> int:
        """How many entries there are."""
        length = c_size_t()
        # A view's keys are counted: other threads run meanwhile.
        check((library if self.prefix else brief).bytestore_len(self.id, byref(length)))
        return length.value

    def size(self) -> int:
        """How many entries the whole store has, and may have had a moment ago; known without counting."""
        entries: int = self.counters().entries
        return entries

    def count(self, prefix: bytes) -> int:
        """How many keys have this prefix."""
        count = c_size_t()
        check(library.bytestore_count(self.id, prefix, len(prefix), byref(count)))
        return count.value

    def delete_prefix(self, prefix: bytes) -> int:
        """How many had this prefix and are gone now."""
        removed = c_size_t()
        check(library.bytestore_delete_prefix(self.id, prefix, len(prefix), byref(removed)))
        return removed.value

    def counters(self) -> _abi.Counters:
        """What happened, and what is there."""
        counters = _abi.Counters(size=sizeof(_abi.Counters))
        check(brief.bytestore_read_counters(self.id, byref(counters)))
        return counters

    def advance(self, ms: int) -> None:
        """Turns a manual clock forward."""
        status = brief.bytestore_advance_clock(self.id, ms)
        refused = status == _abi.ERR_INVALID_ARGUMENT
        check(status, f"{self.url!r} has the system's clock: open it with manual_clock=True" if refused else "")

    def cursor(self, prefix: bytes = b"", position: int = 0) -> Cursor:
        """The keys with this prefix, from a position on, a page at a time."""
        cursor = c_void_p()
        check(brief.bytestore_keys_from(self.id, prefix, len(prefix), position, byref(cursor)))
        return Cursor(cursor.value, selects=bool(self.prefix + prefix))

    def page(self, prefix: bytes, position: int, most: int) -> tuple[list[bytes], int]:
        """So many keys with this prefix, if there are, and the position after them."""
        keys: list[bytes] = []
        with self.cursor(prefix, position) as cursor:
            while len(keys) < most and (page := cursor.next(most - len(keys))):
                keys += page
            return keys, cursor.position()

    def scan(self, prefix: bytes = b"") -> Iterator[bytes]:
        """The keys with this prefix, one by one; nothing runs before the first step."""
        with self.cursor(prefix) as cursor:
            while page := cursor.next():
                yield from page

    def save(self, path: str | bytes, level: int = 0) -> None:
        """Writes all there is at one moment to a file."""
        check_file(with_errno.bytestore_save(self.id, os.fsencode(path), level), path)

    def save_bytes(self, level: int = 0) -> bytes:
        """The bytes of such a file."""
        saved = _abi.Buffer()
        try:
            check(library.bytestore_save_buffer(self.id, level, byref(saved)))
            return unpack(saved)[0] or b""
        finally:
            brief.bytestore_free_buffer(byref(saved))

    def load(self, path: str | bytes) -> None:
        """What is in the file takes the place of all there is."""
        check_file(with_errno.bytestore_load(self.id, os.fsencode(path)), path)

    def load_bytes(self, snapshot: bytes) -> None:
        """The same, from memory."""
        check(library.bytestore_load_buffer(self.id, snapshot, len(snapshot)))

    def progress(self) -> tuple[int, int]:
        """How much of how much the saving or loading that is under way has done."""
        done, total = c_uint64(), c_uint64()
        check(brief.bytestore_progress(self.id, byref(done), byref(total)))
        return done.value, total.value

    def close(self) -> None:
        """Frees the store once running calls are through. Closing again does nothing."""
        status = library.bytestore_close(self.id)
        if status != _abi.ERR_CLOSED_HANDLE:
            check(status)

    # As the process ends a module's names may be gone before the last of its objects.
    def __del__(self, _close: Any = library.bytestore_close) -> None:
        _close(self.id)
