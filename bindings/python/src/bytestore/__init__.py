"""An in-process byte store: LangChain's `InMemoryByteStore` as a native library.

from bytestore import ByteStore

store = ByteStore()
store.mset([("key1", b"value1"), ("key2", b"value2")])
store.mget(["key1", "missing"])  # [b"value1", None]
"""

from ._errors import (
    BadSnapshotError,
    ByteStoreError,
    ClosedError,
    FileError,
    InternalError,
    InvalidArgumentError,
    OutOfMemoryError,
    OverLimitError,
    RemoteError,
    UnsupportedError,
)
from ._snapshots import Progress
from ._stats import Stats
from ._store import ByteStore

__version__ = "0.1.0"
__all__ = [
    "BadSnapshotError",
    "ByteStore",
    "ByteStoreError",
    "ClosedError",
    "FileError",
    "InternalError",
    "InvalidArgumentError",
    "OutOfMemoryError",
    "OverLimitError",
    "Progress",
    "RemoteError",
    "Stats",
    "UnsupportedError",
]
