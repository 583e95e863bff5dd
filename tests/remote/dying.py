"""Servers that are killed while threads write and read: python3 tests/remote/dying.py, below with.py --revive.

Kills every server that has keys, one after another, and waits until all is well again: by then a server is back, and
where it has a replica, that has taken its place. Every value that is read must be the last one that was acknowledged,
or one that was tried after it; with a replica nothing that was acknowledged may be lost.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from bytestore import ByteStore, RemoteError

URL = os.environ["BYTESTORE_TEST_URL"]
NODES = [tuple(map(int, node.split(":"))) for node in os.environ["BYTESTORE_TEST_NODES"].split()]
IS_CLUSTER = len(NODES) > 1
WRITERS, READERS, KEYS = 4, 3, 60
PATIENCE = 120.0  # seconds for what takes some on an idle machine
BETWEEN = 1.0  # seconds of quiet before a kill


class Key:
    """One writer's: it writes 1, 2, 3, … and goes on when a number was acknowledged."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tried = self.acknowledged = 0
        self.written_at = self.read_at = 0.0


class Run:
    """Writers and readers of one store."""

    def __init__(self, store: ByteStore) -> None:
        self.store = store
        self.keys = [[Key(f"{writer}/{number}") for number in range(KEYS)] for writer in range(WRITERS)]
        self.ended = threading.Event()
        self.wrong: list[str] = []
        self.failures = self.longest = self.calls = 0.0
        parts: list[tuple[Callable[[Key], None], list[Key]]] = [(self.write, keys) for keys in self.keys]
        parts += [(self.read, [key for keys in self.keys for key in keys[part::READERS]]) for part in range(READERS)]
        self.threads = [threading.Thread(target=self.repeat, args=part) for part in parts]

    def repeat(self, act: Callable[[Key], None], keys: list[Key]) -> None:
        while not self.ended.is_set():
            for key in keys:
                began = time.monotonic()
                try:
                    act(key)
                except RemoteError:
                    self.failures += 1
                except Exception as error:  # noqa: BLE001
                    self.wrong.append(f"{key.name}: {error!r}")
                self.calls += 1
                self.longest = max(self.longest, time.monotonic() - began)

    def write(self, key: Key) -> None:
        key.tried = key.acknowledged + 1
        self.store.mset([(key.name, b"%d" % key.tried)])
        key.acknowledged = key.tried
        key.written_at = time.monotonic()

    def read(self, key: Key) -> None:
        least = key.acknowledged if IS_CLUSTER else 0
        (value,) = self.store.mget([key.name])
        most = key.tried
        if not least <= int(value or 0) <= most:
            self.wrong.append(f"{key.name} is {value!r}, of {least} to {most}")
        key.read_at = time.monotonic()

    def wait_since(self, moment: float, what: str) -> float:
        """Waits until every key was written or read again since; says how long after that moment it was."""
        while True:
            now = time.monotonic()
            times = [getattr(key, what) for keys in self.keys for key in keys]
            if min(times) > moment:
                return now - moment
            if now > moment + PATIENCE or self.wrong:
                self.ended.set()
                sys.exit(f"not all is {what} again: " + "; ".join(self.wrong[:5]))
            time.sleep(0.01)


def main() -> None:
    options = "?replicas=1&timeout=5s" if IS_CLUSTER else "?timeout=2s"
    with ByteStore(url=URL + options) as store:
        run = Run(store)
        for thread in run.threads:
            thread.start()
        try:
            run.wait_since(time.monotonic(), "written_at")
            for port, pid in NODES[: len(NODES) // 2 or 1]:
                time.sleep(BETWEEN)
                failures = run.failures
                killed = time.monotonic()
                os.kill(pid, signal.SIGKILL)
                read, written = run.wait_since(killed, "read_at"), run.wait_since(killed, "written_at")
                failed = run.failures - failures
                if not IS_CLUSTER and failed == 0:
                    run.wrong.append("no call has failed without a server")
                print(
                    f"port {port}: all read after {read:.1f} s, all written after {written:.1f} s, {failed:.0f} failed"
                )
        finally:
            run.ended.set()
            for thread in run.threads:
                thread.join()
        for key in [key for keys in run.keys for key in keys]:
            run.read(key)
        found = set(store.yield_keys())
        if found != {key.name for keys in run.keys for key in keys}:
            run.wrong.append(f"{len(found)} keys there")
    for text in run.wrong:
        print(f"FAILED  {text}")
    print(f"{run.calls:.0f} calls, {run.failures:.0f} failed, the longest took {run.longest:.1f} s")
    sys.exit(bool(run.wrong))


if __name__ == "__main__":
    main()
