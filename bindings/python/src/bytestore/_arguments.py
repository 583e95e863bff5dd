"""What callers hand over, made lists of bytes before anything is done with it. Mistakes are named, with a hint."""

import os
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, TypeAlias

from ._abi import MAX_ITEM_LEN
from ._errors import InvalidArgumentError

# Whatever has the buffer protocol, an array, an mmap or a NumPy array too, and whatever has items(), a mapping or a
# store: only type checkers have names for them.
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, SupportsItems
else:
    ReadableBuffer, SupportsItems = bytes | bytearray | memoryview, Mapping

Value: TypeAlias = ReadableBuffer
Pair: TypeAlias = tuple[str, Value] | list[Any]
Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
Entries: TypeAlias = SupportsItems[str, Value] | Iterable[Pair]

KEYS = "keys"
PAIRS = "(key, value) pairs"

_VALUE = itemgetter(1)


def encode_key(key: str) -> bytes:
    """UTF-8 that round-trips every str, lone surrogates too."""
    return str.encode(key, "utf-8", "surrogatepass")


def decode_key(key: bytes) -> str:
    """The str that `encode_key` was given."""
    return key.decode("utf-8", "surrogatepass")


def batch(items: Iterable[Any], method: str, of: str) -> list[Any] | tuple[Any, ...]:
    """The items, read once if they are an iterator's; a list or tuple as it is."""
    if type(items) is list or type(items) is tuple:
        return items
    if isinstance(items, (str, bytes, bytearray)):  # iterable too, and never meant
        raise TypeError(
            f"{method} takes an iterable of {of}, not a single {type(items).__name__}: put {short(items)} into a list"
        )
    if of is PAIRS and hasattr(items, "items"):  # a mapping, or a store
        raise TypeError(f"{method} takes (key, value) pairs, not a {type(items).__name__}: pass its .items()")
    try:
        iterator = iter(items)
    except TypeError:
        raise TypeError(f"{method} takes an iterable of {of}, not {type(items).__name__} {short(items)}") from None
    return list(iterator)


def encode_keys(keys: Iterable[Any], method: str) -> list[bytes]:
    """Every key of a batch."""
    items = list(keys)
    try:
        return list(map(encode_key, items))
    except TypeError:
        index = next(i for i, key in enumerate(items) if not isinstance(key, str))
        raise _not_a_key(items[index], f"{method}: key {index} of the batch") from None


def encode_pairs(pairs: Iterable[Any], method: str) -> tuple[list[bytes], list[bytes]]:
    """The keys and the values of a batch; the values are copies."""
    keys: list[bytes] = []
    values: list[bytes] = []
    for key, value in _checked(pairs, method):
        keys.append(encode_key(key))
        values.append(value)
    return keys, values


def settled(pairs: Iterable[Any], method: str) -> tuple[tuple[Any, Any], ...]:
    """The pairs as they are now, whoever changes them afterwards: tuples, and bytes for values.

    Quick where nothing has to be copied; then a mistake may be left to whoever sets the pairs.
    """
    items = tuple(pairs)
    if {*map(type, items)} <= {tuple, list}:
        items = tuple(map(tuple, items))
        try:
            if {*map(type, map(_VALUE, items))} <= {bytes}:
                return items
        except IndexError:  # no pair
            pass
    return tuple(_checked(items, method))


def weight(pairs: Iterable[tuple[Any, bytes]]) -> int:
    """How many bytes the values of settled pairs have."""
    return sum(map(len, map(_VALUE, pairs)))


def encode_prefix(prefix: str | None, *, required: bool = False) -> bytes:
    """No prefix is the empty one, where there may be none."""
    if prefix is None and not required:
        return b""
    if not isinstance(prefix, str):
        wanted = "str" if required else "str or None"
        raise TypeError(f"prefix is {wanted}, not {type(prefix).__name__} {short(prefix)}")
    return encode_key(prefix)


def file_path(path: Path) -> str | bytes:
    """A path as the system takes it."""
    name = os.fspath(path)
    if ("\0" if isinstance(name, str) else b"\0") in name:  # type: ignore[operator]  # C would read the part before it
        raise InvalidArgumentError(f"the path {name!r} contains a NUL character")
    return name


def snapshot_bytes(snapshot: Any, method: str) -> bytes:
    """A snapshot as it is now, whoever changes it afterwards."""
    if type(snapshot) is bytes:
        return snapshot
    try:
        return memoryview(snapshot).tobytes()
    except TypeError:
        hint = ": load() reads a file" if isinstance(snapshot, (str, os.PathLike)) else ""
        raise TypeError(
            f"{method} takes bytes or another object with the buffer protocol, not {type(snapshot).__name__} "
            f"{short(snapshot)}{hint}"
        ) from None


def _checked(pairs: Iterable[Any], method: str) -> Iterator[tuple[str, bytes]]:
    """Every pair, once it is known to be one; the values are copies."""
    for index, pair in enumerate(pairs):
        key, value = unpack(pair, method, index)
        if not isinstance(key, str):
            raise _not_a_key(key, f"{method}: the key of pair {index}")
        yield key, value if type(value) is bytes else _copy(value, key, index, method)


def unpack(pair: Any, method: str, index: int) -> tuple[Any, Any]:
    """Tuples and lists; whatever else has two items will do."""
    try:
        items = tuple(pair) if not isinstance(pair, (str, bytes)) else None
    except TypeError:
        items = None
    if items is None:
        raise TypeError(f"{method}: pair {index} is {type(pair).__name__} {short(pair)}, not (key, value)")
    if len(items) != 2:  # noqa: PLR2004
        raise ValueError(f"{method}: pair {index} has length {len(items)}, not 2: (key, value)")
    return items


def _copy(value: Any, key: str, index: int, method: str) -> bytes:
    where = f"{method}: the value of key {short(key)} (pair {index})"
    try:
        view = memoryview(value)
    except TypeError:
        hint = {str: "encode it", type(None): "only a missing key gives it, and mdelete removes one"}.get(
            type(value), "make bytes of it"
        )
        raise TypeError(
            f"{where} is {type(value).__name__}, not bytes or another object with the buffer protocol: {hint}"
        ) from None
    if view.nbytes > MAX_ITEM_LEN:  # said before its bytes are copied
        raise InvalidArgumentError(f"{where} is longer than 2**32 - 1 bytes: split it")
    return view.tobytes()


def _not_a_key(key: Any, where: str) -> TypeError:
    hint = "decode it" if isinstance(key, bytes) else "make a str of it, for example with a key encoder"
    return TypeError(f"{where} is {type(key).__name__} {short(key)}, but keys are str: {hint}")
