"""Opening, using and closing, over and over: memory and the count of openings come back to where they were."""

import asyncio
import ctypes
import gc
import os
import sys
from itertools import islice

import pytest

from bytestore import ByteStore
from test_views import resident

VALUE = bytes(64 << 10)
CYCLES = int(os.environ.get("BYTESTORE_CYCLES", "500"))


def fail(_keys: list[str]) -> list[bytes]:
    raise LookupError


async def compute(keys: list[str]) -> list[bytes]:
    return [VALUE for _ in keys]


def cycle(number: int) -> None:
    """Uses all there is. Its store has options that no other cycle's has.

    If anything of that name were still open, opening would be refused.
    """
    store = ByteStore(name="cycles", max_entries=1000 + number)
    space = store.namespace("space/")
    inner = space.namespace("inner/")
    inner.mset((str(i), VALUE[: i * i * 100]) for i in range(20))
    inner.mset([("t", bytearray(VALUE)), ("u", memoryview(VALUE))], ttl=60)
    assert inner.mget(["19", "none"]) == [VALUE[:36100], None]
    view, small, _ = store.mget_views(["space/inner/19", "space/inner/1", "none"])
    assert list(islice(inner.yield_keys(prefix="1"), 1)) == ["1"]
    assert len(inner.page_keys(limit=5)[0]) == 5
    assert space.mget_or_compute(["inner/1", "computed"], lambda keys: [VALUE for _ in keys])[1] == VALUE
    with pytest.raises(LookupError):
        inner.mget_or_compute(["failed"], fail)
    if number % 50 == 0:
        assert asyncio.run(space.amget_or_compute(["later"], compute)) == [VALUE]
    assert (inner.delete_prefix("1"), inner.mdelete(["2", "none"]), store.count("space/inner/")) == (11, 1, 10)
    for closed in (space, store, inner):
        closed.close()
    assert [bytes(each or b"") for each in (view, small)] == [VALUE[:36100], VALUE[:100]]


def measured() -> int:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return resident()


def test_cycles_leave_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(200):  # what is made only once does not count
        cycle(number)
    before, blocks = measured(), sys.getallocatedblocks()
    for number in range(200, 200 + CYCLES):
        cycle(number)
    grown = measured() - before
    with capsys.disabled():
        print(f"\ncycles: {CYCLES}, and {grown >> 10} KiB more resident")
    assert grown < 2 << 20
    assert sys.getallocatedblocks() - blocks < CYCLES / 2, "less than an object for each cycle"
