"""The accelerator: declared as in the header, used when it is there, and absent without harm."""

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import bytestore
from bytestore import ByteStore, _abi, _batches, _plain
from test_abi import CODE, HEADER, split

FILE = Path(bytestore.__file__).parent / "_accelerator.abi3.so"
RUST = (Path(__file__).resolve().parents[1] / "accelerator" / "src" / "abi.rs").read_text(encoding="utf-8")

# As Rust writes what C declares.
TYPES = {
    "bytestore_store *": "*mut c_void",
    "bytestore_result *": "*mut c_void",
    "bytestore_buffer *": "*mut Buffer",
    "bytestore_area *": "*mut Area",
    "const bytestore_slice *": "*const Slice",
    "const void *": "*const c_void",
    "const uint8_t *": "*const u8",
    "const uint32_t *": "*const u32",
    "uint8_t *": "*mut u8",
    "size_t *": "*mut usize",
    "size_t": "usize",
}


def declared_in_c(name: str) -> list[str]:
    found = re.search(rf"bytestore_status bytestore_{name}\(([^)]*)\);", CODE)
    assert found, name
    return [TYPES[split(part)[0]] for part in found[1].split(",")]


def declared_in_rust() -> dict[str, list[str]]:
    return {name: types.split(", ") for name, types in re.findall(r"^    (\w+): fn\((.*)\);$", RUST, re.MULTILINE)}


def test_functions_are_declared_as_in_the_header() -> None:
    functions = declared_in_rust()
    assert len(functions) == 5
    assert functions == {name: declared_in_c(name) for name in functions}


def test_the_package_hands_them_over_in_their_order() -> None:
    assert list(declared_in_rust()) == list(_batches.CONNECTED)


@pytest.mark.parametrize("name", ["slice", "buffer", "area"])
def test_structs_are_declared_as_in_the_header(name: str) -> None:
    rust = re.search(rf"#\[repr\(C\)\]\n(?:#.*\n)?pub struct {name.title()} {{\n(.*?)}}", RUST, re.DOTALL)
    c = re.search(rf"typedef struct\s*\{{([^{{}}]*)\}} bytestore_{name};", CODE)
    assert rust
    assert c
    fields = [split(part) for part in c[1].split(";") if part.strip()]
    assert re.findall(r"pub (\w+): (.*),", rust[1]) == [(field, TYPES[kind]) for kind, field in fields]


def test_constants_are_those_of_the_header() -> None:
    assert "#define BYTESTORE_OK 0\n" in HEADER
    assert "pub const OK: i32 = 0;" in RUST
    assert "#define BYTESTORE_MISSING SIZE_MAX\n" in HEADER
    assert "pub const MISSING: usize = usize::MAX;" in RUST


def test_it_is_used_when_it_is_there() -> None:
    module = "bytestore._accelerator" if FILE.exists() else "bytestore._plain"
    assert {getattr(_batches, name).__module__ for name in _batches.__all__} == {module}


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "hindrance",
    [
        "import langchain_core.stores, sys; sys.abiflags = 't'",  # free-threaded
        "import sys; sys.modules['bytestore._accelerator'] = None",
    ],
)
def test_without_it_the_package_is_the_same(hindrance: str) -> None:
    done = run(
        f"{hindrance}\n"
        "from bytestore import ByteStore, _batches\n"
        "store = ByteStore(); store.mset([('a', b'1')])\n"
        "print(_batches.mget.__module__, store.mget(['a', 'x']), store.mdelete('a' for _ in range(2)))"
    )
    assert (done.stderr, done.stdout) == ("", "bytestore._plain [b'1', None] 1\n")


def test_both_ways_speak_of_the_same_stores(store: ByteStore) -> None:
    store.mset([("a", b"1")])
    for way in (_batches, _plain):
        assert way.mget(store._handle.id, ["a"]) == [b"1"]
        assert way.mset(store._handle.id, [("a", b"1")]) is True
        assert way.mdelete(store._handle.id, ["b"]) == 0


