"""The value format of docs/embedding-format.md: every bit comes back, old values are read, nothing wrong is."""

import json
import math
import re
import struct
import sys
from array import array
from collections import UserList, deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from bytestore import _vectors
from bytestore._vectors import decode, decode_all, encode

DOC = (Path(__file__).resolve().parents[3] / "docs" / "embedding-format.md").read_text(encoding="utf-8")
HEADER = 8


def bits(vector: Any) -> bytes:
    return array("d", vector).tobytes()


def double(pattern: int) -> float:
    """The float64 with these bits."""
    (value,) = struct.unpack("<d", pattern.to_bytes(8, "little"))
    return float(value)


def single(value: float) -> float:
    """The nearest float32, widened: what an API's answer holds."""
    (rounded,) = struct.unpack("<f", struct.pack("<f", value))
    return float(rounded)


QUIET, NEGATIVE, PAYLOAD, DEEP = map(double, (0x7FF8 << 48, 0xFFF8 << 48, 0x7FFABCDE << 32, 0x7FF8 << 48 | 1))
SIGNALLING = {"a signalling nan": [double(0x7FF4 << 48)]}
KEEPS_SIGNALLING = sys.version_info >= (3, 14)  # whether the interpreter narrows and widens one without a change
FLOATS: dict[str, list[float]] = {
    **(SIGNALLING if KEEPS_SIGNALLING else {}),
    "empty": [],
    "one": [1.0],
    "zeros": [0.0, -0.0, 0.0],
    "infinities": [math.inf, -math.inf],
    "nan": [math.nan, QUIET, NEGATIVE, PAYLOAD],
    "smallest": [2.0**-149, -(2.0**-126), 1.5 * 2.0**-127],
    "largest": [float(np.finfo(np.float32).max)],
    "widened": [single(Random(i).gauss(0, 0.03)) for i in range(1536)],
}
DOUBLES = {
    "tenth": [0.1],
    "one of many": [*FLOATS["widened"], 0.1],
    "too large for float32": [1e300],
    "too small for float32": [2.0**-150],
    "smallest of all": [5e-324, -5e-324],
    "a nan's lowest bit": [DEEP],
    **({} if KEEPS_SIGNALLING else SIGNALLING),
    "random": [Random(i).gauss(0, 0.03) for i in range(1536)],
}


