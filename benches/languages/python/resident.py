"""Prints the resident bytes an entry that one store takes, keys and values included: resident.py STORE ENTRIES."""

import ctypes
import gc
import resource
import sys
from pathlib import Path
from typing import Any

from bytestore import ByteStore

import workload
from stores import PEERS

BATCH = 1000
VALUE = 100


def resident() -> int:
    """Of this process, once the allocator has given back what is free."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def main() -> None:
    name, entries = sys.argv[1], int(sys.argv[2])
    store: Any = ByteStore() if name == "bytestore" else PEERS[name](entries)

    def put(start: int) -> None:
        numbers = range(start, min(start + BATCH, entries))
        store.mset([(workload.key(number), workload.value(number, VALUE)) for number in numbers])

    put(0)
    before = resident()
    for start in range(BATCH, entries, BATCH):
        put(start)
    print((resident() - before) / (entries - BATCH))


if __name__ == "__main__":
    main()
