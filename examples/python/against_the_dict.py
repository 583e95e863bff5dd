"""What LangChain's dict cannot do: scans while others write, and reads of a batch in one step. A few seconds.

against_the_dict.py: the same threads against `InMemoryByteStore` and against bytestore, side by side.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from langchain_core.stores import BaseStore, InMemoryByteStore

from bytestore import ByteStore

Store = BaseStore[str, bytes]

SCANS = READS = 1000
STAY = [f"stays/{i}" for i in range(500)]  # keys that are there throughout
COME = [f"comes/{i}" for i in range(100)]  # keys that come and go
BATCH = [f"batch/{i}" for i in range(64)]  # keys that are always set together
SECONDS = 4  # for each figure at the most
SWITCH = 1e-4  # seconds after which a thread that waits has its turn; with Python's own 5 ms all is slower, not better
PAUSE = 1e-5  # seconds that a reader waits now and then, as one does that talks to a network or a disk


@contextmanager
def beside(write: Callable[[int], object]) -> Iterator[None]:
    """Another thread writes, turn after turn."""
    stop = threading.Event()

    def run() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            write(turn)

    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    writer = threading.Thread(target=run)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()
        sys.setswitchinterval(before)


def count(times: int, fails: Callable[[], bool]) -> tuple[int, int]:
    """How often it fails, of how many times that there was time for."""
    failures = done = 0
    end = time.monotonic() + SECONDS
    while done < times and time.monotonic() < end:
        failures += fails()
        done += 1
    return failures, done


def scans(store: Store, times: int = SCANS) -> tuple[int, int]:
    """Scans that raise, leave out a key that was there throughout, or give one twice."""
    store.mset([(key, b"") for key in STAY])

    def write(turn: int) -> None:
        if turn % 2:
            store.mset([(key, b"") for key in COME])
        else:
            store.mdelete(COME)

    def fails() -> bool:
        found = []
        try:
            for key in store.yield_keys():
                found.append(key)
                if len(found) == len(STAY) // 2:
                    time.sleep(PAUSE)
        except RuntimeError:  # dictionary changed size during iteration
            return True
        return len({*found}) != len(found) or not {*STAY} <= {*found}

    with beside(write):
        return count(times, fails)


def reads(store: Store, times: int = READS) -> tuple[int, int]:
    """Reads of one batch that see two writes mixed."""
    store.mset([(key, b"0") for key in BATCH])

    def fails() -> bool:
        time.sleep(PAUSE)
        return len({*store.mget(BATCH)}) != 1

    with beside(lambda turn: store.mset([(key, b"%d" % turn) for key in BATCH])):
        return count(times, fails)


FIGURES: dict[str, Callable[[Store], tuple[int, int]]] = {
    "scans that fail while a thread writes": scans,
    "torn reads of a batch of 64 keys": reads,
}


def main() -> None:
    """Prints every figure of both."""
    print(f"{'':40}{'InMemoryByteStore':>20}{'bytestore':>20}")
    for name, figure in FIGURES.items():
        cells = ["{} of {}".format(*figure(make())) for make in (InMemoryByteStore, ByteStore)]
        print(f"{name:40}{cells[0]:>20}{cells[1]:>20}", flush=True)


if __name__ == "__main__":
    main()
