"""Lists of bytes on their way to the library and back: one blob and its lengths. Knows no str, no store."""

from array import array
from ctypes import c_char, sizeof, string_at

from ._abi import MAX_ITEM_LEN, Buffer, Slice
from ._errors import InvalidArgumentError

# Up to here `string_at` is safe on every Python: older ones count in C ints.
_LONGEST_STRING_AT = 2**31 - 1


def pack(items: list[bytes]) -> tuple[bytes, "array[int]"]:
    """The items side by side, and their lengths."""
    try:
        lens = array("I", map(len, items))
    except OverflowError:
        index = next(i for i, item in enumerate(items) if len(item) > MAX_ITEM_LEN)
        raise InvalidArgumentError(f"item {index} of the batch: a key or value has at most 2**32 - 1 bytes") from None
    return b"".join(items), lens


def address(lens: "array[int]") -> int:
    """Where the lengths are; NULL when there are none."""
    return lens.buffer_info()[0]


def slices(buffer: Buffer) -> tuple[list[int], list[int]]:
    """The pointers and the lengths of a result; a missing item's pointer is 0."""
    # All in one step: a struct's fields are dear one by one.
    words = _copy(buffer.slices, buffer.count * sizeof(Slice)) if buffer.count else b""
    flat = memoryview(words).cast("Q").tolist()
    return flat[::2], flat[1::2]


def unpack(buffer: Buffer) -> list[bytes | None]:
    """Copies a result out, missing items as None. The buffer stays the caller's to free."""
    pointers, lens = slices(buffer)
    if not buffer.data:  # large values, which are not copied side by side
        return [_copy(at, size) if at else None for at, size in zip(pointers, lens, strict=True)]
    blob = _copy(buffer.data, buffer.data_len)
    items: list[bytes | None] = []
    start = 0
    for at, size in zip(pointers, lens, strict=True):
        end = start + size
        items.append(blob[start:end] if at else None)
        start = end
    return items


def _copy(at: int, size: int) -> bytes:
    if size <= _LONGEST_STRING_AT:
        return string_at(at, size)
    return bytes((c_char * size).from_address(at))
