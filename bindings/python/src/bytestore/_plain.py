"""Batches in their plain form on ctypes, as the accelerator does them.

The plain form is a list or tuple of str, or of pairs of str and bytes. Whatever else may come, an error of the
library's too, is answered with None: others look closer then. So it is without a store: on a server even few keys take
long, and what failed there is not tried again.
"""

from array import array
from collections.abc import Sequence
from ctypes import byref, c_size_t
from typing import Any, TypeAlias

from ._abi import OK, brief, library
from ._marshal import unpack
from ._pinned import Pinned
from ._scratch import MOST_KEYS, ROOM, put_back, take

Packed: TypeAlias = tuple[int, bytes, "array[int]"]

# A batch of this many items lets other threads run meanwhile. Giving the interpreter's lock away costs 30 ns a call
# when nobody waits for it; with two threads the other one has to wake up. Measured beside keeping it, mget of two
# threads, 200 thousand entries of 100 B, two cores: 0.73 times the rate in batches of 64, 0.81 of 256, 1.22 of 1,024.
_MANY_ITEMS = 512
_MANY_BYTES = 1 << 18

_LENT = 4096  # from this length on the library lends values instead of copying them


def mget(store: int | None, keys: Sequence[str]) -> list[bytes | None] | None:
    """The value of every key."""
    if len(keys) == 1:
        return _mget_one(store, keys[0])
    packed = None if store is None else _pack(keys)
    if packed is None:
        return None
    count, blob, lens = packed
    scratch = take()
    try:
        if count <= MOST_KEYS and scratch.usual < _LENT and scratch.usual * count <= ROOM:
            call = (brief if count < _MANY_ITEMS else library).bytestore_mget_into
            if call(store, count, blob, lens.buffer_info()[0], scratch.area_at) != OK:
                return None
            scratch.usual = scratch.area.len // (count or 1)
            if scratch.area.len <= ROOM:
                return scratch.values(count)
        # They do not fit, or are lent by the library: copied once, from where it has them.
        found = Pinned()
        if library.bytestore_mget(store, count, blob, lens.buffer_info()[0], byref(found.buffer)) != OK:
            return None
        values = unpack(found.buffer)
        scratch.usual = sum(len(value) for value in values if value is not None) // (count or 1)
        return values
    finally:
        put_back(scratch)


def _mget_one(store: int | None, key: Any) -> list[bytes | None] | None:
    if type(key) is not str:
        return None
    try:
        blob = key.encode()
    except UnicodeEncodeError:
        return None
    scratch = take()
    try:
        scratch.key_len[0] = len(blob)
        if brief.bytestore_mget_into(store, 1, blob, scratch.key_len_at, scratch.area_at) != OK:
            return None
        return [scratch.value()] if scratch.area.len <= ROOM else None
    finally:
        put_back(scratch)


def mget_waiting(_store: int | None, _keys: Sequence[str]) -> list[bytes | None] | int | None:
    """As `mget` of a store that waits for others and is asked once: or the status of the failure. No faster here."""
    return None


def mget_views(store: int | None, keys: Sequence[str]) -> list[memoryview | None] | None:
    """The value of every key, as a view of the library's memory."""
    packed = None if store is None else _pack(keys)
    if packed is None:
        return None
    count, blob, lens = packed
    found = Pinned()
    call = (brief if count < _MANY_ITEMS else library).bytestore_mget
    if call(store, count, blob, lens.buffer_info()[0], byref(found.buffer)) != OK:
        return None
    return found.views()


def mset(store: int | None, pairs: Sequence[Any]) -> bool | None:
    """Sets every pair."""
    if store is None:
        return None
    pairs = tuple(pairs)  # as they are now, whoever may change the list
    if not _all(tuple, pairs) and not {*map(type, pairs)} <= {tuple, list}:
        return None
    try:
        packed = _pack([key for key, _ in pairs])
        values = [value for _, value in pairs]
    except ValueError:  # not two
        return None
    if packed is None or not _all(bytes, values):
        return None
    count, blob, lens = packed
    try:
        value_lens = array("I", list(map(len, values)))
    except OverflowError:
        return None
    value_blob = b"".join(values)
    call = (brief if count < _MANY_ITEMS and len(value_blob) < _MANY_BYTES else library).bytestore_mset
    status = call(store, count, blob, lens.buffer_info()[0], value_blob, value_lens.buffer_info()[0])
    return True if status == OK else None


def mset_waiting(_store: int | None, _pairs: Sequence[Any]) -> int | None:
    """As `mset` of such a store: the status."""
    return None


def mdelete(store: int | None, keys: Sequence[str]) -> int | None:
    """How many were deleted."""
    packed = None if store is None else _pack(keys)
    if packed is None:
        return None
    count, blob, lens = packed
    removed = c_size_t()
    call = (brief if count < _MANY_ITEMS else library).bytestore_mdelete
    if call(store, count, blob, lens.buffer_info()[0], byref(removed)) != OK:
        return None
    return removed.value


def _all(kind: type, items: Sequence[Any]) -> bool:
    """Whether all are of just that type."""
    return [*map(type, items)].count(kind) == len(items)


def _pack(keys: Sequence[str]) -> Packed | None:
    """How many keys there are, their UTF-8 side by side, and their lengths; None: not all are str that have one.

    What len() says of a str is not asked: a subclass may have its own. Joined with NULs the keys say it themselves.
    """
    count = len(keys)
    if not count:
        return 0, b"", array("I")
    try:
        text, joined = "".join(keys), "\0".join(keys)
        blob = text.encode()
        if 0 in blob:  # a key has a NUL of its own
            return None
        size = len(text) // count
        if len(blob) == size * count and joined[size :: size + 1] == "\0" * (count - 1):  # ASCII, all of one length
            return count, blob, array("I", (size,)) * count
        items = joined.encode().split(b"\0")
        lens = array("I", list(map(len, items)))
    except (TypeError, UnicodeEncodeError, OverflowError):
        return None
    return (count, b"".join(items), lens) if len(items) == count else None
