"""Opening, closing and forgetting: what ends when, and what outlives it."""

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from bytestore import ByteStore, ClosedError
from bytestore._abi import ERR_CLOSED_HANDLE, OK, library
from harness import copies

CALLS: dict[str, Callable[[ByteStore], Any]] = {
    "mget": lambda s: s.mget(["a"]),
    "mget nothing": lambda s: s.mget([]),
    "mset": lambda s: s.mset([("a", b"1")]),
    "mset with a time to live": lambda s: s.mset([("a", b"1")], ttl=1),
    "mset nothing with a time to live": lambda s: s.mset([], ttl=1),
    "stats": lambda s: s.stats(),
    "advance_clock": lambda s: s.advance_clock(1),
    "mget_views": lambda s: s.mget_views(["a"]),
    "mget_views nothing": lambda s: s.mget_views([]),
    "mset nothing": lambda s: s.mset([]),
    "mdelete": lambda s: s.mdelete(["a"]),
    "yield_keys": lambda s: next(s.yield_keys()),
    "len": len,
    "store[key]": lambda s: s["a"],
    "store[key] =": lambda s: s.__setitem__("a", b"1"),
    "del": lambda s: s.__delitem__("a"),
    "in": lambda s: "a" in s,
    "iteration": list,
    "get": lambda s: s.get("a"),
    "update": lambda s: s.update(a=b"1"),
    "keys": lambda s: list(s.keys()),
    "items": lambda s: list(s.items()),
    "save": lambda s: s.save("/nowhere"),
    "save_bytes": lambda s: s.save_bytes(),
    "load": lambda s: s.load("/nowhere"),
    "load_bytes": lambda s: s.load_bytes(b""),
    "progress": lambda s: s.progress(),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_closed_store_says_so(name: str) -> None:
    store = ByteStore()
    store.mset([("a", b"1")])
    store.close()
    for _ in range(2):
        with pytest.raises(ClosedError):
            CALLS[name](store)


@pytest.mark.parametrize("module", ["_handle", "_cursor", "_pinned"])
def test_the_end_of_the_process_is_silent(module: str) -> None:
    """Where modules are taken apart before the last objects, as a free-threaded Python does it."""
    code = f"""
from bytestore import ByteStore, {module}
store = ByteStore()
store.mset([("a", b"1"), ("b", b"2")])
keys, views = store.yield_keys(), {module}.__dict__.get("Pinned", list)()
next(keys)
vars({module}).update(dict.fromkeys(("library", "brief", "byref")))
del keys, views, store
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_closing_again_does_nothing(store: ByteStore) -> None:
    for _ in range(3):
        store.close()


def test_a_with_block_closes() -> None:
    with ByteStore() as store:
        store.mset([("a", b"1")])
    with pytest.raises(ClosedError):
        len(store)
    with pytest.raises(ZeroDivisionError), ByteStore() as store:
        _ = 1 // 0
    with pytest.raises(ClosedError):
        len(store)
    with ByteStore() as store:
        store.close()


def test_the_last_reference_closes() -> None:
    store = ByteStore()
    native = store._handle.id
    assert library.bytestore_mset(native, 0, None, None, None, None) == OK
    del store
    gc.collect()
    assert library.bytestore_mset(native, 0, None, None, None, None) == ERR_CLOSED_HANDLE


def test_weak_references(store: ByteStore) -> None:
    store = ByteStore()
    reference = weakref.ref(store)
    assert reference() is store
    del store
    gc.collect()
    assert reference() is None


def test_a_store_that_never_opened_is_forgotten_quietly(recwarn: pytest.WarningsRecorder) -> None:
    for url in ("nosuch:", "\0"):
        with pytest.raises(ValueError, match="url"):
            ByteStore(url=url)
    gc.collect()
    assert not recwarn.list


def test_results_outlive_the_store() -> None:
    store = ByteStore()
    values = [b"", b"small", b"x" * 4096, b"y" * 10**6]
    store.mset(zip("abcd", values, strict=True))
    answers = store.mget("a b c d x".split())
    store.mdelete("abcd"[i] for i in range(4))
    store.close()
    del store
    gc.collect()
    assert answers == [*values, None]


def test_stores_have_nothing_in_common() -> None:
    first, second = ByteStore(), ByteStore(url="memory:")
    first.mset([("a", b"1")])
    assert second.mget(["a"]) == [None]
    first.close()
    assert len(second) == 0


def test_closing_beside_running_calls() -> None:
    pairs = [(f"k{i}", b"x" * 5000) for i in range(200)]
    keys = [key for key, _ in pairs]
    for _ in range(30):
        store = ByteStore()
        store.mset(pairs)
        wrong: list[Any] = []
        started = threading.Barrier(4)

        def work(call: Callable[[], Any], started: threading.Barrier = started, wrong: list[Any] = wrong) -> None:
            started.wait()
            try:
                while True:
                    call()
            except ClosedError:
                pass
            except BaseException as error:  # noqa: BLE001
                wrong.append(error)

        def read(store: ByteStore = store, wrong: list[Any] = wrong) -> None:
            values = [value for _, value in pairs]
            if store.mget(keys) != values or copies(store.mget_views(keys)) != values:
                wrong.append("another answer")

        calls: list[Callable[[], Any]] = [
            read,
            lambda store=store: store.mset(pairs),  # type: ignore[misc]
            lambda store=store: list(store.yield_keys()),  # type: ignore[misc]
        ]
        threads = [threading.Thread(target=work, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        started.wait()
        store.close()
        for thread in threads:
            thread.join()
        assert not wrong


EXITS = {
    "in main": "store = ByteStore(); store.mset([('a', b'1')])",
    "in sys": "import sys; sys.keep = ByteStore(); sys.keep.mset([('a', b'1')])",
    "in builtins": "import builtins; builtins.keep = ByteStore()",
    "in a cycle": "class C: pass\nc = C(); c.me = c; c.store = ByteStore()",
    "in a scan": "s = ByteStore(); s.mset([('a', b'1'), ('b', b'2')]); scan = s.yield_keys(); next(scan)",
    "in a daemon thread": (
        "import threading, time\n"
        "s = ByteStore()\n"
        "def work():\n"
        "    while True: s.mset([('a', b'1')]); list(s.yield_keys())\n"
        "threading.Thread(target=work, daemon=True).start(); time.sleep(0.05)"
    ),
    "in a daemon thread, without the interpreter's lock": (
        "import threading, time\n"
        "s = ByteStore(); keys = [f'k{i}' for i in range(50_000)]; pairs = [(key, b'1') for key in keys]\n"
        "def work():\n"
        "    while True: s.mset(pairs); s.mget(keys); s.mget_views(keys)\n"
        "threading.Thread(target=work, daemon=True).start(); time.sleep(0.1)"
    ),
    "in many threads": (
        "import threading\n"
        "s = ByteStore(); keys = [f'k{i}' for i in range(1000)]\n"
        "def work():\n"
        "    for _ in range(50): s.mget(keys)\n"
        "threads = [threading.Thread(target=work) for _ in range(3)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]"
    ),
    "in views": "import builtins; s = ByteStore(); s.mset([('a', b'1' * 9000)]); builtins.keep = s.mget_views(['a'])",
    "in atexit": "import atexit; s = ByteStore(); atexit.register(lambda: s.mset([('a', b'1')]))",
}


@pytest.mark.parametrize("where", EXITS)
def test_the_interpreter_ends_quietly(where: str) -> None:
    code = f"from bytestore import ByteStore\n{EXITS[where]}"
    done = subprocess.run([sys.executable, "-X", "dev", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
