"""Saving and loading: files and bytes, what is carried, what others see meanwhile."""

import array
import asyncio
import mmap
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bytestore import ByteStore, InvalidArgumentError, OverLimitError, Progress
from samples import ENTRIES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tea & cäke \N{SNOWMAN}.snapshot"


@pytest.fixture
def many() -> ByteStore:
    """So many entries that saving and loading take a while."""
    store = ByteStore()
    store.update({f"key/{number}": bytes(200) for number in range(100_000)})
    return store


def test_there_and_back(filled: ByteStore, path: Path) -> None:
    filled.save(path)
    assert filled.save_bytes() == path.read_bytes()
    filled.update(new=b"", b=b"other")
    filled.load(path)
    assert filled.store == ENTRIES
    assert list(filled) == list(ENTRIES)
    other = ByteStore()
    other["old"] = b""
    other.load_bytes(path.read_bytes())
    assert list(other.items()) == list(ENTRIES.items())
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("kind", [Path, str, os.fsencode], ids=["Path", "str", "bytes"])
def test_any_path(filled: ByteStore, path: Path, kind: Any) -> None:
    class Pathlike:
        def __fspath__(self) -> Any:
            return os.fspath(kind(path))

    for form in (kind(path), Pathlike()):
        filled.save(form)
        filled.load(form)
        path.unlink()


