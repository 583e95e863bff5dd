"""Every operation of the Python binding while the library runs out of memory: OutOfMemoryError, a MemoryError."""

import ctypes
import sys
from collections.abc import Callable

import bytestore

shim = ctypes.CDLL(None)
shim.failing_disarm.restype = ctypes.c_ulong
shim.failing_arm.argtypes = [ctypes.c_ulong, ctypes.c_int]

LARGE = b"x" * 10_000
IN_OWN_MEMORY = {"mget"}  # Python's memory holds its answers: the library asks for none
failures = 0
faults: list[str] = []


def check(holds: bool, what: str) -> None:
    if not holds:
        faults.append(what)
        print(" ", what)


def torture(name: str, operation: Callable[[], object], fine: Callable[[], bool]) -> None:
    """Each of the operation's requests for memory fails, once and for ever."""
    global failures
    before = failures
    for for_ever in (0, 1):
        first, failed = 1, 1
        while failed:
            ran_out = None
            check(shim.failing_arm(first, for_ever) == 1, "there is no library to fail")
            try:
                operation()
            except MemoryError as error:
                ran_out = error
            failed = shim.failing_disarm()
            failures += failed
            check(ran_out is None or isinstance(ran_out, bytestore.OutOfMemoryError), f"{name}: {ran_out!r}")
            check(ran_out is None or failed > 0, f"{name} ran out of memory that was there")
            check(ran_out is None or fine(), f"{name} failed, and changed something")
            first += 1
    check((failures > before) != (name in IN_OWN_MEMORY), f"{name} asked for memory {failures - before} times")


def main() -> int:
    store = bytestore.ByteStore()
    store.mset([("a", b"1"), ("b", LARGE)])

    def fine() -> bool:
        store.mdelete(["c", "d", "z"])  # where an operation has two steps, the first one may be done
        store.delete_prefix("x/")
        return store.mget(["a", "b", "c"]) == [b"1", LARGE, None] and list(store.yield_keys()) == ["a", "b"]

    def set_and_delete() -> None:
        store.mset([("c", b"1"), ("d", LARGE)])
        store.mdelete(["c", "d"])

    def set_with_ttl() -> None:
        store.mset([("c", b"1"), ("d", LARGE)], ttl=60)
        store.mdelete(["c", "d"])

    def delete_prefix() -> None:
        store.mset([("x/1", b"1")])
        store.delete_prefix("x/")

    def compute() -> None:
        found = store.mget_or_compute(["a", "z"], lambda missing: [LARGE] * len(missing))  # a small one may find room
        check(found == [b"1", LARGE], "it computed something else")
        store.mdelete(["z"])

    operations: dict[str, Callable[[], object]] = {
        "ByteStore": bytestore.ByteStore,
        "a named one": lambda: bytestore.ByteStore(name="failing", max_bytes=1 << 20),
        "mset": set_and_delete,
        "mset with a ttl": set_with_ttl,
        "mget": lambda: store.mget(["a", "b", "c"] * 10),
        "mget_views": lambda: store.mget_views(["a", "b", "c"]),
        "mdelete": lambda: store.mdelete(["nothing"] * 300),
        "yield_keys": lambda: list(store.yield_keys(prefix="a")),
        "page_keys": lambda: store.page_keys(prefix="a", limit=10),
        "delete_prefix": delete_prefix,
        "namespace": lambda: store.namespace("n/"),
        "mget_or_compute": compute,
    }
    for name, operation in operations.items():
        torture(name, operation, fine)
    check(fine(), "it is not what it was")
    print(f"bindings: {len(operations) if not faults else 0} passed, {len(faults)} failed\ntotals: {failures} failures")
    return 1 if faults else 0


sys.exit(main())
