"""The Python of the guide's pages: each function is one page, the tests run them all."""
# ruff: noqa: D103

import os
from datetime import timedelta

from bytestore import (
    ByteStore,
    ByteStoreError,
    FileError,
    InvalidArgumentError,
    OverLimitError,
    RemoteError,
)


def opening() -> None:
    # --8<-- [start:open]
    store = ByteStore()  # empty, in this process, without bounds
    cache = ByteStore(max_bytes=512 << 20, ttl=timedelta(hours=1))
    same = ByteStore(url="memory:?max_bytes=512MiB&ttl=1h")  # as every language says it

    ours = ByteStore(name="answers")  # one store for all who open this name in the process
    theirs = ByteStore(url="memory:answers")
    ours.mset([("question", b"42")])
    print("by name:", theirs["question"].decode())

    for opened in (store, cache, same, ours, theirs):
        opened.close()  # or `with ByteStore() as store:`; the last reference does it, too
    # --8<-- [end:open]


def batches() -> None:
    # --8<-- [start:batches]
    store = ByteStore()
    store.mset([("user/1", b"Ada"), ("user/2", b"Grace"), ("draft", b"")])

    keys = ["user/1", "draft", "user/9"]
    for key, value in zip(keys, store.mget(keys), strict=True):
        print(f"{key}: missing" if value is None else f"{key}: {len(value)} bytes")

    for key in store.yield_keys(prefix="user/"):
        print(key)

    print("deleted", store.mdelete(["user/1", "user/9"]))
    # --8<-- [end:batches]


def bounds() -> None:
    # --8<-- [start:bounds]
    cache = ByteStore(max_bytes=64 << 20, max_item_bytes=1 << 20, ttl=3600, manual_clock=True)
    cache.mset([("page", b"<html>")])  # lives for an hour
    cache.mset([("token", b"s3cret")], ttl=30)

    cache.advance_clock(30)  # only with manual_clock, for tests
    for key in ("page", "token"):
        print(f"{key}: {'there' if key in cache else 'missing'}")

    try:
        cache["film"] = bytes(2 << 20)
    except OverLimitError as error:
        print("film:", error.name)
    # --8<-- [end:bounds]


def prefixes() -> None:
    # --8<-- [start:prefixes]
    store = ByteStore()
    store.mset([("user/1", b"Ada"), ("user/2", b"Grace"), ("draft", b""), ("user/3", b"Alan")])
    print(store.count("user/"), "users")

    keys, position = store.page_keys(prefix="user/", limit=2)
    print("first page:", *keys)
    # The position is a number: later, from a web handler.
    keys, position = store.page_keys(position, prefix="user/", limit=2)
    print("next page:", *keys)

    users = store.namespace("user/")  # a store of its own, of the keys that begin so
    print("user 2 is", users["2"].decode())
    print("deleted", store.delete_prefix("user/"))
    # --8<-- [end:prefixes]


def compute() -> None:
    # --8<-- [start:compute]
    pages = ByteStore(max_bytes=64 << 20)

    # Called once, however many threads miss these keys.
    def fetch(names: list[str]) -> list[bytes]:
        print("fetching", *names)
        return [f"<h1>{name}</h1>".encode() for name in names]

    pages.mget_or_compute(["tea", "cake"], fetch, ttl=3600)
    for page in pages.mget_or_compute(["tea", "milk"], fetch, ttl=3600):
        print(page.decode())
    # --8<-- [end:compute]


def counters() -> None:
    # --8<-- [start:counters]
    store = ByteStore(max_entries=1000)
    store.mset([("tea", b"hot")])
    store.mget(["tea", "tea", "tea", "cake"])

    stats = store.stats()
    looked_up = f"{stats.hits} hits, {stats.misses} miss, ratio {stats.hit_ratio:.2f}"
    print(f"{stats.entries} entry, {looked_up}")
    # --8<-- [end:counters]


def snapshots() -> None:
    # --8<-- [start:snapshots]
    users = ByteStore(max_bytes=64 << 20)
    users.mset([("1", b"Ada"), ("2", b"Grace")])
    # As of one moment, while others write. Level 0 does not compress.
    users.save("users.snapshot", level=3)

    # A new store, with the options of the old one.
    again = ByteStore(url="snapshot:users.snapshot")
    print(len(again), "entries")

    try:
        users.load("no/such.snapshot")  # in place of what is there, in one step
    except FileError as error:  # here a FileNotFoundError, too
        print(error.name)
    # --8<-- [end:snapshots]


def servers() -> None:
    # --8<-- [start:servers]
    # Such as redis://cache.internal:6379/0?namespace=answers%2F&ttl=1h. Nothing is sent yet.
    answers = ByteStore(url=os.environ.get("STORE_URL", "memory:"))
    try:
        answers.mset([("question", b"42")])
        print("question:", answers["question"].decode())
    except RemoteError as error:  # the server's own words, or the system's
        print("no answers today:", error)

    print("keys keep their order:", "yes" if answers.capabilities().insertion_order else "no")
    # --8<-- [end:servers]


def errors() -> None:
    # --8<-- [start:errors]
    try:
        ByteStore(url="nosuch:")
    except InvalidArgumentError as error:  # a ValueError, too
        print(error.name)

    store = ByteStore()
    store.close()
    try:
        store.mget(["tea"])
    except ByteStoreError as error:  # what all of them are
        print(error.name)
    # --8<-- [end:errors]


if __name__ == "__main__":
    opening()
    batches()
    bounds()
    prefixes()
    compute()
    counters()
    snapshots()
    servers()
    errors()
