"""A native store as Python holds it: bytes in, bytes out, one crossing a batch. Knows no str and no LangChain."""

import os
from collections.abc import Iterator, Sequence
from ctypes import byref, c_size_t, c_uint64, c_void_p, sizeof, string_at
from typing import TYPE_CHECKING, Any

from . import _abi, _batches
from ._abi import brief, library, with_errno
from ._async import is_large
from ._capabilities import is_remote
from ._cursor import Cursor
from ._errors import InvalidArgumentError, check, check_file
from ._flights import Flights
from ._marshal import address, pack, unpack
from ._options import snapshot_path, too_much, without_password
from ._pinned import Pinned

if TYPE_CHECKING:
    from typing_extensions import Self


class Handle:
    """Owns one store: closed by `close()`, else with its last reference. Any thread may call anything at any time."""

    # `batch_id` is the id for those who do not let other threads run meanwhile, and ask a second time what fails. A
    # store on a server has none for them: a call there takes long, and some of it may have been done before it failed.
    __slots__ = ("batch_id", "flights", "id", "is_remote", "prefix", "url")

    def __init__(self, url: str) -> None:
        self.id: int | None = None
        self.url = without_password(url)  # it is shown
        self.prefix = b""  # what its keys begin with in the store, where it is a view
        self.flights = Flights()
        if "\0" in url:  # C would read the part before it
            raise InvalidArgumentError(f"the url {self.url!r} contains a NUL character")
        encoded = url.encode("utf-8", "surrogatepass")
        opened, bad_part = c_void_p(), _abi.Slice()
        status = with_errno.bytestore_open(encoded, byref(opened), byref(bad_part))
        if (path := snapshot_path(url)) is not None:
            check_file(status, path)
        fault = string_at(bad_part.ptr, bad_part.len).decode("utf-8", "backslashreplace") if bad_part.ptr else ""
        where = f"the url {self.url!r}"
        check(status, f"{without_password(fault)!r} in {where}" if fault else where)
        self.id = opened.value
        self.is_remote = is_remote(self.capabilities())
        self.batch_id = None if self.is_remote else self.id

    def namespace(self, prefix: bytes) -> "Self":
        """A view of the keys with this prefix, without it."""
        view = type(self).__new__(type(self))
        view.id, view.url, view.prefix, view.flights = None, self.url, self.prefix + prefix, self.flights
        opened = c_void_p()
        self.check(library.bytestore_namespace(self.id, prefix, len(prefix), byref(opened)))
        view.id = opened.value
        view.is_remote = self.is_remote
        view.batch_id = None if view.is_remote else view.id
        return view

    def mset_plain(self, pairs: Sequence[Any]) -> bool:
        """Sets pairs of str and bytes on a server. False: it is no server, or they are something else."""
        status = _batches.mset_waiting(self.id, pairs) if self.is_remote else None
        if status is None:
            return False
        self.check(status)
        return True

    def mget_plain(self, keys: Sequence[str]) -> list[bytes | None] | None:
        """As `mget`, of str on a server. None: it is no server, or they are something else."""
        values = _batches.mget_waiting(self.id, keys) if self.is_remote else None
        if isinstance(values, int):
            self.check(values)
            return None
        return values

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
        self.check(status, too_much(self.url, [self.prefix + key for key in keys], values) if refused else "")

    def mget(self, keys: list[bytes]) -> list[bytes | None]:
        """One answer a key, None for a missing one."""
        blob, lens = pack(keys)
        found = _abi.Buffer()
        try:
            self.check(library.bytestore_mget(self.id, len(keys), blob, address(lens), byref(found)))
            return unpack(found)
        finally:
            brief.bytestore_free_buffer(byref(found))

    def mget_views(self, keys: list[bytes]) -> list[memoryview | None]:
        """As `mget`, without copying."""
        blob, lens = pack(keys)
        found = Pinned()
        self.check(library.bytestore_mget(self.id, len(keys), blob, address(lens), byref(found.buffer)))
        return found.views()

    def mdelete(self, keys: list[bytes]) -> int:
        """How many were there and are gone now."""
        blob, lens = pack(keys)
        removed = c_size_t()
        self.check(library.bytestore_mdelete(self.id, len(keys), blob, address(lens), byref(removed)))
        return removed.value

    def length(self) -> int:
        """How many entries there are."""
        length = c_size_t()
        # A view's keys are counted, and a server's: other threads run meanwhile.
        self.check((library if self.prefix or self.is_remote else brief).bytestore_len(self.id, byref(length)))
        return length.value

    def size(self) -> int:
        """How many entries the whole store has, and may have had a moment ago; known without counting.

        0 on a server, which is not asked.
        """
        entries: int = self.counters().entries
        return entries

    def is_slow(self, items: int, size: int = 0) -> bool:
        """Whether an event loop should not wait for a batch of so many items, of `size` bytes together."""
        return self.is_remote or is_large(items, size)

    def is_slow_to_walk(self) -> bool:
        """Whether an event loop should not wait for what looks at all keys."""
        return self.is_slow(self.size())

    def count(self, prefix: bytes) -> int:
        """How many keys have this prefix."""
        count = c_size_t()
        self.check(library.bytestore_count(self.id, prefix, len(prefix), byref(count)))
        return count.value

    def delete_prefix(self, prefix: bytes) -> int:
        """How many had this prefix and are gone now."""
        removed = c_size_t()
        self.check(library.bytestore_delete_prefix(self.id, prefix, len(prefix), byref(removed)))
        return removed.value

    def counters(self) -> _abi.Counters:
        """What happened, and what is there."""
        counters = _abi.Counters(size=sizeof(_abi.Counters))
        self.check(brief.bytestore_read_counters(self.id, byref(counters)))
        return counters

    def advance(self, ms: int) -> None:
        """Turns a manual clock forward."""
        status = brief.bytestore_advance_clock(self.id, ms)
        refused = status == _abi.ERR_INVALID_ARGUMENT
        self.check(status, f"{self.url!r} has the system's clock: open it with manual_clock=True" if refused else "")

    def cursor(self, prefix: bytes = b"", position: int = 0) -> Cursor:
        """The keys with this prefix, from a position on, a page at a time."""
        cursor = c_void_p()
        self.check(brief.bytestore_keys_from(self.id, prefix, len(prefix), position, byref(cursor)))
        # Where few keys have the prefix, the next page may be at the end of a long walk.
        return Cursor(cursor.value, self.check, is_slow=self.is_remote or bool(self.prefix + prefix))

    def page(self, prefix: bytes, position: int, most: int) -> tuple[list[bytes], int]:
        """So many keys with this prefix, if there are, and the position after them."""
        keys: list[bytes] = []
        with self.cursor(prefix, position) as cursor:
            if self.is_remote:  # it would begin anew with each page
                self.check(_abi.ERR_UNSUPPORTED, f"the store {self.url!r} has no positions")
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
            self.check(library.bytestore_save_buffer(self.id, level, byref(saved)))
            return unpack(saved)[0] or b""
        finally:
            brief.bytestore_free_buffer(byref(saved))

    def load(self, path: str | bytes) -> None:
        """What is in the file takes the place of all there is."""
        check_file(with_errno.bytestore_load(self.id, os.fsencode(path)), path)

    def load_bytes(self, snapshot: bytes) -> None:
        """The same, from memory."""
        self.check(library.bytestore_load_buffer(self.id, snapshot, len(snapshot)))

    def progress(self) -> tuple[int, int]:
        """How much of how much the saving or loading that is under way has done."""
        done, total = c_uint64(), c_uint64()
        self.check(brief.bytestore_progress(self.id, byref(done), byref(total)))
        return done.value, total.value

    def capabilities(self) -> int:
        """The sum of what it can promise; no server is asked."""
        capabilities = c_uint64()
        self.check(brief.bytestore_capabilities(self.id, byref(capabilities)))
        return capabilities.value

    def check(self, status: int, detail: str = "") -> None:
        """Raises what the status of a call stands for; of a server that failed, with what it said."""
        if status != _abi.OK:
            check(status, self._remote_message() if status == _abi.ERR_REMOTE_FAILURE else detail)

    def _remote_message(self) -> str:
        message = _abi.Buffer()
        try:
            if library.bytestore_remote_message(self.id, byref(message)) != _abi.OK:  # closed meanwhile, say
                return ""
            return (unpack(message)[0] or b"").decode("utf-8", "replace")
        finally:
            brief.bytestore_free_buffer(byref(message))

    def close(self) -> None:
        """Frees the store once running calls are through. Closing again does nothing."""
        status = library.bytestore_close(self.id)
        if status != _abi.ERR_CLOSED_HANDLE:
            self.check(status)

    # As the process ends a module's names may be gone before the last of its objects.
    def __del__(self, _close: Any = library.bytestore_close) -> None:
        _close(self.id)
