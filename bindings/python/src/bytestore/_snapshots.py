"""Saving a store and loading it, with files, bytes and pickles. Knows a handle and its URL, none of the operations."""

import os
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ._arguments import Path, Value, file_path, snapshot_bytes
from ._async import in_thread
from ._bar import with_bar
from ._errors import ByteStoreError
from ._handle import Handle
from ._options import compression, of_its_own

_FORMAT = 2  # of a pickle


class Progress(NamedTuple):
    """How far a call that saves or loads a store has come; both are 0 when there is none.

    Attributes:
        done: Of `total`: entries that were saved, or bytes that were loaded.
        total: It may be some more than there is to do.

    """

    done: int
    total: int


Progress.__module__ = "bytestore"  # where people import it from


class Snapshots:
    """What `ByteStore` does with all of its entries at once."""

    if TYPE_CHECKING:
        _url: str
        _handle: Handle

    def save(self, path: Path, *, level: int = 0, progress: bool = False) -> None:
        """Saves the store to a file: its entries at one moment, with the time that they have left, and its options.

        Other threads may write meanwhile. Of a namespace its own keys are saved. The file is there in whole or not at
        all: it is written beside, for its owner only to read, and takes the old one's place when it is on disk; a
        symbolic link is replaced, not followed. The file of any language can be loaded in any other.

        Args:
            path: A str, bytes or `os.PathLike`.
            level: 0: not compressed; 1 to 22: that of Zstandard, the usual one is 3.
            progress: Shows a bar of tqdm; ImportError where that is not installed. The work is done by another thread
                meanwhile, and an interrupt waits for its end.

        Raises:
            FileError: The system refused it. An `OSError`, and as specific as that of `open`.
            InvalidArgumentError: A level that there is not. A `ValueError`.
            UnsupportedError: A level, of a library that was built without Zstandard.

        """
        name = file_path(path)
        save = partial(self._handle.save, name, compression(level))
        if progress:
            title = f"Saving {os.fsdecode(name)}"
            with_bar(save, self._handle.progress, desc=title, total=self._handle.size(), unit=" entries")
        else:
            save()

    def load(self, path: Path, *, progress: bool = False) -> None:
        """Loads a file that was saved: in one step its entries take the place of all there is.

        Of a namespace they take that of its own. Options stay the store's own: what is more than it may hold is
        evicted. What is counted goes on, and loading counts for nothing. Until that step the store is as it was, and in
        use; after an error it stays so.

        `ByteStore(url=f"snapshot:{path}")` is a new store with the file's entries and options.

        Args:
            path: A str, bytes or `os.PathLike` of a regular file.
            progress: As `save` has it.

        Raises:
            FileError: The system refused it. An `OSError`, and as specific as that of `open`.
            BadSnapshotError: It is damaged or not whole, or no such file. A `ValueError`.
            UnsupportedError: A later version wrote it, or it is compressed and the library was built without Zstandard.
            OverLimitError: An entry is more than the store may hold.

        """
        name = file_path(path)
        load = partial(self._handle.load, name)
        if progress:
            title = f"Loading {os.fsdecode(name)}"
            bar = {"total": _size(name), "unit": "B", "unit_scale": True, "unit_divisor": 1024}
            with_bar(load, self._handle.progress, desc=title, **bar)
        else:
            load()

    def save_bytes(self, *, level: int = 0) -> bytes:
        """As `save`, to memory: the bytes of such a file."""
        return self._handle.save_bytes(compression(level))

    def load_bytes(self, snapshot: Value) -> None:
        """As `load`, from memory: the bytes of such a file, in anything with the buffer protocol."""
        self._handle.load_bytes(snapshot_bytes(snapshot, "load_bytes"))

    def progress(self) -> Progress:
        """How far the saving or loading of this store is that is under way in another thread. Costs next to nothing."""
        return Progress(*self._handle.progress())

    # Their async forms: files and whole stores are nothing that a loop should wait for, however small.

    async def asave(self, path: Path, *, level: int = 0, progress: bool = False) -> None:
        """As `save`; it waits in a thread, and is done there even when the task is cancelled."""
        await in_thread(self.save, file_path(path), level=level, progress=progress)

    async def aload(self, path: Path, *, progress: bool = False) -> None:
        """As `load`; it waits in a thread, and is done there even when the task is cancelled."""
        await in_thread(self.load, file_path(path), progress=progress)

    async def asave_bytes(self, *, level: int = 0) -> bytes:
        """As `save_bytes`; it waits in a thread."""
        return await in_thread(self.save_bytes, level=level)

    async def aload_bytes(self, snapshot: Value) -> None:
        """As `load_bytes`; it waits in a thread, and is done there even when the task is cancelled."""
        await in_thread(self.load_bytes, snapshot_bytes(snapshot, "aload_bytes"))

    # A pickle's state: plain types only, and a number for who reads it years later.

    def __getstate__(self) -> dict[str, Any]:
        own = {name: value for name, value in self.__dict__.items() if name not in {"_url", "_handle", "_usual"}}
        snapshot = self._handle.save_bytes()
        url = of_its_own(self._url, snapshot)  # a store of that name may be where it is read
        return {"format": _FORMAT, "url": url, "snapshot": snapshot, "attributes": own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "format" not in state:  # before there were formats
            own = dict(state)
            state = {"format": 1, "url": own.pop("_url"), "entries": own.pop("_handle"), "attributes": own}
        if state["format"] > _FORMAT:
            raise ByteStoreError(
                f"a store pickled in format {state['format']} by a later bytestore, "
                f"this one reads up to {_FORMAT}: update it"
            )
        self.__dict__.update(state["attributes"])
        self._url, self._handle = state["url"], Handle(state["url"])
        if state["format"] == 1:  # before there were snapshots
            entries: dict[bytes, bytes] = state["entries"]
            self._handle.mset(list(entries), list(entries.values()))
        else:
            self._handle.load_bytes(state["snapshot"])


def _size(path: str | bytes) -> int:
    try:
        return os.stat(path).st_size
    except OSError:  # loading says it
        return 0
