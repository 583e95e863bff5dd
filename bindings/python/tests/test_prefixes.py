"""Counting, deleting and paging by the beginning of keys, and the async forms."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bytestore import ByteStore, InvalidArgumentError, _async

KEYS = ["a/1", "b/1", "a/2", "A/1", "a", "ä/1", "\ud800/1", "a/3", ""]


@pytest.fixture
def filled(store: ByteStore) -> ByteStore:
    store.update(dict.fromkeys(KEYS, b"v"))
    return store


def large(store: ByteStore) -> list[str]:
    """So many keys that the async forms use a thread."""
    keys = [f"{'xy'[number % 2]}/{number}" for number in range(2000)]
    store.update(dict.fromkeys(keys, b""))
    return keys


@pytest.mark.parametrize("prefix", ["", "a", "a/", "a/1", "A", "ä", "\ud800", "x", "a/11"])
def test_they_say_what_a_scan_says(filled: ByteStore, prefix: str) -> None:
    found = [key for key in KEYS if key.startswith(prefix)]
    assert filled.count(prefix) == len(found)
    assert filled.page_keys(prefix=prefix)[0] == found
    assert filled.delete_prefix(prefix) == len(found)
    assert list(filled) == [key for key in KEYS if key not in found]
    assert filled.count(prefix) == filled.delete_prefix(prefix) == 0


async def test_the_async_forms_do_the_same(store: ByteStore) -> None:
    for keys in (["x/1", "y/1", "x/2"], large(ByteStore())):
        store.update(dict.fromkeys(keys, b""))
        mine = [key for key in keys if key.startswith("x")]
        assert await store.acount("x/") == len(mine)
        first, position = await store.apage_keys(prefix="x", limit=2)
        rest, end = await store.apage_keys(position, prefix="x", limit=5000)
        assert first + rest == mine
        assert await store.apage_keys(end) == ([], end)
        assert await store.adelete_prefix("x/") == len(mine)
        assert await store.adelete_prefix("") == len(keys) - len(mine)


@pytest.mark.parametrize("big", [False, True])
async def test_in_a_large_store_a_thread_asks(monkeypatch: pytest.MonkeyPatch, store: ByteStore, big: bool) -> None:
    if big:
        large(store)
    asked: list[str] = []
    in_thread = _async.in_thread

    async def spy(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        asked.append(call.__name__)
        return await in_thread(call, *args, **kwargs)

    monkeypatch.setattr(_async, "in_thread", spy)
    await store.acount("x")
    await store.apage_keys()
    await store.adelete_prefix("x")
    assert asked == (["count", "page_keys", "delete_prefix"] if big else [])


def test_pages_of_a_web_handler(store: ByteStore) -> None:
    """A client gets a position as text, and comes back with it later."""
    keys = large(store)

    def handler(request: str) -> str:
        page, position = store.page_keys(json.loads(request)["next"], prefix="x/", limit=300)
        return json.dumps({"keys": page, "next": position})

    answers = [json.loads(handler('{"next": 0}'))]
    while len(answers[-1]["keys"]) == 300:
        answers.append(json.loads(handler(json.dumps(answers[-1]))))
    assert [key for answer in answers for key in answer["keys"]] == [key for key in keys if key[0] == "x"]
    assert [len(answer["keys"]) for answer in answers] == [300, 300, 300, 100]


def test_what_others_do_between_two_pages(store: ByteStore) -> None:
    store.update(dict.fromkeys("abcdef", b""))
    page, position = store.page_keys(limit=2)
    store.mdelete(["b", "c"])
    store.update(a=b"again", g=b"", c=b"at the end now")
    assert page == ["a", "b"]
    page, position = store.page_keys(position, limit=4)
    assert page == ["d", "e", "f", "g"]
    assert store.page_keys(position)[0] == ["c"]
    assert store.page_keys(position, prefix="x")[0] == []


def test_a_page_is_as_long_as_was_asked_for(store: ByteStore) -> None:
    """The library ends its own pages after a MiB, or 1024 keys unless it is told."""
    long = [f"{number}".ljust(300_000) for number in range(12)]
    store.update(dict.fromkeys([*long, *map(str, range(5000))], b""))
    page, position = store.page_keys(limit=11)
    assert page == long[:11]
    page, position = store.page_keys(position, limit=4001)
    assert page == [long[11], *map(str, range(4000))]
    page, position = store.page_keys(position, limit=2**63)
    assert page == [*map(str, range(4000, 5000))]
    assert store.page_keys(position) == ([], position)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.count(None), TypeError, "prefix is str, not NoneType"),
        (lambda s: s.count(b"a"), TypeError, "prefix is str, not bytes b'a'"),
        (lambda s: s.count(), TypeError, "prefix"),
        (lambda s: s.delete_prefix(None), TypeError, "prefix is str, not NoneType"),
        (lambda s: s.delete_prefix(["a"]), TypeError, "prefix is str, not list"),
        (lambda s: s.page_keys("1"), TypeError, "position is a whole number, not str '1'"),
        (lambda s: s.page_keys(-1), InvalidArgumentError, r"position is -1: it must be at least 0 and below 2\*\*64"),
        (lambda s: s.page_keys(2**64), InvalidArgumentError, "position is 18446744073709551616"),
        (lambda s: s.page_keys(limit=0), InvalidArgumentError, r"limit is 0: it must be above 0 and below .* 1$"),
        (lambda s: s.page_keys(limit=None), TypeError, "limit is a whole number, not NoneType"),
        (lambda s: s.page_keys(0, "a"), TypeError, "positional"),
        (lambda s: s.page_keys(prefix=b"a"), TypeError, "prefix is str or None, not bytes"),
    ],
)
def test_mistakes(filled: ByteStore, call: Callable[[Any], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        call(filled)
    assert caught.type is error
    assert list(filled) == KEYS


def test_entries_that_have_ended_do_not_count() -> None:
    store = ByteStore(manual_clock=True)
    store.mset([("a/1", b""), ("a/2", b"")], ttl=1)
    store["a/3"] = b""
    store.advance_clock(1)
    assert (store.count("a/"), store.page_keys()[0], store.delete_prefix("a/")) == (1, ["a/3"], 1)


def test_a_deletion_is_seen_whole_or_not_at_all(store: ByteStore) -> None:
    """By readers of batches and by those who count."""
    keys = [f"a/{number}" for number in range(200)]
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            store.update(dict.fromkeys(keys, b""))
            store.delete_prefix("a/")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(300):
            assert len(set(store.mget(keys))) == 1
            assert store.count("a/") in {0, 200}
            assert len(store) in {0, 200}
    finally:
        stop.set()
        thread.join()
