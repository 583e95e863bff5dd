"""The ways a store can fail, as exceptions. Knows the status codes, not who met them."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from . import _abi

if TYPE_CHECKING:
    from typing_extensions import Self


class ByteStoreError(Exception):
    """What every failure of a store is; `code` and `name` are those of the C ABI, the message says what to do.

    A call that failed has changed nothing, unless it is on a server.
    """

    code: int = -1
    name: str = "unknown"


class InvalidArgumentError(ByteStoreError, ValueError):
    """An argument that no store takes: an unknown option, a key or value of 4 GiB or more."""

    code: int = _abi.ERR_INVALID_ARGUMENT
    name: str = "invalid_argument"


class ClosedError(ByteStoreError, ValueError):
    """The store was closed. A ValueError, as with files."""

    code: int = _abi.ERR_CLOSED_HANDLE
    name: str = "closed_handle"


class OutOfMemoryError(ByteStoreError, MemoryError):
    """No memory for the batch; nothing of it was done."""

    code: int = _abi.ERR_OUT_OF_MEMORY
    name: str = "out_of_memory"


class OverLimitError(ByteStoreError):
    """The batch does not fit the store's configured limit; nothing of it was done."""

    code: int = _abi.ERR_OVER_LIMIT
    name: str = "over_limit"


class RemoteError(ByteStoreError, ConnectionError):
    """A server failed or could not be reached: `reason` has its own words, or the system's, which are English.

    What was to be written may have been or not.
    """

    code: int = _abi.ERR_REMOTE_FAILURE
    name: str = "remote_failure"
    reason: str = ""


class InternalError(ByteStoreError, RuntimeError):
    """A defect of the library."""

    code: int = _abi.ERR_INTERNAL
    name: str = "internal_error"


class FileError(ByteStoreError, OSError):
    """The system refused to read or write a file: `errno` and `strerror` say why, `filename` which one.

    It is what `open` would have raised, too: a `FileNotFoundError`, a `PermissionError`, an `IsADirectoryError`, …
    """

    code: int = _abi.ERR_IO_FAILURE
    name: str = "io_failure"

    def __new__(cls, *args: Any) -> "Self":
        kind: Any = type(OSError(*args[:2]))
        chosen: Any = _file_error(kind) if cls is FileError else cls
        error: Self = super().__new__(chosen, *args)
        return error

    def __reduce__(self) -> Any:
        return FileError, *super().__reduce__()[1:]


@cache
def _file_error(kind: Any) -> type[FileError]:
    """The class of those errors that are of this kind, too."""
    if kind is OSError:
        return FileError
    return type(FileError.__name__, (FileError, kind), {"__module__": "bytestore", "__doc__": FileError.__doc__})


class BadSnapshotError(ByteStoreError, ValueError):
    """What should be loaded is not whole, or damaged, or no snapshot; nothing was changed."""

    code: int = _abi.ERR_BAD_SNAPSHOT
    name: str = "bad_snapshot"


class UnsupportedError(ByteStoreError):
    """What a store on a server does not do, a snapshot of a later version, or what the library was built without."""

    code: int = _abi.ERR_UNSUPPORTED
    name: str = "unsupported"


for error in (ByteStoreError, *ByteStoreError.__subclasses__()):
    error.__module__ = "bytestore"  # where people import it from: pickles and tracebacks name it so

BY_CODE: dict[int, type[ByteStoreError]] = {
    error.code: error
    for error in (
        InvalidArgumentError,
        ClosedError,
        OutOfMemoryError,
        OverLimitError,
        RemoteError,
        InternalError,
        FileError,
        BadSnapshotError,
        UnsupportedError,
    )
}


def check(status: int, detail: str = "") -> None:
    """Raises what `status` stands for, with `detail` before the library's own advice: of a server, what that said."""
    if status == _abi.OK:
        return
    advice: str = _abi.library.bytestore_status_message(status).decode()
    error = BY_CODE.get(status, ByteStoreError)(f"{detail}: {advice}" if detail else advice)
    if isinstance(error, RemoteError):
        error.reason = detail
    elif type(error) is ByteStoreError:  # a status from a newer library
        error.code = status
    raise error


def check_file(status: int, path: str | bytes) -> None:
    """As `check`, right after a call with a file: where the system refused it, its reason is the error's."""
    if status == _abi.ERR_IO_FAILURE and (number := _abi.reason()):
        raise FileError(number, os.strerror(number), path)
    check(status, f"the file {path!r}")
