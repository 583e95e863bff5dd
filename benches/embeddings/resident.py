"""Prints the resident bytes that a cached embedding takes, key included: resident.py CACHE KIND DIMENSION ENTRIES."""

import ctypes
import gc
import resource
import sys
from pathlib import Path

from caches import CACHES, Model, text

BATCH = 100


def resident() -> int:
    """Of this process, once the allocator has given back what is free."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def main() -> None:
    name, kind = sys.argv[1:3]
    dimension, entries = map(int, sys.argv[3:])
    cache = CACHES[name](Model(kind, dimension))

    def put(start: int) -> None:
        cache.embed_documents([*map(text, range(start, start + BATCH))])

    put(0)
    before = resident()
    for start in range(BATCH, BATCH + entries, BATCH):
        put(start)
    print((resident() - before) / entries)


if __name__ == "__main__":
    main()
