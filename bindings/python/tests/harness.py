"""Runs the steps of a conformance case against one store after another. Knows steps, not where cases come from."""

import json
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from bytestore import ByteStoreError
from cases import (
    SERVER,
    UnknownForm,
    equal,
    equal_keys,
    fields,
    natural,
    own_url,
    to_answers,
    to_bytes,
    to_list,
    to_pairs,
)
from subjects import DEFAULT, Subject

STATUSES = {"invalid_argument", "closed_handle", "out_of_memory", "over_limit", "remote_failure", "internal_error"}
STATUSES |= {"io_failure", "bad_snapshot", "unsupported"}


class Failed(Exception):  # noqa: N818
    """What a computation fails with that has to."""


class Scan:
    """A scan under way. On a server, which keeps no order, what it gives altogether is compared at its end."""

    def __init__(self, keys: Iterator[bytes]) -> None:
        self.keys = keys
        self.given: list[bytes] = []
        self.due: list[bytes] = []

    def next(self, take: int, expected: list[bytes]) -> None:
        answer = list(islice(self.keys, take))
        if SERVER is None:
            equal(answer, expected)
            return
        self.given += answer
        self.due += expected

    def rest(self, expected: list[bytes], optional: set[bytes]) -> None:
        found, due = [*self.given, *self.keys], self.due + expected
        if len(set(found)) != len(found):
            raise AssertionError(f"a key twice: {found}")
        equal_keys(*([key for key in keys if key not in optional] for keys in (found, due)))


