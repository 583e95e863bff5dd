"""Saving and loading where the system refuses it, where a snapshot is none, and where a store is closed meanwhile."""

import errno
import os
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bytestore import (
    BadSnapshotError,
    ByteStore,
    ByteStoreError,
    ClosedError,
    FileError,
    InvalidArgumentError,
    OverLimitError,
    UnsupportedError,
)
from samples import ENTRIES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_a_folder_that_is_not_there(filled: ByteStore, tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "file"
    for call in (filled.save, filled.load, lambda path: ByteStore(url=f"snapshot:{path}")):
        with pytest.raises(FileError) as caught:
            call(nowhere)
        error = caught.value
        assert isinstance(error, FileNotFoundError)
        assert (error.errno, error.strerror) == (errno.ENOENT, os.strerror(errno.ENOENT))
        assert (error.filename, error.filename2) == (str(nowhere), None)
        assert (error.name, str(error)) == ("io_failure", f"[Errno 2] No such file or directory: {str(nowhere)!r}")
    assert filled.store == ENTRIES


def test_a_folder_in_place_of_a_file(filled: ByteStore, tmp_path: Path) -> None:
    for call in (filled.save, filled.load):
        with pytest.raises(IsADirectoryError) as caught:
            call(os.fsencode(tmp_path))
        assert isinstance(caught.value, ByteStoreError)
        assert caught.value.filename == os.fsencode(tmp_path)
    assert os.listdir(tmp_path) == []


def test_each_url_has_a_reason_of_its_own(tmp_path: Path) -> None:
    for place, kind in ((tmp_path / "missing", FileNotFoundError), (tmp_path, IsADirectoryError)) * 2:
        with pytest.raises(kind, match=re.escape(f"{str(place)!r}")):
            ByteStore(url=f"snapshot:{place}")


@pytest.mark.parametrize("path", ["/dev/null", ""])
def test_what_is_no_file(filled: ByteStore, path: str) -> None:
    for call in (filled.save, filled.load):
        with pytest.raises(OSError, match=re.escape(f"{path!r}")) as caught:
            call(path)
        assert isinstance(caught.value, FileError)


def test_a_file_in_place_of_a_folder(filled: ByteStore, path: Path) -> None:
    path.touch()
    for call in (filled.save, filled.load):
        with pytest.raises(NotADirectoryError):
            call(path / "file")


def test_what_is_refused_changes_no_file(filled: ByteStore, path: Path) -> None:
    filled.save(path)
    before = path.read_bytes()
    filled.close()
    with pytest.raises(ClosedError):
        filled.save(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_nul_character(filled: ByteStore, path: Path) -> None:
    for name in (f"{path}\0more", os.fsencode(path) + b"\0"):
        for call in (filled.save, filled.load):
            with pytest.raises(InvalidArgumentError, match="NUL character"):
                call(name)
    assert not path.exists()


def test_errors_survive_pickle_with_their_reason(filled: ByteStore, tmp_path: Path) -> None:
    for missing, kind in ((tmp_path / "missing", FileNotFoundError), (Path("/dev/null"), OSError)):
        with pytest.raises(FileError) as caught:
            filled.load(missing)
        twin = pickle.loads(pickle.dumps(caught.value))
        assert type(twin) is type(caught.value)
        assert isinstance(twin, kind)
        assert (str(twin), vars(twin)) == (str(caught.value), vars(caught.value))
        assert (twin.errno, twin.filename, twin.code) == (caught.value.errno, str(missing), 7)


def test_damage(filled: ByteStore, path: Path) -> None:
    filled.save(path)
    snapshot = path.read_bytes()
    damaged = {"cut": snapshot[:-1], "empty": b"", "text": b"no snapshot at all", "more": snapshot + b"\0"}
    for bad in (*damaged.values(), snapshot[:70] + b"!" + snapshot[71:]):
        path.write_bytes(bad)
        with pytest.raises(BadSnapshotError, match=r"^the snapshot is "):
            filled.load_bytes(bad)
        for call in (filled.load, lambda path: ByteStore(url=f"snapshot:{path}")):
            with pytest.raises(ValueError, match=re.escape(f"the file {str(path)!r}: the snapshot is ")):
                call(path)
    later = snapshot[:8] + b"\xff" + snapshot[9:]
    with pytest.raises(UnsupportedError):
        filled.load_bytes(later)
    assert filled.store == ENTRIES


def test_an_entry_over_the_limit(filled: ByteStore, path: Path) -> None:
    filled.save(path)
    small = ByteStore(max_item_bytes=100)
    small["a"] = b"1"
    with pytest.raises(OverLimitError, match=re.escape(repr(str(path)))):
        small.load(path)
    assert small.store == {"a": b"1"}


def test_closing_while_it_saves_and_loads(path: Path) -> None:
    """The call ends well, or says that the store was closed; the file is whole, or the old one."""
    whole = ByteStore()
    whole.update({f"k{number}": bytes(100) for number in range(20_000)})
    whole.save(path)
    snapshot = path.read_bytes()
    for number in range(10):
        store = ByteStore()
        store.load_bytes(snapshot)
        with ThreadPoolExecutor(1) as pool:
            call: Any = store.load if number % 2 else store.save
            running = pool.submit(call, path)
            while not running.done() and not store.progress().total:
                pass
            store.close()
            with suppress(ClosedError):
                running.result()
        assert path.read_bytes() == snapshot
        assert os.listdir(path.parent) == [path.name]