@pytest.fixture(params=["@", "<"])
def order(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of asking for a little-endian order, so that a processor with another one would write the same."""
    _vectors._layout.cache_clear()
    monkeypatch.setattr(_vectors, "_ORDER", request.param)


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("name", FLOATS)
def test_float32_where_it_is_lossless(name: str) -> None:
    vector = FLOATS[name]
    value = encode(vector)
    assert value[:HEADER] == b"\xfeV\x01f" + len(vector).to_bytes(4, "little")
    assert len(value) == HEADER + 4 * len(vector)
    for answer in (decode(value), *(decode_all([value, memoryview(value)]) or ())):
        assert type(answer) is list
        assert bits(answer) == bits(vector)


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("name", DOUBLES)
def test_float64_where_it_is_not(name: str) -> None:
    vector = DOUBLES[name]
    value = encode(vector)
    assert value == b"\xfeV\x01d" + len(vector).to_bytes(4, "little") + bits(vector)
    assert bits(decode(value)) == bits(vector)
    answers = decode_all([value])
    assert answers
    assert bits(answers[0]) == bits(vector)


def test_any_bits_come_back() -> None:
    random = Random(7)
    for _ in range(500):
        vector = [double(random.getrandbits(64) & ~(0x1FFFFFFF * random.getrandbits(1))) for _ in range(3)]
        assert bits(decode(encode(vector))) == bits(vector)


def test_the_document() -> None:
    rows = dict(re.findall(r"^\| `(\[.*\])` \| `([0-9a-f]+)` \|$", DOC, re.MULTILINE))
    assert len(rows) == 3
    (program,) = re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102
    for text, value in rows.items():
        vector = json.loads(text)
        assert encode(vector).hex() == value
        assert bits(names["read"](bytes.fromhex(value))) == bits(vector)
    for bad in (b"[1.0]   ", b"\xfeV\x02f\0\0\0\0", b"\xfeV\x01e\0\0\0\0"):
        with pytest.raises(ValueError, match="no vector"):
            names["read"](bad)


def test_mixed_dimensions_and_types_in_one_step() -> None:
    vectors = [*FLOATS.values(), *DOUBLES.values(), *FLOATS.values()]
    answers = decode_all([encode(vector) for vector in vectors])
    assert answers is not None
    assert [bits(answer) for answer in answers] == [bits(vector) for vector in vectors]


SAME: dict[str, Callable[[list[float]], Any]] = {
    "tuple": tuple,
    "UserList": UserList,
    "deque": deque,
    "array f": lambda vector: array("f", vector),
    "array d": lambda vector: array("d", vector),
    "memoryview": lambda vector: memoryview(array("d", vector)),
    "float32": lambda vector: np.array(vector, np.float32),
    "float64": lambda vector: np.array(vector, np.float64),
    "big-endian float32": lambda vector: np.array(vector, ">f4"),
    "big-endian float64": lambda vector: np.array(vector, ">f8"),
    "every other one": lambda vector: np.repeat(np.array(vector, np.float32), 2)[::2],
    "reversed": lambda vector: np.array(vector[::-1])[::-1],
    "read-only": lambda vector: np.frombuffer(np.array(vector).tobytes()),
    "list of NumPy's float32": lambda vector: list(np.array(vector, np.float32)),
    "list of NumPy's float64": lambda vector: list(np.array(vector, np.float64)),
}


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("kind", SAME)
@pytest.mark.parametrize("name", ["empty", "zeros", "infinities", "smallest", "widened"])
def test_all_that_is_a_vector(kind: str, name: str) -> None:
    assert encode(SAME[kind](FLOATS[name])) == encode(FLOATS[name])


def test_float16_is_widened() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    numbers = every[~np.isnan(every)]
    answer = decode(encode(numbers))
    assert bits(answer) == numbers.astype(np.float64).tobytes()
    assert len(encode(numbers)) == HEADER + 4 * len(numbers)
    assert math.isnan(decode(encode(np.array([np.nan], np.float16)))[0])


def test_an_array_that_needs_float64() -> None:
    for kind in (array, lambda code, vector: np.array(vector, code)):
        assert encode(kind("d", [0.1, 1.0])) == encode([0.1, 1.0])


def test_the_bytes_of_a_float32_array_are_stored_as_they_are() -> None:
    patterns = np.array([0x7FA00001, 0x7FC00001, 0xFFC00000], np.uint32)  # NaNs, a signalling one first
    assert encode(patterns.view(np.float32))[HEADER:] == patterns.tobytes()


def test_ints_become_floats() -> None:
    answer = decode(encode([1, 0, -3, 2**53, True + 1, 0.5]))
    assert answer == [1.0, 0.0, -3.0, 2.0**53, 2.0, 0.5]
    assert {*map(type, answer)} == {float}
    assert decode(encode([Fraction(1, 4)])) == [0.25]
    assert decode(encode([np.int64(3)])) == [3.0]


@pytest.mark.parametrize("number", [2**53 + 1, 10**400, -(10**400), Fraction(1, 3), np.longdouble(1) / 3])
def test_a_number_that_no_float_is(number: Any) -> None:
    with pytest.raises(ValueError, match=r"has .* at position 1, which is no float64: round it with float\(\)"):
        encode([1.0, number])


@pytest.mark.parametrize("thing", [True, None, "1.0", b"1", [1.0], 1j, Decimal(1), np.bool_(True), np.complex64(1)])
def test_what_is_no_number(thing: Any) -> None:
    for vector in ([1.0, 2, thing], (1.0, 2, thing)):
        with pytest.raises(TypeError, match=f"has {type(thing).__name__} .* at position 2, not a float"):
            encode(vector)


class Tensor:
    def tolist(self) -> list[float]:
        return [1.0]


NO_VECTORS = {
    "str": ("abc", "is str, not a list or an array of floats"),
    "empty str": ("", "is str, not"),
    "float": (1.0, "is float, not"),
    "set": ({1.0}, "is set, not"),
    "dict": ({1.0: 1.0}, "is dict, not"),
    "generator": ((x for x in [1.0]), "is generator, not"),
    "tensor": (Tensor(), r"is Tensor, not .*: call its tolist\(\)"),
    "bytes": (b"abcd", "is bytes of 'B', not of floats"),
    "ints": (np.array([1, 2]), "is ndarray of 'l', not of floats: convert it"),
    "bools": (np.array([True]), r"is ndarray of '\?', not of floats"),
    "complex": (np.array([1j]), "is ndarray of 'Zd', not of floats"),
    "long doubles": (np.array([1], np.longdouble), "is ndarray of 'g', not of floats"),
    "objects": (np.array([1.0], object), "is ndarray of 'O', not of floats"),
    "dates": (np.array(["2020"], "M8[s]"), "is ndarray, not"),
    "scalar": (np.array(1.0), r"is ndarray of 0 dimensions, not 1: zip\(keys, rows\)"),
    "matrix": (np.ones((2, 2)), "is ndarray of 2 dimensions, not 1"),
}


@pytest.mark.parametrize("name", NO_VECTORS)
def test_what_is_no_vector(name: str) -> None:
    thing, message = NO_VECTORS[name]
    with pytest.raises(TypeError, match=f"^{message}"):
        encode(thing)


@pytest.mark.parametrize("vector", [[], [0.1, -0.0, 5e-324, 1e300], [1, 2.5], [math.inf, -math.inf], [math.nan]])
def test_what_langchain_wrote(vector: list[float]) -> None:
    value = json.dumps(vector).encode()
    for form in (value, memoryview(value)):
        answer = decode(form)
        assert bits(answer) == bits(vector)
        assert {*map(type, answer)} <= {float}
    assert decode_all([value]) is None


GOOD = encode([1.0, 2.0])
BAD = {
    "empty": (b"", "is no vector: it begins with b''"),
    "text": (b"hello, world", "is no vector: it begins with b'hello, w'"),
    "header cut": (GOOD[:7], "is no vector"),
    "shorter": (GOOD[:-1], "has 15 bytes, but its header says 16"),
    "longer": (GOOD + b"\0", "has 17 bytes, but its header says 16"),
    "the largest dimension": (GOOD[:4] + b"\xff" * 4, "has 8 bytes, but its header says 17179869188"),
    "version": (b"\xfeV\x02" + GOOD[3:], "is a vector of version 2 and type b'f': a newer bytestore"),
    "type": (b"\xfeV\x01e" + GOOD[4:], "is a vector of version 1 and type b'e'"),
    "not bytes": ("[1.0]", "is str, not bytes"),
    "JSON cut": (b"[1.0, 2", "is no JSON list of floats: "),
    "JSON after JSON": (b"[1.0] [2.0]", "is no JSON list of floats: Extra data"),
    "JSON of strings": (b'["1"]', "is no JSON list of floats: has str '1' at position 0"),
    "JSON of lists": (b"[[1.0]]", "is no JSON list of floats: has list "),
    "JSON of booleans": (b"[1, true]", "is no JSON list of floats: has bool True at position 1"),
    "JSON of a number that no float is": (b"[9007199254740993]", "is no JSON list of floats: has 9007199254740993"),
    "JSON without end": (b"[" * 100_000, "is no JSON list of floats: "),
    "not UTF-8": (b"[\xff]", "is no JSON list of floats: "),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_value(name: str) -> None:
    value, message = BAD[name]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        decode(value)  # type: ignore[arg-type]
    assert decode_all([GOOD, value]) is None  # type: ignore[list-item]


def test_no_byte_changed_in_the_header_goes_unnoticed() -> None:
    for index in range(HEADER):
        for byte in range(256):
            value = GOOD[:index] + bytes([byte]) + GOOD[index + 1 :]
            if value != GOOD:
                with pytest.raises(ValueError, match=r"^(is|has)"):
                    decode(value)
