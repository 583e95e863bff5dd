"""How a store is made and how long entries live, as Python says it and as URLs and the C ABI do. Knows no store."""

import re
from datetime import timedelta
from math import ceil
from operator import index
from reprlib import repr as short
from typing import Any

from ._abi import NO_TTL
from ._errors import InvalidArgumentError

_SNAPSHOT = "snapshot:"
# What stands between the user and the last "@", and a socket's option.
_PASSWORD = re.compile(r"((?:^|://)[^:@/?&=]*:)(?!//).*(?=@)|((?:^|[?&])pass=)[^&]*", re.DOTALL)
_OVER = re.compile(r"(?<=[?&])over=")
_MILLISECOND = timedelta(milliseconds=1)
_HIGHEST_LEVEL = 22

# Units of the URL's bytes; "", "B", "KiB", "KB", …
_SIZES: dict[str, int] = {"": 1, "B": 1} | {
    letter + unit: base**power for power, letter in enumerate("KMGT", 1) for unit, base in (("iB", 1024), ("B", 1000))
}


def with_options(  # noqa: PLR0913 one for each option
    url: str,
    *,
    name: str | None,
    max_bytes: int | None,
    max_entries: int | None,
    max_item_bytes: int | None,
    ttl: float | timedelta | None,
    manual_clock: bool,
    erase: bool,
) -> str:
    """The URL with these options in it too; what stands there already is left for the library to judge."""
    bounds = {"max_bytes": max_bytes, "max_entries": max_entries, "max_item_bytes": max_item_bytes}
    options: dict[str, Any] = {
        each: natural(bound, each, optional=True) for each, bound in bounds.items() if bound is not None
    }
    if ttl is not None:
        options["ttl"] = f"{end}ms" if (end := milliseconds(ttl, "ttl")) < NO_TTL else None
    for switch, on, (option, value) in (
        ("manual_clock", manual_clock, ("clock", "manual")),
        ("erase", erase, ("erase", "true")),
    ):
        if not isinstance(on, bool):
            raise TypeError(f"{switch} is True or False, not {type(on).__name__} {short(on)}")
        if on:
            options[option] = value
    if snapshot_path(url) is not None and (options or name is not None):
        raise InvalidArgumentError(f"the store of {url!r} has the options that were saved: give none beside it")
    there = _options(url)
    for option in options:
        if option in there:
            raise _twice(option, url)
    url, server = _apart(url)
    if name is not None:
        url = _with_name(url, name)
    query = "&".join(f"{option}={value}" for option, value in options.items() if value is not None)
    if not query:
        return url + server
    return url + ("?" if "?" not in url else "" if url[-1] in "?&" else "&") + query + ("&" if server else "") + server


def without_password(url: str) -> str:
    """The URL of a server, or the part of one that is at fault, as it may be shown."""
    if url.startswith("memory:"):
        scheme, mark, rest = url.partition("://")
        return scheme + (without_password(mark + rest) if mark else "")
    if snapshot_path(url) is not None:
        return url
    return _PASSWORD.sub(lambda found: f"{found[1] or found[2]}…", url)


def snapshot_path(url: str) -> str | None:
    """The file that the URL opens, if it opens one."""
    return url.removeprefix(_SNAPSHOT) if url.startswith(_SNAPSHOT) else None


def of_its_own(url: str, snapshot: bytes) -> str:
    """The URL of a store as that one, of which there is a snapshot, but without its name or file."""
    if snapshot_path(url) is not None:
        options = snapshot[16 : 16 + int.from_bytes(snapshot[12:16], "little")].decode()
        return f"memory:?{options}" if options else "memory:"
    scheme, colon, rest = url.partition(":")
    _, mark, query = rest.partition("?")
    return scheme + colon + mark + query


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


def _with_name(url: str, name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"name is str or None, not {type(name).__name__} {short(name)}")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,255}", name):  # another would be read as part of the URL
        raise InvalidArgumentError(f"name is {short(name)}: it has 1 to 255 of A-Z a-z 0-9 . _ -")
    if "://" in url:
        raise InvalidArgumentError(f"name is for stores in memory: {without_password(url)!r} has a namespace instead")
    scheme, colon, rest = url.partition(":")
    if rest[:1] not in {"", "?"}:
        raise _twice("name", url)
    return scheme + colon + name + rest


def _twice(option: str, url: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"{option} is an argument, and stands in the url {without_password(url)!r} too: give it once"
    )


def compression(level: Any) -> int:
    """How much a snapshot is compressed: 0 for not at all, or one of Zstandard's levels."""
    if natural(level, "level", least=0) > _HIGHEST_LEVEL:
        raise InvalidArgumentError(f"level is {level}: it is 0, for no compression, or 1 to {_HIGHEST_LEVEL}")
    return index(level)


def natural(value: Any, name: str, least: int = 1, *, optional: bool = False) -> int:
    """A number of entries or bytes, or a place among them; `optional` says no more than that None would do, too."""
    try:
        number: int | None = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None:
        wanted = "a whole number or None" if optional else "a whole number"
        raise TypeError(f"{name} is {wanted}, not {type(value).__name__} {short(value)}")
    if not least <= number < NO_TTL:
        bounds, hint = "above 0" if least else "at least 0", "; None is no bound" if optional else ""
        raise InvalidArgumentError(f"{name} is {number}: it must be {bounds} and below 2**64 - 1{hint}")
    return number


def _options(url: str) -> dict[str, str]:
    """The options of a URL, as text; of a snapshot only the file knows them."""
    if snapshot_path(url) is not None:
        return {}
    parts = _apart(url)[0].partition("?")[2].split("&")
    return {name: value for name, _, value in (part.partition("=") for part in parts) if name}


def _apart(url: str) -> tuple[str, str]:
    """The URL of a store in memory, and the rest, which says what server it is over."""
    found = _OVER.search(url) if url.startswith("memory:") else None
    return (url[: found.start()], url[found.start() :]) if found else (url, "")


def _size(text: str) -> int:
    """A number of bytes, with its unit; in the URL of an open store it is right."""
    number, unit = re.fullmatch(r"(\d+)(\w*)", text).groups()  # type: ignore[union-attr]
    return int(number) * _SIZES[unit]
