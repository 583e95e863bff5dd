"""The notation of the conformance cases: their files, bytes and lists. Knows no step and no store."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# A folder of other cases, and a server for the cases' own stores, which are in memory otherwise.
CASES = Path(os.environ.get("BYTESTORE_TEST_CASES", Path(__file__).resolve().parents[3] / "tests" / "conformance"))
SERVER = os.environ.get("BYTESTORE_TEST_URL")


class UnknownForm(Exception):  # noqa: N818
    """Something in a case that this harness does not know: a failure of that case."""


def all_cases() -> Iterator[Any]:
    """Every case of every file."""
    for path in sorted(CASES.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            if case.keys() != {"name", "steps"}:
                raise UnknownForm(f"{path.name}: {case.keys()}")
            yield case


def own_url() -> str:
    """A store with no options; on a server it has a part of the keys that no other process has."""
    if SERVER is None:
        return "memory:"
    separator = "&" if "?" in SERVER else "?"
    return f"{SERVER}{separator}namespace=python-{os.getpid()}/"


def to_bytes(form: Any) -> bytes:
    """`"abc%00"` or `{"repeat": BYTES, "times": N}`."""
    if isinstance(form, dict):
        fields(form, {"repeat", "times"})
        return to_bytes(form["repeat"]) * natural(form["times"])
    if not isinstance(form, str):
        raise UnknownForm(f"not bytes: {form!r}")
    if re.search("%(?![0-9A-F]{2})", form):
        raise UnknownForm(f"a percent sign without two digits: {form!r}")
    return re.sub(rb"%([0-9A-F]{2})", lambda match: bytes.fromhex(match[1].decode()), form.encode())


def to_list(form: Any) -> list[bytes]:
    """An array of bytes, or `{"count": N, "pattern": "k{i}"}` with `start` and `step`."""
    if isinstance(form, list):
        return [to_bytes(item) for item in form]
    fields(form, {"count", "pattern"}, {"start", "step"})
    start, step = natural(form.get("start", 0)), natural(form.get("step", 1))
    numbers = (start + i * step for i in range(natural(form["count"])))
    return [to_bytes(form["pattern"].replace("{i}", f"{number:06}")) for number in numbers]


def to_answers(form: Any) -> list[bytes | None]:
    """A list in which null is a missing value."""
    if isinstance(form, list):
        return [None if item is None else to_bytes(item) for item in form]
    return [*to_list(form)]


def to_pairs(form: Any) -> tuple[list[bytes], list[bytes]]:
    """Keys and values."""
    if isinstance(form, list):
        return [to_bytes(key) for key, _ in form], [to_bytes(value) for _, value in form]
    fields(form, {"keys"}, {"values", "value"})
    keys = to_list(form["keys"])
    values = [to_bytes(form["value"])] * len(keys) if "value" in form else to_list(form["values"])
    if len(keys) != len(values):
        raise UnknownForm(f"{len(keys)} keys and {len(values)} values")
    return keys, values


def natural(form: Any) -> int:
    """A number that is not negative."""
    if type(form) is not int or form < 0:
        raise UnknownForm(f"not a natural number: {form!r}")
    return form


def equal(answer: object, expected: object) -> None:
    """Fails where they are not."""
    if answer != expected:
        raise AssertionError(f"answered {str(answer)[:300]}, expected {str(expected)[:300]}")


def equal_keys(answer: list[bytes], expected: list[bytes]) -> None:
    """The same; on a server in any order."""
    equal(*(map(sorted, (answer, expected)) if SERVER else (answer, expected)))


def fields(form: Any, required: set[str], optional: frozenset[str] | set[str] = frozenset()) -> None:
    """Makes sure that these fields are there, and no others."""
    if not isinstance(form, dict) or not required <= form.keys() <= required | optional:
        raise UnknownForm(f"fields: {form!r}, known: {required | optional}")
