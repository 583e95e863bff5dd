"""The declarations in `_abi` against include/bytestore.h, read mechanically: names, arity, types, constants."""

import ctypes
import re
from ctypes import c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path

import pytest

from bytestore import _abi

HEADER = (Path(__file__).resolve().parents[3] / "include" / "bytestore.h").read_text(encoding="utf-8")
CODE = re.sub(r"/\*.*?\*/|//[^\n]*", "", HEADER, flags=re.DOTALL)

TYPES: dict[str, type] = {
    "bytestore_status": c_int32,
    "int32_t": c_int32,
    "uint32_t": c_uint32,
    "uint64_t": c_uint64,
    "size_t": c_size_t,
    "const char *": c_char_p,
}


def type_of(declared: str) -> type:
    """Whatever is an address is passed as one, a handle too."""
    if declared not in TYPES and declared.endswith("*"):
        return c_void_p
    return TYPES[declared]


def split(declaration: str) -> tuple[str, str]:
    """`const void *items` as type and name."""
    match = re.fullmatch(r"(.*?)(\w+)", " ".join(declaration.split()))
    assert match, declaration
    return match[1].strip(), match[2]


def functions() -> dict[str, tuple[type, list[type]]]:
    found = {}
    for declaration, arguments in re.findall(r"^([\w *]+\bbytestore_\w+)\s*\(([^)]*)\)\s*;", CODE, re.MULTILINE):
        result, name = split(declaration)
        types = [] if arguments.strip() == "void" else [type_of(split(part)[0]) for part in arguments.split(",")]
        found[name] = (type_of(result), types)
    return found


def structs() -> dict[str, tuple[tuple[str, type], ...]]:
    found = {}
    for body, name in re.findall(r"typedef struct\s*\w*\s*\{(.*?)\}\s*(\w+)\s*;", CODE, re.DOTALL):
        fields = [split(part) for part in body.split(";") if part.strip()]
        found[name] = tuple((field, type_of(kind)) for kind, field in fields)
    return found


def constants() -> dict[str, int]:
    words = {"UINT64_MAX": 2**64 - 1}
    found = re.findall(r"^#define BYTESTORE_(\w+) (\d+|UINT64_MAX)$", CODE, re.MULTILINE)
    return {name: words.get(value) or int(value) for name, value in found}


def test_every_function_is_declared_as_in_the_header() -> None:
    assert len(functions()) == len(re.findall(r"\bbytestore_\w+\s*\(", CODE))
    assert functions() == _abi.FUNCTIONS


@pytest.mark.parametrize("name", _abi.FUNCTIONS)
def test_the_library_has_it_so_declared(name: str) -> None:
    function = getattr(_abi.library, name)
    assert (function.restype, function.argtypes) == _abi.FUNCTIONS[name]


def test_structs() -> None:
    assert structs() == {
        "bytestore_slice": _abi.Slice._fields_,
        "bytestore_buffer": _abi.Buffer._fields_,
        "bytestore_area": _abi.Area._fields_,
        "bytestore_counters": _abi.Counters._fields_,
    }


def test_constants() -> None:
    declared = {name: value for name, value in vars(_abi).items() if name.isupper() and isinstance(value, int)}
    assert constants() == declared


def test_status_is_the_type_that_the_header_says() -> None:
    assert re.search(r"typedef int32_t bytestore_status;", CODE)
    assert ctypes.sizeof(_abi.FUNCTIONS["bytestore_close"][0]) == 4
