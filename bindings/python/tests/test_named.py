"""Stores by name: all that are opened by one name are one store."""

import asyncio
import copy
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bytestore import ByteStore, InvalidArgumentError, OverLimitError


def test_two_that_are_opened_by_one_name_are_one() -> None:
    first, second = ByteStore(name="two-are-one"), ByteStore(url="memory:two-are-one")
    first["a"] = b"1"
    assert (second["a"], second.stats()) == (b"1", first.stats())
    assert repr(first) == "<ByteStore url='memory:two-are-one' entries=1>"
    other = ByteStore(name="two-are-one.")
    assert len(other) == 0
    first.close()
    assert second.store == {"a": b"1"}
    third = ByteStore(name="two-are-one")
    del second
    assert third.store == {"a": b"1"}
    third.close()
    assert len(ByteStore(name="two-are-one")) == 0


def test_the_first_one_says_the_options() -> None:
    first = ByteStore(name="options", max_entries=2, ttl=1, manual_clock=True)
    same = [
        ByteStore(name="options"),
        ByteStore(url="memory:options?"),
        ByteStore(url="memory:?ttl=1s&clock=manual", name="options", max_entries=2),
    ]
    for store in same:
        assert store.stats().max_entries == 2
    with pytest.raises(InvalidArgumentError, match=r"'max_entries=3' in the url 'memory:options\?max_entries=3'"):
        ByteStore(name="options", max_entries=3)
    same[1].mset((str(number), b"") for number in range(2))
    assert len(first) == 2
    with pytest.raises(OverLimitError, match="3 pairs of 3 bytes in one batch, the store is 'memory:options'"):
        same[0].mset((str(number), b"") for number in range(3))
    same[0].advance_clock(1)
    assert len(first) == 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"name": ""}, InvalidArgumentError, "name is '': it has 1 to 255 of A-Z a-z 0-9"),
        ({"name": "a?ttl=1s"}, InvalidArgumentError, r"name is 'a\?ttl=1s'"),
        ({"name": "ä"}, InvalidArgumentError, "name is 'ä'"),
        ({"name": "a\n"}, InvalidArgumentError, r"name is 'a\\n'"),
        ({"name": "a" * 256}, InvalidArgumentError, "name is 'aaa"),
        ({"name": b"a"}, TypeError, "name is str or None, not bytes b'a'"),
        (
            {"name": "a", "url": "memory:b"},
            InvalidArgumentError,
            "name is an argument, and stands in the url 'memory:b'",
        ),
        ({"name": "a", "url": "memory:b?ttl=1s"}, InvalidArgumentError, "name is an argument"),
        ({"name": "a", "url": "nosuch:"}, InvalidArgumentError, "'nosuch' in the url 'nosuch:a'"),
        ({"url": "memory:a/b"}, InvalidArgumentError, "in the url 'memory:a/b'"),
    ],
)
def test_names_that_are_none(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        ByteStore(**options)
    assert caught.type is error


@pytest.mark.parametrize("name", ["a" * 255, ".", "A-Z_0.9"])
def test_names(name: str) -> None:
    with ByteStore(name=name) as store, ByteStore(url=f"memory:{name}") as other:
        store["key"] = b""
        assert "key" in other


def test_loops_and_threads_share_a_name() -> None:
    def work(number: int) -> None:
        async def main() -> None:
            with ByteStore(name="shared") as store:
                await store.amset([(str(number), b"")])

        asyncio.run(main())

    with ByteStore(name="shared") as store:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(store) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("carry", [copy.deepcopy, lambda store: pickle.loads(pickle.dumps(store))])
def test_a_copy_is_a_store_of_its_own(carry: Callable[[ByteStore], ByteStore]) -> None:
    with ByteStore(name="carried", max_entries=5) as store:
        store["a"] = b"1"
        twin = carry(store)
        twin["b"] = b"2"
        assert (repr(twin), twin.stats().max_entries) == ("<ByteStore url='memory:?max_entries=5' entries=2>", 5)
        assert store.store == {"a": b"1"}
        with copy.copy(store) as shared:
            assert repr(shared) == repr(store)
    assert carry(twin).store == {"a": b"1", "b": b"2"}
