"""Runs the steps of a conformance case against one store after another. Knows steps, not where cases come from."""

import dataclasses
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from math import inf
from typing import Any, Protocol

from bytestore import ByteStore, ByteStoreError, _abi
from bytestore._arguments import decode_key, encode_key
from bytestore._handle import Handle
from cases import UnknownForm, fields, natural, to_answers, to_bytes, to_list, to_pairs

STATUSES = {"invalid_argument", "closed_handle", "out_of_memory", "over_limit", "remote_failure", "internal_error"}

DEFAULT = -1  # for a ttl: the store's own


class Subject(Protocol):
    """What a case is run against."""

    def mset(self, keys: list[bytes], values: list[Any], ttl_ms: int | None = DEFAULT) -> None: ...
    def mget(self, keys: list[bytes]) -> list[bytes | None]: ...
    def mdelete(self, keys: list[bytes]) -> int: ...
    def length(self) -> int: ...
    def scan(self, prefix: bytes = b"") -> Iterator[bytes]: ...
    def counted(self) -> Mapping[str, int | None]: ...
    def advance(self, ms: int) -> None: ...
    def close(self) -> None: ...


class Bytes(Handle):
    """The layer below str keys: it alone can be asked for every key there is."""

    def mset(self, keys: list[bytes], values: list[Any], ttl_ms: int | None = DEFAULT) -> None:
        end = {DEFAULT: None, None: _abi.NO_TTL}.get(ttl_ms, ttl_ms)
        super().mset(keys, [bytes(value) for value in values], end)

    def counted(self) -> Mapping[str, int | None]:
        counters = self.counters()
        return {name: getattr(counters, name) for name, _ in counters._fields_[1:]}  # all but the size


class Public:
    """`ByteStore` itself; a key that is no str's encoding raises UnicodeDecodeError."""

    def __init__(self, url: str) -> None:
        self.store = ByteStore(url=url)
        self.close = self.store.close

    def mset(self, keys: list[bytes], values: list[Any], ttl_ms: int | None = DEFAULT) -> None:
        pairs = zip(map(decode_key, keys), values, strict=True)
        if ttl_ms == DEFAULT:
            self.store.mset(pairs)
        else:
            self.store.mset(pairs, ttl=inf if ttl_ms is None else timedelta(milliseconds=ttl_ms))

    def mget(self, keys: list[bytes]) -> list[bytes | None]:
        return self.store.mget(map(decode_key, keys))

    def mdelete(self, keys: list[bytes]) -> int:
        return self.store.mdelete(map(decode_key, keys))

    def length(self) -> int:
        return len(self.store)

    def scan(self, prefix: bytes = b"") -> Iterator[bytes]:
        return map(encode_key, self.store.yield_keys(prefix=decode_key(prefix)))

    def counted(self) -> Mapping[str, int | None]:
        return dataclasses.asdict(self.store.stats())

    def advance(self, ms: int) -> None:
        self.store.advance_clock(timedelta(milliseconds=ms))


class Case:
    """One run of one case: its stores and its scans by name."""

    def __init__(self, open_store: Callable[[str], Subject]) -> None:
        self.open_store = open_store
        self.stores: dict[str | None, Subject] = {None: open_store("memory:")}
        self.scans: dict[str, Iterator[bytes]] = {}

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
        if name in {"mget", "keys", "len", "counters"}:
            step["expect"] = {"len": 0, "counters": {}}.get(name, [])
        if name == "mdelete":
            step["removed"] = 0
        try:
            do(**step)
        except ByteStoreError as failure:
            equal(failure.name, error)
        else:
            raise AssertionError(f"did not fail with {error}")

    def do_open(self, *, url: str, store: str | None = None) -> None:
        opened = self.open_store(url)
        if store is None or store in self.stores:
            raise UnknownForm("a further store has a new name")
        self.stores[store] = opened

    def do_close(self, *, store: Subject) -> None:
        store.close()

    def do_mset(self, *, store: Subject, pairs: Any, ttl: Any = ..., scribble: bool = False) -> None:
        keys, values = to_pairs(pairs)
        end = DEFAULT if ttl is ... else None if ttl is None else natural(ttl)
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
        answer = list(store.scan(to_bytes(prefix)))
        equal(answer, to_list(expect))

    def do_len(self, *, store: Subject, expect: Any) -> None:
        answer = store.length()
        equal(answer, natural(expect))

    def do_advance(self, *, store: Subject, ms: Any) -> None:
        store.advance(natural(ms))

    def do_counters(self, *, store: Subject, expect: Any) -> None:
        counted = store.counted()
        fields(expect, set(), set(counted))
        equal({name: counted[name] or 0 for name in expect}, {name: natural(value) for name, value in expect.items()})

    def do_scan_start(self, *, store: Subject, scan: str, prefix: Any = "") -> None:
        if scan in self.scans:
            raise UnknownForm("a new scan has a new name")
        self.scans[scan] = store.scan(to_bytes(prefix))

    def do_scan_next(self, *, scan: str, take: int, expect: Any) -> None:
        equal(list(islice(self.scans[scan], natural(take))), to_list(expect))

    def do_scan_rest(self, *, scan: str, expect: Any, may_include: Any = ()) -> None:
        optional = to_list(list(may_include) if may_include == () else may_include)
        found = list(self.scans[scan])
        if len(set(found)) != len(found):
            raise AssertionError(f"a key twice: {found}")
        equal([key for key in found if key not in optional], to_list(expect))

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


def equal(answer: object, expected: object) -> None:
    if answer != expected:
        raise AssertionError(f"answered {str(answer)[:300]}, expected {str(expected)[:300]}")


def copies(views: list[memoryview | None]) -> list[bytes | None]:
    """What the views show."""
    return [None if view is None else bytes(view) for view in views]
