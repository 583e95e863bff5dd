"""One turn of main.py: `step.py save|dump FILE ENTRIES VALUE`, `step.py load|unpickle FILE`. Prints its seconds."""

import os
import pickle
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bytestore import ByteStore

BATCH = 1000
NOISE = 1 << 20


def pairs(entries: int, value: int) -> Iterator[tuple[str, bytes]]:
    """As many as are wanted: keys as long as a UUID, and bytes that nobody can compress."""
    noise = random.Random(entries).randbytes(NOISE + value)  # noqa: S311
    for number in range(entries):
        start = number * 7919 % NOISE
        yield f"{number:08x}-0000-4000-8000-{number * 7919 % (1 << 48):012x}", noise[start : start + value]


def save(path: str, entries: int, value: int) -> float:
    store = ByteStore()
    batch = []
    for pair in pairs(entries, value):
        batch.append(pair)
        if len(batch) == BATCH:
            store.mset(batch)
            batch.clear()
    store.mset(batch)
    start = perf_counter()
    store.save(Path(path))
    return perf_counter() - start


def dump(path: str, entries: int, value: int) -> float:
    content = dict(pairs(entries, value))
    start = perf_counter()
    with Path(path).open("wb") as file:
        pickle.dump(content, file, protocol=pickle.HIGHEST_PROTOCOL)
        file.flush()
        os.fsync(file.fileno())
    return perf_counter() - start


def load(path: str) -> float:
    start = perf_counter()
    store = ByteStore(url=f"snapshot:{path}")
    seconds = perf_counter() - start
    return seconds if len(store) > 0 else 0


def unpickle(path: str) -> float:
    start = perf_counter()
    with Path(path).open("rb") as file:
        content = pickle.load(file)  # noqa: S301
    seconds = perf_counter() - start
    return seconds if len(content) > 0 else 0


if __name__ == "__main__":
    what, path, *numbers = sys.argv[1:]
    steps = {"save": save, "dump": dump, "load": load, "unpickle": unpickle}
    print(steps[what](path, *map(int, numbers)), flush=True)
    os._exit(0)  # what was made need not be freed one by one
