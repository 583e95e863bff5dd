"""The ways a store can fail, as exceptions. Knows the status codes, not who met them."""

from . import _abi


class ByteStoreError(Exception):
    """What every failure of a store is; `code` and `name` are those of the C ABI, the message says what to do."""

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
    """The remote backend failed or could not be reached."""

    code: int = _abi.ERR_REMOTE_FAILURE
    name: str = "remote_failure"


class InternalError(ByteStoreError, RuntimeError):
    """A defect of the library."""

    code: int = _abi.ERR_INTERNAL
    name: str = "internal_error"


for error in (ByteStoreError, *ByteStoreError.__subclasses__()):
    error.__module__ = "bytestore"  # where people import it from: pickles and tracebacks name it so

BY_CODE: dict[int, type[ByteStoreError]] = {
    error.code: error
    for error in (InvalidArgumentError, ClosedError, OutOfMemoryError, OverLimitError, RemoteError, InternalError)
}


def check(status: int, detail: str = "") -> None:
    """Raises what `status` stands for, with `detail` before the library's own advice."""
    if status == _abi.OK:
        return
    advice: str = _abi.library.bytestore_status_message(status).decode()
    error = BY_CODE.get(status, ByteStoreError)(f"{detail}: {advice}" if detail else advice)
    if type(error) is ByteStoreError:  # a status from a newer library
        error.code = status
    raise error
