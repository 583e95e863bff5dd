"""Where the native library does not load, the ImportError says which file, why, and what to do."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bytestore import _abi

COPY = "bytestore/_lib/libbytestore.so.1"
TO_DO = {
    "install": "`pip install ./bindings/python`",
    "build": "`pip install --force-reinstall --no-binary bytestore bytestore`, which needs Rust",
    "reinstall": "`pip install --force-reinstall bytestore`",
}


def patched(offset: int, replacement: bytes) -> Callable[[bytes], bytes]:
    """A change of the ELF header."""
    return lambda library: library[:offset] + replacement + library[offset + len(replacement) :]


def renamed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """A change of names, of which the first is not the only one."""
    assert len(old) == len(new)
    return lambda library: library.replace(old, new)


@pytest.mark.parametrize(
    ("change", "words", "to_do"),
    [
        pytest.param(lambda library: b"version https://git-lfs", "file too short", "build", id="a text file"),
        pytest.param(lambda library: b"#" * 5000, "invalid ELF header", "build", id="a long text file"),
        pytest.param(patched(4, b"\x01"), "wrong ELF class: ELFCLASS32", "build", id="for a 32-bit processor"),
        # glibc says no more of it than that it cannot open it.
        pytest.param(patched(18, b"\xb7\x00"), "is there but does not load", "build", id="for aarch64"),
        pytest.param(renamed(b"GLIBC_2.14\0", b"GLIBC_2.99\0"), "`GLIBC_2.99' not found", "build", id="a newer glibc"),
        pytest.param(renamed(b"libc.so.6\0", b"libc.musl\0"), "libc.musl: cannot open", "build", id="another libc"),
        pytest.param(renamed(b"\0bytestore_mset\0", b"\0bytestore_mnew\0"), "bytestore_mset", "reinstall", id="older"),
        pytest.param(None, "is not there", "install", id="missing"),
    ],
)
def test_a_library_that_does_not_load_says_what_to_do(
    tmp_path: Path, change: Callable[[bytes], bytes] | None, words: str, to_do: str
) -> None:
    refused = import_copy(tmp_path, change)
    assert refused.startswith("ImportError: bytestore: ")
    assert str(tmp_path / COPY) in refused
    assert words in refused
    assert TO_DO[to_do] in refused


def test_a_library_of_another_abi_version_is_refused(tmp_path: Path) -> None:
    refused = import_copy(tmp_path, lambda library: library, abi_version=_abi.ABI_VERSION + 1)
    assert f"has ABI version {_abi.ABI_VERSION}, this package speaks {_abi.ABI_VERSION + 1}. " in refused
    assert TO_DO["reinstall"] in refused


def test_the_copy_itself_is_sound(tmp_path: Path) -> None:
    assert import_copy(tmp_path, lambda library: library) == "imported"


JOINS = """
import ctypes, sys
first = ctypes.CDLL(sys.argv[1])
store = ctypes.c_void_p()
assert first.bytestore_open(b"memory:shared", ctypes.byref(store), None) == 0
lens = (ctypes.c_uint32 * 1)(1)
assert first.bytestore_mset(store, 1, b"a", lens, b"1", lens) == 0
from bytestore import ByteStore
print(ByteStore(name="shared").store.copy())
"""


@pytest.mark.parametrize(
    ("change", "entries"),
    [
        pytest.param(lambda library: library, {"a": b"1"}, id="the same"),
        pytest.param(renamed(b"\0bytestore_count\0", b"\0bytestore_ceunt\0"), {}, id="an older one"),
    ],
)
def test_a_library_that_the_program_has_already_is_joined(
    tmp_path: Path, change: Callable[[bytes], bytes], entries: dict[str, bytes]
) -> None:
    """As that of a program in another language which has Python in it: a store by name is one for both."""
    library = tmp_path / "libbytestore.so.1"
    library.write_bytes(change(_abi.PATH.read_bytes()))
    site = str(Path(_abi.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", JOINS, str(library)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": site},
    )
    assert (done.stdout, done.stderr) == (f"{entries}\n", "")


def import_copy(
    directory: Path, change: Callable[[bytes], bytes] | None, *, abi_version: int = _abi.ABI_VERSION
) -> str:
    """The last line of importing a copy of the package whose library is changed so, or removed."""
    shutil.copytree(Path(_abi.__file__).parent, directory / "bytestore")
    library = directory / COPY
    content = library.read_bytes()
    library.unlink()
    if change is not None:
        library.write_bytes(change(content))
    declared = directory / "bytestore" / "_abi.py"
    text = declared.read_text(encoding="utf-8")
    declared.write_text(text.replace("ABI_VERSION = 1\n", f"ABI_VERSION = {abi_version}\n"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "import bytestore; print('imported')"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(directory)},
    )
    return (done.stderr or done.stdout).splitlines()[-1]
