"""The demonstration in Python: the guide, then every file of a manifest into the store and back.

demo.py MANIFEST OUTDIR: the manifest's first line is a directory, the others are paths of files in it.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bytestore import ByteStore

BATCH = 64
PROGRESS_LINES = 50


def guide() -> None:
    """What LangChain's documentation shows of a store."""
    store = ByteStore()
    store.mset([("key1", b"value1"), ("key2", b"value2")])
    values = store.mget(["key1", "key2"])
    store.mdelete(["key1"])
    print(f"guide: mget gives {values}, and after mdelete of key1 {store.mget(['key1'])}", flush=True)


def resident_bytes() -> int:
    """The memory of this process, as the kernel counts it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:", 1)[1].split()[0]) * 1024


def batches(paths: list[str]) -> Iterator[list[str]]:
    """The paths, some at a time."""
    for start in range(0, len(paths), BATCH):
        yield paths[start : start + BATCH]


class Progress:
    """Says from time to time how far it is."""

    def __init__(self, total: int) -> None:
        self.done, self.total, self.said = 0, total, 0

    def advance(self, count: int) -> None:
        """Counts some more."""
        self.done += count
        if self.done * PROGRESS_LINES // self.total > self.said:
            self.said = self.done * PROGRESS_LINES // self.total
            print(f"progress {self.done} {self.total}", flush=True)


def main() -> None:
    """Runs it all."""
    manifest, out = sys.argv[1:]
    # Names of files need not be UTF-8: surrogates stand for their other bytes, in keys too.
    root, *paths = Path(manifest).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    guide()

    store = ByteStore()
    progress = Progress(2 * len(paths))
    size = 0
    mset_seconds = mget_seconds = 0.0

    memory = resident_bytes()
    for batch in batches(paths):
        pairs = [(path, Path(root, path).read_bytes()) for path in batch]
        started = time.perf_counter()
        store.mset(pairs)
        mset_seconds += time.perf_counter() - started
        size += sum(len(content) for _, content in pairs)
        progress.advance(len(batch))
    memory = resident_bytes() - memory

    with open(Path(out, "sha256"), "w", encoding="utf-8", errors="surrogateescape") as sums:
        for batch in batches(paths):
            started = time.perf_counter()
            contents = store.mget(batch)
            mget_seconds += time.perf_counter() - started
            for path, content in zip(batch, contents, strict=True):
                if content is None:
                    sys.exit(f"{path} is missing")
                sums.write(f"{hashlib.sha256(content).hexdigest()}  {path}\n")
            progress.advance(len(batch))

    prefix = sum(1 for _ in store.yield_keys(prefix="json/"))
    print(f"prefix: {prefix} keys begin with json/")
    result = {
        "language": "python",
        "entries": len(store),
        "bytes": size,
        "mset_seconds": mset_seconds,
        "mget_seconds": mget_seconds,
        "prefix": prefix,
        "rss_bytes": memory,
    }
    print("result", json.dumps(result))


if __name__ == "__main__":
    main()
