"""A byte store, in this process or on a server: LangChain's `InMemoryByteStore` as a native library.

from bytestore import ByteStore

store = ByteStore()
store.mset([("key1", b"value1"), ("key2", b"value2")])
store.mget(["key1", "missing"])  # [b"value1", None]

The same on a Valkey or Redis server, or a cluster of them, through TLS or a Unix socket too:

shared = ByteStore(url="rediss://user:password@cache.example:6380/0?namespace=app/&timeout=2s", ttl=3600)

A server promises less than memory does, as `shared.capabilities()` tells. Where it fails, `RemoteError` has its words.
The async methods wait for it in threads.
"""

from ._capabilities import Capabilities
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
    "Capabilities",
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
