"""The stores that are measured, each used as its documentation calls fast. Knows no case and no clock.

Where a store answers key by key, a batch is a list comprehension; where it has no lock of its own and a program with
threads would need one, it is taken once a batch. The values come back as each store gives them: the dict and the caches
hand out the stored object, LMDB, SQLite, diskcache and Redis make a new one.
"""

import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import cachebox
import cachetools
import diskcache
import lmdb
import moka_py
import redis
import theine
from langchain_core.stores import InMemoryByteStore

Pairs = list[tuple[str, bytes]]
TMPFS = "/dev/shm"  # noqa: S108


class Store(Protocol):
    """What is asked of each."""

    version: str

    def mset(self, pairs: Pairs) -> Any: ...
    def mget(self, keys: list[str]) -> Any: ...
    def close(self) -> None: ...


class Dict:
    """LangChain's own: the plain dict that bytestore stands in for."""

    version = version("langchain-core")

    def __init__(self, _: int) -> None:
        self.store = InMemoryByteStore()
        self.mset = self.store.mset
        self.mget = self.store.mget

    def close(self) -> None:
        self.store.store.clear()


class Cachetools:
    """A dict with an order of use, which is no one's to share: one lock around a batch."""

    version = version("cachetools")

    def __init__(self, entries: int) -> None:
        self.cache: Any = cachetools.LRUCache(2 * entries)
        self.lock = Lock()

    def mset(self, pairs: Pairs) -> None:
        with self.lock:
            for key, value in pairs:
                self.cache[key] = value

    def mget(self, keys: list[str]) -> list[Any]:
        get = self.cache.get
        with self.lock:
            return [get(key) for key in keys]

    def close(self) -> None:
        self.cache.clear()


class CachetoolsTtl(Cachetools):
    def __init__(self, entries: int) -> None:
        super().__init__(entries)
        self.cache = cachetools.TTLCache(2 * entries, ttl=86_400)


class Cachebox:
    """In Rust, with a lock of its own."""

    version = version("cachebox")

    def __init__(self, entries: int) -> None:
        self.cache: Any = cachebox.LRUCache(2 * entries)

    def mset(self, pairs: Pairs) -> None:
        self.cache.update(pairs)

    def mget(self, keys: list[str]) -> list[Any]:
        get = self.cache.get
        return [get(key) for key in keys]

    def close(self) -> None:
        self.cache.clear()


class Theine:
    version = version("theine")

    def __init__(self, entries: int) -> None:
        self.cache: Any = theine.Cache(2 * entries)

    def mset(self, pairs: Pairs) -> None:
        put = self.cache.set
        for key, value in pairs:
            put(key, value)

    def mget(self, keys: list[str]) -> list[Any]:
        get = self.cache.get
        return [get(key)[0] for key in keys]

    def close(self) -> None:
        self.cache.close()


class Moka:
    version = version("moka-py")

    def __init__(self, entries: int) -> None:
        self.cache: Any = moka_py.Moka(2 * entries)

    def mset(self, pairs: Pairs) -> None:
        put = self.cache.set
        for key, value in pairs:
            put(key, value)

    def mget(self, keys: list[str]) -> list[Any]:
        get = self.cache.get
        return [get(key) for key in keys]

    def close(self) -> None:
        self.cache.clear()


class Lmdb:
    """On tmpfs, without syncing; one transaction a batch."""

    version = version("lmdb")

    def __init__(self, _: int) -> None:
        self.directory = tempfile.mkdtemp(dir=TMPFS)
        self.environment = lmdb.open(
            self.directory, map_size=16 << 30, sync=False, metasync=False, writemap=True, readahead=False
        )

    def mset(self, pairs: Pairs) -> None:
        with self.environment.begin(write=True) as transaction:
            for key, value in pairs:
                transaction.put(key.encode(), value)

    def mget(self, keys: list[str]) -> list[Any]:
        with self.environment.begin() as transaction:
            get = transaction.get
            return [get(key.encode()) for key in keys]

    def close(self) -> None:
        self.environment.close()
        shutil.rmtree(self.directory)


class Sqlite:
    """In memory; one statement a batch."""

    version = sqlite3.sqlite_version

    def __init__(self, _: int) -> None:
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        self.database.execute("CREATE TABLE entries (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")

    def mset(self, pairs: Pairs) -> None:
        with self.database:
            self.database.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", pairs)

    def mget(self, keys: list[str]) -> list[Any]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value FROM entries WHERE key IN ({marks})"  # noqa: S608
        found = dict(self.database.execute(query, keys))
        return [found.get(key) for key in keys]

    def close(self) -> None:
        self.database.close()


class Diskcache:
    """On tmpfs; one transaction a batch of writes."""

    version = version("diskcache")

    def __init__(self, _: int) -> None:
        self.directory = tempfile.mkdtemp(dir=TMPFS)
        self.cache: Any = diskcache.Cache(self.directory, eviction_policy="none", size_limit=1 << 40, statistics=0)

    def mset(self, pairs: Pairs) -> None:
        with self.cache.transact():
            for key, value in pairs:
                self.cache.set(key, value)

    def mget(self, keys: list[str]) -> list[Any]:
        get = self.cache.get
        return [get(key) for key in keys]

    def close(self) -> None:
        self.cache.close()
        shutil.rmtree(self.directory)


class Redis:
    """A server of its own behind a Unix socket, redis-py with hiredis; one command a batch."""

    version = f"{version('redis')}, hiredis {version('hiredis')}"

    def __init__(self, _: int) -> None:
        self.directory = tempfile.mkdtemp(dir=TMPFS)
        socket = f"{self.directory}/redis.sock"
        command = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", self.directory]
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not Path(socket).exists():
            time.sleep(0.01)
        self.client: Any = redis.Redis(unix_socket_path=socket)
        self.mget = self.client.mget

    def mset(self, pairs: Pairs) -> None:
        self.client.mset(dict(pairs))

    def close(self) -> None:
        self.client.close()
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.directory)


DICT = "InMemoryByteStore"
PEERS: dict[str, Callable[[int], Store]] = {
    DICT: Dict,
    "cachetools LRU": Cachetools,
    "cachetools TTL": CachetoolsTtl,
    "cachebox": Cachebox,
    "theine": Theine,
    "moka-py": Moka,
    "LMDB": Lmdb,
    "SQLite": Sqlite,
    "diskcache": Diskcache,
    "Redis": Redis,
}
