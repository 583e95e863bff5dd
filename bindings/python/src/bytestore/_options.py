"""How a store is made and how long entries live, as Python says it and as URLs and the C ABI do. Knows no store."""

import re
from datetime import timedelta
from math import ceil
from operator import index
from reprlib import repr as short
from typing import Any

from ._abi import NO_TTL
from ._errors import InvalidArgumentError

_MILLISECOND = timedelta(milliseconds=1)

# Units of the URL's bytes; "", "B", "KiB", "KB", …
_SIZES: dict[str, int] = {"": 1, "B": 1} | {
    letter + unit: base**power for power, letter in enumerate("KMGT", 1) for unit, base in (("iB", 1024), ("B", 1000))
}


def with_options(  # noqa: PLR0913 one for each option
    url: str,
    *,
    max_bytes: int | None,
    max_entries: int | None,
    max_item_bytes: int | None,
    ttl: float | timedelta | None,
    manual_clock: bool,
) -> str:
    """The URL with these options in it too; what stands there already is left for the library to judge."""
    bounds = {"max_bytes": max_bytes, "max_entries": max_entries, "max_item_bytes": max_item_bytes}
    options: dict[str, Any] = {name: _natural(bound, name) for name, bound in bounds.items() if bound is not None}
    if ttl is not None:
        options["ttl"] = f"{end}ms" if (end := milliseconds(ttl, "ttl")) < NO_TTL else None
    if not isinstance(manual_clock, bool):
        raise TypeError(f"manual_clock is True or False, not {type(manual_clock).__name__} {short(manual_clock)}")
    if manual_clock:
        options["clock"] = "manual"
    there = _options(url)
    for name in options:
        if name in there:
            raise InvalidArgumentError(f"{name} is an argument, and stands in the url {url!r} too: give it once")
    query = "&".join(f"{name}={value}" for name, value in options.items() if value is not None)
    if not query:
        return url
    return url + ("?" if "?" not in url else "" if url[-1] in "?&" else "&") + query


def milliseconds(duration: Any, what: str, least: int = 1) -> int:
    """Seconds or a timedelta, rounded up; `NO_TTL` for those that never end."""
    if isinstance(duration, timedelta):
        whole = -(-duration // _MILLISECOND)
    elif isinstance(duration, bool) or not isinstance(duration, (int, float)):
        raise TypeError(
            f"{what} is seconds, a datetime.timedelta or math.inf, not {type(duration).__name__} {short(duration)}"
        )
    elif not duration >= 0:  # nor is NaN
        whole = -1
    elif duration >= NO_TTL / 1000:
        return NO_TTL
    else:
        # 1.1 is meant, not the float's last digit, which might make a millisecond more.
        whole = -(-round(duration * 10**9) // 10**6) or ceil(duration)
    if whole < least:
        hint = "not be negative" if least == 0 else "be above 0; math.inf is for ever, mdelete ends an entry now"
        raise InvalidArgumentError(f"{what} is {short(duration)}: it must {hint}")
    return whole


def too_much(url: str, keys: list[bytes], values: list[bytes]) -> str:
    """What of a batch is more than the store may hold: the pair that is so alone, if there is one."""
    limits = {name: _size(value) for name, value in _options(url).items() if name in {"max_bytes", "max_item_bytes"}}
    name = min(limits, key=limits.__getitem__, default="")
    sizes = [len(key) + len(value) for key, value in zip(keys, values, strict=True)]
    for number, (key, size) in enumerate(zip(keys, sizes, strict=True)):
        if name and size > limits[name]:
            shown = short(key.decode("utf-8", "backslashreplace"))
            return f"key {shown} (pair {number}) and its value have {size} bytes, {name} is {limits[name]}"
    return f"{len(keys)} pairs of {sum(sizes)} bytes in one batch, the store is {url!r}"


def _natural(value: Any, name: str) -> int:
    try:
        number: int | None = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} is a whole number or None, not {type(value).__name__} {short(value)}")
    if not 0 < number < NO_TTL:
        raise InvalidArgumentError(f"{name} is {number}: it must be above 0 and below 2**64 - 1; None is no bound")
    return number


def _options(url: str) -> dict[str, str]:
    """The options of a URL, as text."""
    parts = url.partition("?")[2].split("&")
    return {name: value for name, _, value in (part.partition("=") for part in parts) if name}


def _size(text: str) -> int:
    """A number of bytes, with its unit; in the URL of an open store it is right."""
    number, unit = re.fullmatch(r"(\d+)(\w*)", text).groups()  # type: ignore[union-attr]
    return int(number) * _SIZES[unit]
