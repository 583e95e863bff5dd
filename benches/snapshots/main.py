"""Saves and loads a store beside dd and pickle, in turns, and prints a JSON line for each result: main.py [options].

Whoever has a turn is a process of its own (step.py), and who begins changes from round to round. A save ends when the
disk has all of it, dd's and pickle's too. Where a file is loaded from the disk, the system has forgotten it before;
elsewhere all of it was read just before.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

KEY, VALUE = 36, 6 << 10
WANTED, ENOUGH = 1_000_000, 300_000
CHUNK = 1 << 20
DD = shutil.which("dd") or sys.exit("main.py: there is no dd")
# Beside the store or the dict, a file in the system's cache; and a file for each of the three.
MEMORY, DISK = 2.5, 3.2


def room(entries: int, value: int, folder: Path) -> bool:
    """Whether memory and disk suffice for so many entries."""
    size = entries * (KEY + value)
    words = Path("/proc/meminfo").read_text(encoding="utf-8").partition("MemAvailable:")[2].split()
    return size * MEMORY <= int(words[0]) * 1024 and size * DISK <= shutil.disk_usage(folder).free


def forget(path: Path) -> None:
    """Lets the system drop a file from its cache."""
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)  # what is not on disk stays
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def recall(path: Path) -> None:
    """Makes the system have all of a file in its cache."""
    with path.open("rb", buffering=0) as file:
        while file.read(CHUNK):
            pass


def step(*words: object) -> float:
    """The seconds that a process of its own says."""
    command = [sys.executable, str(Path(__file__).with_name("step.py")), *map(str, words)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def dd(*words: str) -> float:
    """The seconds that dd takes."""
    start = perf_counter()
    subprocess.run([DD, f"bs={CHUNK}", "status=none", *words], check=True)
    return perf_counter() - start


class Files:
    """What is written and read."""

    def __init__(self, folder: Path) -> None:
        self.snapshot, self.pickle, self.copy = (folder / name for name in ("snapshot", "pickle", "copy"))

    def saves(self, entries: int, value: int) -> dict[str, Callable[[], float]]:
        def copied() -> float:
            recall(self.snapshot)
            return dd(f"if={self.snapshot}", f"of={self.copy}", "conv=fsync")

        return {
            "bytestore": lambda: step("save", self.snapshot, entries, value),
            "dd": copied,
            "pickle": lambda: step("dump", self.pickle, entries, value),
        }

    def loads(self, before: Callable[[Path], None]) -> dict[str, Callable[[], float]]:
        def after(path: Path, load: Callable[[], float]) -> float:
            before(path)
            return load()

        return {
            "bytestore": lambda: after(self.snapshot, lambda: step("load", self.snapshot)),
            "dd": lambda: after(self.snapshot, lambda: dd(f"if={self.snapshot}", "of=/dev/null")),
            "pickle": lambda: after(self.pickle, lambda: step("unpickle", self.pickle)),
        }

    def clear(self) -> None:
        for path in (self.snapshot, self.pickle, self.copy):
            path.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, help=f"default: {WANTED:,}, or {ENOUGH:,} where there is no room")
    parser.add_argument("--value", type=int, default=VALUE, help="bytes of a value")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path(), help="where the files go: on the disk to be measured")
    options = parser.parse_args()

    entries = options.entries or (WANTED if room(WANTED, options.value, options.folder) else ENOUGH)
    if options.entries is None and entries < WANTED:
        text = f"memory or disk had no room for {WANTED:,} entries, so there were {entries:,}"
        print(json.dumps({"kind": "note", "text": text}), flush=True)
    files = Files(options.folder)
    work = {
        "save": files.saves(entries, options.value),
        "load from disk": files.loads(forget),
        "load from the cache": files.loads(recall),
    }
    seconds = {name: {who: [0.0] * options.rounds for who in turns} for name, turns in work.items()}
    size = 0
    try:
        for turn in range(options.rounds):
            for name, turns in work.items():
                # In the first round bytestore begins, whose file dd copies.
                for who in list(turns) if turn % 2 == 0 else reversed(turns):
                    seconds[name][who][turn] = round(turns[who](), 4)
            size = files.snapshot.stat().st_size
    finally:
        files.clear()
    print(json.dumps({"kind": "size", "entries": entries, "key": KEY, "value": options.value, "bytes": size}))
    for name, times in seconds.items():
        print(json.dumps({"kind": "seconds", "work": name, **times}))


if __name__ == "__main__":
    main()