def test_a_file_name_that_is_no_text(filled: ByteStore, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\xfe"
    filled.save(name)
    filled.load(os.fsdecode(name))
    assert os.listdir(os.fsencode(tmp_path)) == [b"\xff\xfe"]


def test_a_relative_path(filled: ByteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    filled.save("here")
    assert ByteStore(url="snapshot:here").store == ENTRIES


def test_options_and_times_go_through_a_file(path: Path) -> None:
    store = ByteStore(max_entries=3, ttl=10, manual_clock=True)
    store["default"] = b"1"
    store.mset([("own", b"2")], ttl=timedelta(seconds=4))
    store.mset([("ever", b"3")], ttl=float("inf"))
    store.advance_clock(3)
    store.save(path, level=3)
    store.advance_clock(100)

    twin = ByteStore(url=f"snapshot:{path}")
    path.unlink()
    assert repr(twin) == f"<ByteStore url='snapshot:{path}' entries=3>"
    assert (twin.stats().max_entries, twin.stats().sets) == (3, 0)
    for left, seconds in ((["default", "own", "ever"], 0.999), (["default", "ever"], 0.001), (["ever"], 6)):
        twin.advance_clock(seconds)
        assert list(twin) == left
    twin["new"] = b""
    twin.advance_clock(10)
    assert list(twin) == ["ever"]

    store.load_bytes(twin.save_bytes())
    assert list(store) == ["ever"]


@pytest.mark.parametrize("options", [{"ttl": 5}, {"max_bytes": 10**6}, {"name": "n"}, {"erase": True}])
def test_a_snapshot_opens_with_the_options_that_were_saved(filled: ByteStore, path: Path, options: Any) -> None:
    filled.save(path)
    with pytest.raises(InvalidArgumentError, match="has the options that were saved"):
        ByteStore(url=f"snapshot:{path}", **options)


def test_a_path_in_a_url_is_taken_as_it_stands(path: Path) -> None:
    store = ByteStore(max_item_bytes=10)
    store["a"] = b"1"
    name = path.with_name("a?max_item_bytes=%20&ttl=1h#b")
    store.save(name)
    twin = ByteStore(url=f"snapshot:{name}")
    assert twin.store == {"a": b"1"}
    with pytest.raises(OverLimitError, match="1 pairs of 12 bytes"):
        twin["b"] = b"x" * 11
    with pytest.raises(InvalidArgumentError, match="manual_clock"):
        twin.advance_clock(1)


def test_a_namespace_saves_and_loads_its_own(store: ByteStore, path: Path) -> None:
    store.update({"u/a": b"1", "other": b"2"})
    users = store.namespace("u/")
    users.save(path)
    assert ByteStore(url=f"snapshot:{path}").store == {"a": b"1"}
    users.update(a=b"changed", b=b"new")
    users.load(path)
    assert store.store == {"u/a": b"1", "other": b"2"}
    store.load_bytes(users.save_bytes())
    assert store.store == {"a": b"1"}


@pytest.mark.parametrize("level", [0, 1, 3, 22])
def test_levels(store: ByteStore, path: Path, level: int) -> None:
    store.update({f"key/{number}": b"again and again" for number in range(1000)})
    plain = len(store.save_bytes())
    store.save(path, level=level)
    assert (path.stat().st_size < plain / 4) == (level > 0)
    assert path.read_bytes() == store.save_bytes(level=level)
    other = ByteStore()
    other.load(path)
    assert list(other.items()) == list(store.items())


@pytest.mark.parametrize("level", [-1, 23, 2**32 + 1, 2**70])
async def test_levels_that_there_are_not(filled: ByteStore, path: Path, level: int) -> None:
    for save in (filled.save, filled.asave):
        with pytest.raises(InvalidArgumentError, match="level is"):
            await done(save(path, level=level))
    for save_bytes in (filled.save_bytes, filled.asave_bytes):
        with pytest.raises(InvalidArgumentError, match="level is"):
            await done(save_bytes(level=level))
    with pytest.raises(TypeError, match="level is a whole number, not str '3'"):
        filled.save(path, level="3")  # type: ignore[arg-type]
    assert os.listdir(path.parent) == []


async def done(result: Any) -> Any:
    """The result of a method, in whichever form."""
    return await result if asyncio.iscoroutine(result) else result


async def test_async_forms(filled: ByteStore, path: Path) -> None:
    await filled.asave(path, level=1)
    snapshot = bytearray(await filled.asave_bytes())
    await filled.adelete_prefix("")
    await filled.aload(path)
    assert filled.store == ENTRIES
    await filled.adelete_prefix("")
    loading = filled.aload_bytes(memoryview(snapshot))
    waiting = asyncio.ensure_future(loading)
    await asyncio.sleep(0)
    snapshot[:] = bytes(len(snapshot))  # it was read when the coroutine began
    await waiting
    assert filled.store == ENTRIES
    with pytest.raises(FileNotFoundError):
        await filled.aload(path.with_name("missing"))


async def test_async_forms_wait_in_a_thread(filled: ByteStore, path: Path) -> None:
    threads: list[threading.Thread] = []

    class Spied(ByteStore):
        def save(self, *args: Any, **more: Any) -> None:
            threads.append(threading.current_thread())
            super().save(*args, **more)

        def load(self, *args: Any, **more: Any) -> None:
            threads.append(threading.current_thread())
            super().load(*args, **more)

    store = Spied()
    await store.asave(path)
    await store.aload(path)
    assert len(threads) == 2
    assert threading.current_thread() not in threads


@pytest.mark.parametrize(
    "kind",
    [bytes, bytearray, memoryview, lambda data: array.array("B", data), lambda data: memoryview(data)[::-1][::-1]],
    ids=["bytes", "bytearray", "memoryview", "array", "view with steps"],
)
def test_any_buffer_is_loaded(filled: ByteStore, store: ByteStore, kind: Any) -> None:
    other = ByteStore()
    other.load_bytes(kind(filled.save_bytes()))
    assert other.store == ENTRIES


def test_a_mapped_file_is_loaded(filled: ByteStore, path: Path) -> None:
    filled.save(path)
    other = ByteStore()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        other.load_bytes(mapped)
    assert other.store == ENTRIES


async def test_what_is_no_buffer_is_named(filled: ByteStore, path: Path) -> None:
    for load in (filled.load_bytes, filled.aload_bytes):
        for what, words in (
            (5, "not int 5$"),
            (path, r"load\(\) reads a file$"),
            ("x", r"not str 'x': load\(\) reads"),
        ):
            with pytest.raises(TypeError, match=words):
                await done(load(what))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"expected str, bytes or os\.PathLike object, not int"):
        filled.save(5)  # type: ignore[arg-type]
    assert filled.store == ENTRIES


# What others see meanwhile.


def test_no_snapshot_has_half_a_batch(store: ByteStore, path: Path) -> None:
    keys = [f"k{number}" for number in range(3000)]
    store.mset((key, b"0") for key in keys)
    stop = threading.Event()

    def write() -> int:
        turn = 0
        while not stop.is_set():
            turn += 1
            store.mset((key, b"%d" % turn) for key in keys)
        return turn

    seen = set()
    loaded = ByteStore()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for number in range(20):
                if number % 2:
                    loaded.load_bytes(store.save_bytes())
                else:
                    store.save(path)
                    loaded.load(path)
                values = set(loaded.mget(keys))
                assert len(values) == 1
                seen |= values
        finally:
            stop.set()
    assert writing.result() > 1
    assert len(seen) > 1


def test_a_load_is_seen_as_one_step(many: ByteStore) -> None:
    keys = list(many)
    snapshots = []
    for value in (b"one", b"two"):
        many.mset((key, value) for key in keys)
        snapshots.append(many.save_bytes())
    with ThreadPoolExecutor(1) as pool:
        for snapshot in snapshots * 2:
            loading = pool.submit(many.load_bytes, snapshot)
            while not loading.done():
                assert len(set(many.mget(keys[::1000]))) == 1
            loading.result()


@pytest.mark.parametrize("call", ["save", "load", "save_bytes", "load_bytes"])
def test_progress_is_seen_from_another_thread(many: ByteStore, path: Path, call: str) -> None:
    """Sooner or later: a call may be over before anybody looks. With the interpreter's lock held nobody could."""
    many.save(path)
    argument: dict[str, Any] = {"save": (path,), "load": (path,), "load_bytes": (path.read_bytes(),)}
    size = path.stat().st_size if "load" in call else len(many)
    assert many.progress() == Progress(done=0, total=0)
    seen: list[Progress] = []
    with ThreadPoolExecutor(1) as pool:
        for _ in range(100):
            running = pool.submit(getattr(many, call), *argument.get(call, ()))
            while not running.done():
                seen.append(many.progress())
            running.result()
            if any(progress.done for progress in seen):
                break
    assert any(progress.done for progress in seen)
    for progress in seen:
        done, total = progress
        assert (progress.done, progress.total) == (done, total)
        assert 0 <= done <= size
        assert total == 0 or size / 2 < total < size * 2
    assert many.progress() == (0, 0)


def test_a_namespace_shows_the_progress_of_its_store(many: ByteStore) -> None:
    view = many.namespace("key/")
    seen: set[int] = set()
    with ThreadPoolExecutor(1) as pool:
        for _ in range(100):
            running = pool.submit(many.save_bytes)
            while not running.done():
                seen.add(view.progress().total)
            if seen > {0}:
                break
    assert seen >= {100_000}
