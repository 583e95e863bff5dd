"""The C ABI, declared once: the functions, structs and constants of include/bytestore.h. Knows no Python caller."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

try:
    import ctypes
    from ctypes import c_char_p, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
except ImportError as error:  # Python was built without it, or is a subinterpreter that may not have it
    raise ImportError(
        f"bytestore needs Python's ctypes: {error}. In a subinterpreter with a lock of its own it is there from "
        "Python 3.13 on; before, use an interpreter that shares the lock"
    ) from error

ABI_VERSION = 1
MAX_ITEM_LEN = 4294967295
NO_TTL = 2**64 - 1

CAN_KEEP_ORDER = 1
CAN_BATCH_ATOMICALLY = 2
CAN_FIND_PREFIXES = 4
CAN_SEEK = 8
CAN_SAVE = 16
CAN_MEASURE = 32

OK = 0
ERR_INVALID_ARGUMENT = 1
ERR_CLOSED_HANDLE = 2
ERR_OUT_OF_MEMORY = 3
ERR_OVER_LIMIT = 4
ERR_REMOTE_FAILURE = 5
ERR_INTERNAL = 6
ERR_IO_FAILURE = 7
ERR_BAD_SNAPSHOT = 8
ERR_UNSUPPORTED = 9


class Slice(ctypes.Structure):
    """Bytes that belong to somebody else; in results a NULL pointer says "missing"."""

    _fields_ = (("ptr", c_void_p), ("len", c_size_t))


class Buffer(ctypes.Structure):
    """A result: owned by the library until `bytestore_free_buffer`."""

    _fields_ = (
        ("slices", c_void_p),
        ("count", c_size_t),
        ("data", c_void_p),
        ("data_len", c_size_t),
        ("owner", c_void_p),
    )


class Area(ctypes.Structure):
    """Memory of the caller's for `bytestore_mget_into`."""

    _fields_ = (("bytes", c_void_p), ("capacity", c_size_t), ("lens", c_void_p), ("len", c_size_t))


class Counters(ctypes.Structure):
    """What `bytestore_read_counters` fills, as far as `size` says that there is room."""

    _fields_ = (
        ("size", c_size_t),
        ("hits", c_uint64),
        ("misses", c_uint64),
        ("sets", c_uint64),
        ("deletes", c_uint64),
        ("evictions_by_bytes", c_uint64),
        ("evictions_by_entries", c_uint64),
        ("expirations", c_uint64),
        ("entries", c_uint64),
        ("key_bytes", c_uint64),
        ("value_bytes", c_uint64),
        ("overhead_bytes", c_uint64),
        ("max_bytes", c_uint64),
        ("max_entries", c_uint64),
    )


# Handles are ids, and all else is passed by address: `c_void_p` takes both as plain ints, which costs half as much as
# `POINTER` and `c_size_t` do, and takes `bytes` and `byref()` as they are.
_handle = _address = c_void_p
_status = c_int32

# Name: (result, arguments).
FUNCTIONS: dict[str, tuple[type, list[type]]] = {
    "bytestore_version": (c_char_p, []),
    "bytestore_abi_version": (c_uint32, []),
    "bytestore_status_name": (c_char_p, [_status]),
    "bytestore_status_message": (c_char_p, [_status]),
    "bytestore_new": (_handle, []),
    "bytestore_open": (_status, [c_char_p, _address, _address]),
    "bytestore_namespace": (_status, [_handle, _address, c_size_t, _address]),
    "bytestore_close": (_status, [_handle]),
    "bytestore_mset": (_status, [_handle, c_size_t, _address, _address, _address, _address]),
    "bytestore_mset_ttl": (_status, [_handle, c_size_t, _address, _address, _address, _address, c_uint64]),
    "bytestore_mget": (_status, [_handle, c_size_t, _address, _address, _address]),
    "bytestore_mget_into": (_status, [_handle, c_size_t, _address, _address, _address]),
    "bytestore_mdelete": (_status, [_handle, c_size_t, _address, _address, _address]),
    "bytestore_delete_prefix": (_status, [_handle, _address, c_size_t, _address]),
    "bytestore_count": (_status, [_handle, _address, c_size_t, _address]),
    "bytestore_len": (_status, [_handle, _address]),
    "bytestore_check_items": (_status, [c_size_t, _address, _address, _address]),
    "bytestore_keys": (_status, [_handle, _address, c_size_t, _address]),
    "bytestore_keys_from": (_status, [_handle, _address, c_size_t, c_uint64, _address]),
    "bytestore_cursor_position": (_status, [_handle, _address]),
    "bytestore_cursor_next": (_status, [_handle, c_size_t, _address]),
    "bytestore_cursor_close": (_status, [_handle]),
    "bytestore_free_buffer": (_status, [_address]),
    "bytestore_save": (_status, [_handle, c_char_p, c_int32]),
    "bytestore_save_buffer": (_status, [_handle, c_int32, _address]),
    "bytestore_load": (_status, [_handle, c_char_p]),
    "bytestore_load_buffer": (_status, [_handle, _address, c_size_t]),
    "bytestore_progress": (_status, [_handle, _address, _address]),
    "bytestore_read_counters": (_status, [_handle, _address]),
    "bytestore_advance_clock": (_status, [_handle, c_uint64]),
    "bytestore_capabilities": (_status, [_handle, _address]),
    "bytestore_remote_message": (_status, [_handle, _address]),
    # Not called: `_flights` computes once in Python's own ways, where tasks wait too and exceptions are the answers.
    "bytestore_compute": (_status, [_handle, c_size_t, _address, _address, c_uint64, _address]),
    "bytestore_computation_next": (_status, [_handle, _address]),
    "bytestore_computation_set": (_status, [_handle, c_size_t, _address, _address]),
    "bytestore_computation_fail": (_status, [_handle, _status]),
    "bytestore_computation_values": (_status, [_handle, _address]),
    "bytestore_computation_close": (_status, [_handle]),
}