def test_the_forms_for_stores_that_wait(store: ByteStore) -> None:
    number = store._handle.id
    assert _plain.mget_waiting(number, ["a"]) is _plain.mset_waiting(number, [("a", b"1")]) is None
    if FILE.exists():
        large = [("a", bytes(200_000)), ("b", b""), ("\0é", bytes(100_000))]
        assert _batches.mset_waiting(number, large) == _batches.mset_waiting(number, []) == _abi.OK
        assert _batches.mget_waiting(number, ["a", "x", "b", "\0é"]) == [large[0][1], None, b"", large[2][1]]
        assert _batches.mget_waiting(number, ("b", "b")) == [b"", b""]
        assert _batches.mget_waiting(number, []) == []
        others: list[Any] = [["\ud800"], [b"a"], "a", None]
        assert [_batches.mget_waiting(number, keys) for keys in others] == [None] * 4
        # A pair that is a list may change while another thread runs.
        assert [_batches.mset_waiting(number, pairs) for pairs in ([["a", b"1"]], [("a", bytearray())])] == [None] * 2
        store.close()
        assert _batches.mget_waiting(number, ["a"]) == _abi.ERR_CLOSED_HANDLE
        assert _batches.mset_waiting(number, [("a", b"1")]) == _abi.ERR_CLOSED_HANDLE


CLOSED = _abi.ERR_CLOSED_HANDLE

if FILE.exists():

    @pytest.mark.parametrize("name", [*_batches.__all__, "connect"])
    def test_arguments_that_nobody_passes(store: ByteStore, name: str) -> None:
        function = getattr(importlib.import_module("bytestore._accelerator"), name)
        number = store._handle.id
        for arguments in [(), (number,), (number, ["a"], 1), ("a", ["a"]), (-1, ["a"]), (1 << 70, ["a"]), (number, 5)]:
            assert function(*arguments) in ((None, CLOSED) if name.endswith("_waiting") else (None,))


# Runs in this interpreter, in a second one, and here again: a line of each.
SUBINTERPRETER = """
import sys
kind, *path = sys.argv[1:]
try:
    import _interpreters as interpreters
    number = interpreters.create("isolated" if kind == "own" else "legacy")
    run = interpreters.exec
except ImportError:  # before 3.13
    import _xxsubinterpreters as interpreters
    number = interpreters.create(isolated=kind == "own")
    run = interpreters.run_string
work = f'''
import sys
sys.path[:] = {path!r}
try:
    from bytestore import ByteStore, _batches
except ImportError as error:
    print(f"ImportError: {{error}}", flush=True)
else:
    store = ByteStore()
    store.mset([("a", b"1"), ("b", b"x" * 5000)])
    assert store.mget(["a", "x"]) == [b"1", None]
    assert bytes(store.mget_views(["b"])[0]) == b"x" * 5000
    assert list(store) == ["a", "b"]
    print(_batches.mget.__module__, flush=True)
'''
exec(work)
failure = run(number, work)
assert failure is None, failure
interpreters.destroy(number)
exec(work)
"""


@pytest.mark.parametrize("lock", ["shared", "own"])
def test_a_second_interpreter(lock: str, tmp_path: Path) -> None:
    """With a lock of its own it has no accelerator, and before Python 3.13 no ctypes: then the import says so."""
    package = tmp_path / "bytestore"  # alone: LangChain's pydantic refuses such interpreters
    shutil.copytree(FILE.parent, package)
    path = [str(tmp_path), *(part for part in sys.path if part and "site-packages" not in part)]
    command = [sys.executable, "-c", SUBINTERPRETER, lock, *path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    first, second, again = done.stdout.splitlines()
    assert first == again == _batches.mget.__module__
    if lock == "shared" or sys.version_info < (3, 12):  # there all interpreters share one
        assert second == first
    elif sys.version_info < (3, 13):
        assert re.match(
            r"ImportError: bytestore needs Python's ctypes: .* subinterpreters.* from Python 3\.13 on", second
        )
    else:
        assert second == "bytestore._plain"


def test_an_import_without_ctypes_says_what_to_do() -> None:
    done = run("import sys; sys.modules['_ctypes'] = None; import langchain_core.stores; import bytestore")
    assert re.search(r"\nImportError: bytestore needs Python's ctypes: .*_ctypes.*use an interpreter that", done.stderr)