class Case:
    """One run of one case: its stores, scans, pages and snapshots by name. `close` closes what it opened."""

    def __init__(self, open_store: Callable[[str], Subject]) -> None:
        self.open_store = open_store
        own = open_store(own_url())
        if SERVER is not None:
            own.delete_prefix(b"")  # what the case before left: every scan would walk it
        self.stores: dict[str | None, Subject] = {None: own}
        self.scans: dict[str, Scan] = {}
        self.pages: dict[tuple[str, int], str] = {}
        self.snapshots: dict[str, bytes] = {}

    def close(self) -> None:
        for store in self.stores.values():
            store.close()

    def run(self, steps: list[Any]) -> None:
        for number, step in enumerate(steps, 1):
            try:
                self.step(dict(step))
            except Exception as error:
                if sys.version_info >= (3, 11):
                    error.add_note(f"in step {number}: {str(step)[:300]}")
                raise

    def step(self, step: dict[str, Any]) -> None:
        name = step.pop("do")
        do: Callable[..., None] | None = getattr(self, f"do_{name}", None)
        if do is None:
            raise UnknownForm(f"operation {name!r}")
        error = step.pop("error", None)
        if not isinstance(step.get("scribble", False), bool):
            raise UnknownForm(f"scribble is true or false: {step['scribble']!r}")
        if name not in {"open", "scan_next", "scan_rest"}:
            step["store"] = self.stores[step.pop("store", None)]
        if error is None:
            do(**step)
            return
        if error not in STATUSES:
            raise UnknownForm(f"status {error!r}")
        # Such a step has no answer, and never comes to compare one.
        if name in {"mget", "keys", "len", "counters", "count", "page", "compute"}:
            step["expect"] = {"len": 0, "count": 0, "counters": {}}.get(name, [])
        if name in {"mdelete", "delete_prefix"}:
            step["removed"] = 0
        try:
            do(**step)
        except ByteStoreError as failure:
            equal(failure.name, error)
        else:
            raise AssertionError(f"did not fail with {error}")

    def do_open(self, *, store: str | None = None, **what: Any) -> None:
        fields(what, {"url"} if "url" in what else {"snapshot"})
        if "url" in what:
            self.add(store, self.open_store(what["url"]))
            return
        with a_file() as path:
            path.write_bytes(self.snapshots[what["snapshot"]])
            self.add(store, self.open_store(f"snapshot:{path}"))

    def do_namespace(self, *, store: Subject, prefix: Any, **name: Any) -> None:
        fields(name, {"as"})
        self.add(name["as"], store.namespace(to_bytes(prefix)))

    def add(self, name: Any, store: Subject) -> None:
        if not isinstance(name, str) or name in self.stores:
            store.close()
            raise UnknownForm("a further store has a new name")
        self.stores[name] = store

    def do_close(self, *, store: Subject) -> None:
        store.close()

    def do_mset(self, *, store: Subject, pairs: Any, ttl: Any = ..., scribble: bool = False) -> None:
        keys, values = to_pairs(pairs)
        end = to_ttl(ttl)
        if not scribble:
            store.mset(keys, values, end)
            return
        writable = [bytearray(value) for value in values]
        try:
            store.mset(keys, writable, end)
        finally:
            for value in writable:
                value[:] = b"\xa5" * len(value)

    # Keys and answers are immutable in Python: nobody can scribble over them.
    def do_mget(self, *, store: Subject, keys: Any, expect: Any, scribble: bool = False) -> None:
        answer = store.mget(to_list(keys))
        equal(answer, to_answers(expect))

    def do_mdelete(self, *, store: Subject, keys: Any, removed: Any, scribble: bool = False) -> None:
        answer = store.mdelete(to_list(keys))
        equal(answer, natural(removed))

    def do_keys(self, *, store: Subject, expect: Any, prefix: Any = "") -> None:
        equal_keys(list(store.scan(to_bytes(prefix))), to_list(expect))

    def do_len(self, *, store: Subject, expect: Any) -> None:
        answer = store.length()
        equal(answer, natural(expect))

    def do_count(self, *, store: Subject, prefix: Any, expect: Any) -> None:
        equal(store.count(to_bytes(prefix)), natural(expect))

    def do_delete_prefix(self, *, store: Subject, prefix: Any, removed: Any) -> None:
        equal(store.delete_prefix(to_bytes(prefix)), natural(removed))

    def do_page(self, *, store: Subject, page: str, take: Any, expect: Any, prefix: Any = "") -> None:
        position = json.loads(self.pages.get((page, id(store)), "0"))  # as who hands it out to a client gets it back
        answer, end = store.page(to_bytes(prefix), position, natural(take))
        self.pages[page, id(store)] = json.dumps(end)
        equal_keys(answer, to_list(expect))

    def do_compute(self, *, store: Subject, keys: Any, missing: Any, ttl: Any = ..., **answer: Any) -> None:
        fields(answer, {"fails"} if "fails" in answer else {"expect"}, set() if "fails" in answer else {"values"})
        if answer.get("fails", True) is not True:
            raise UnknownForm("fails is true or absent")
        asked: list[list[bytes]] = []

        def compute(names: list[bytes]) -> list[bytes]:
            asked.append([*names])
            if "fails" in answer:
                raise Failed
            return to_list(answer.get("values", []))

        try:
            given = store.compute(to_list(keys), compute, to_ttl(ttl))
        except Failed:
            pass  # as it is to: else nothing raises it
        else:
            equal(given, to_list(answer["expect"]) if "expect" in answer else "that it fails")
        equal(asked, [to_list(missing)] if to_list(missing) else [])

    def do_advance(self, *, store: Subject, ms: Any) -> None:
        store.advance(natural(ms))

    def do_save(self, *, store: Subject, **name: Any) -> None:
        fields(name, {"as"})
        if name["as"] in self.snapshots:
            raise UnknownForm("a new snapshot has a new name")
        with a_file() as path:

            def save() -> bytes:
                store.save(str(path))
                return path.read_bytes()

            saved, same = alike(store.save_bytes, save)
            equal(saved, same)
            equal([each.name for each in path.parent.iterdir()], [path.name])
        self.snapshots[name["as"]] = saved

    def do_load(self, *, store: Subject, cut: Any = None, flip: Any = None, **name: Any) -> None:
        fields(name, {"from"})
        snapshot = bytearray(self.snapshots[name["from"]])
        if cut is not None:
            del snapshot[max(len(snapshot) - natural(cut), 0) :]
        if flip is not None:
            snapshot[natural(flip)] ^= 1
        with a_file() as path:
            path.write_bytes(snapshot)
            alike(lambda: store.load_bytes(bytes(snapshot)), lambda: store.load(str(path)))

    def do_counters(self, *, store: Subject, expect: Any) -> None:
        counted = store.counted()
        fields(expect, set(), set(counted))
        equal({name: counted[name] or 0 for name in expect}, {name: natural(value) for name, value in expect.items()})

    def do_scan_start(self, *, store: Subject, scan: str, prefix: Any = "") -> None:
        if scan in self.scans:
            raise UnknownForm("a new scan has a new name")
        self.scans[scan] = Scan(store.scan(to_bytes(prefix)))

    def do_scan_next(self, *, scan: str, take: int, expect: Any) -> None:
        self.scans[scan].next(natural(take), to_list(expect))

    def do_scan_rest(self, *, scan: str, expect: Any, may_include: Any = ()) -> None:
        optional = set(to_list(list(may_include) if may_include == () else may_include))
        self.scans[scan].rest(to_list(expect), optional)

    def do_race(self, **step: Any) -> None:
        fields(step, {"store", "keys", "writers", "rounds", "with"})
        store, keys, kind = step["store"], to_list(step["keys"]), step["with"]
        if kind not in {"mset", "mdelete"}:
            raise UnknownForm(f"race with {kind!r}")

        failures: list[BaseException] = []

        def write(writer: int) -> None:
            try:
                for round_ in range(natural(step["rounds"])):
                    if kind == "mdelete" and round_ % 2:
                        store.mdelete(keys)
                    else:
                        store.mset(keys, [b"%d-%d" % (writer, round_)] * len(keys))
            except BaseException as failure:  # noqa: BLE001
                failures.append(failure)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(natural(step["writers"]))]
        torn: set[bytes | None] = set()
        for thread in writers:
            thread.start()
        running = True
        while running:  # once more after the last writer is done
            running = any(thread.is_alive() for thread in writers)
            answers = set(store.mget(keys))
            torn = torn if len(answers) == 1 else answers
        for thread in writers:
            thread.join()
        if failures:
            raise failures[0]
        if torn:
            raise AssertionError(f"one answer mixes {torn}")


@contextmanager
def a_file() -> Iterator[Path]:
    """A path that no file has yet, in a folder of its own that goes."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "snapshot")


def alike(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls give, one after the other; when they fail, all must fail alike."""
    ends: list[Any] = []
    for call in calls:
        try:
            ends.append(call())
        except ByteStoreError as failure:
            ends.append(failure)
    failures = [end for end in ends if isinstance(end, ByteStoreError)]
    if failures:
        equal([failure.name for failure in failures], [failures[0].name] * len(calls))
        raise failures[0]
    return ends


def to_ttl(form: Any) -> int | None:
    """A step's ttl, which may be absent, or null."""
    return DEFAULT if form is ... else None if form is None else natural(form)


def copies(views: list[memoryview | None]) -> list[bytes | None]:
    """What the views show."""
    return [None if view is None else bytes(view) for view in views]