def load(path: Path, kind: Callable[[str], Any] = ctypes.CDLL) -> Any:
    """Opens the library at `path` with every function declared; ImportError when it is not the one meant."""
    if path != _NAME and not path.exists():
        raise ImportError(f"bytestore: {path} is not there. {_NOT_BUILT}")
    try:
        library = kind(str(path))
    except OSError as error:
        # Of a file for another processor the loader says that it is not there.
        raise ImportError(f"bytestore: {path} is there but does not load: {error}. {_foreign()}") from error
    try:
        found = library.bytestore_abi_version()
        if found != ABI_VERSION:
            raise ImportError(f"bytestore: {path} has ABI version {found}, this package speaks {ABI_VERSION}. {_MIXED}")
        for name, (result, arguments) in FUNCTIONS.items():
            function: Any = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except AttributeError as error:
        raise ImportError(f"bytestore: {error}. {_MIXED}") from error
    return library


_NOT_BUILT = (
    "This is the source code, without its native library: install a wheel, or `pip install ./bindings/python` in a "
    "checkout of the repository, and take the source code out of PYTHONPATH"
)
_MIXED = "Package and library are of different versions: install both with `pip install --force-reinstall bytestore`"


def _foreign() -> str:
    """What to do where the library was built for another processor, or for a C library that is not here."""
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION")  # glibc's own name for itself; other C libraries have none
    except (ValueError, OSError):
        libc = None
    return (
        f"It was built for another system than this one ({os.uname().machine}, {libc or 'not glibc'}): "
        "install a wheel for this one, or build it here with "
        "`pip install --force-reinstall --no-binary bytestore bytestore`, which needs Rust (https://rustup.rs)"
    )


def address_of(function: str) -> int:
    """Where a function of the library is."""
    return ctypes.cast(getattr(library, function), c_void_p).value or 0


def reason() -> int:
    """The system's number for why this thread's last call by way of `with_errno` failed."""
    return ctypes.get_errno()


def _place() -> Path:
    """Where the library is: one that a part of this program in another language has loaded goes before our own.

    A store by name is one for all of them only in one library.
    """
    try:
        loaded = ctypes.CDLL(str(_NAME), mode=os.RTLD_NOLOAD)  # the loader knows it by its SONAME
        if loaded.bytestore_abi_version() == ABI_VERSION and all(hasattr(loaded, name) for name in FUNCTIONS):
            return _NAME
    except (OSError, AttributeError):  # none is loaded; none of ours
        pass
    return _OWN


_NAME = Path("libbytestore.so.1")
_OWN = Path(__file__).parent / "_lib" / _NAME
PATH = _place()
library = load(PATH)
# The same library, called without letting other threads run meanwhile. For short calls: one that gives the
# interpreter's lock away may wait for it as long as the switch interval, 5 ms, when another thread computes.
brief = load(PATH, ctypes.PyDLL)
# The same again, for calls with files: what they leave in errno is kept for `reason`.
with_errno = load(PATH, partial(ctypes.CDLL, use_errno=True))
