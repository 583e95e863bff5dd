"""Which cases are measured beside which stores: one axis at a time around the base case. Knows no clock."""

from collections.abc import Iterator
from dataclasses import dataclass

from stores import DICT, PEERS

MILLION = 1_000_000
FAST = [DICT, "cachetools LRU", "cachebox"]
SLOW_TO_FILL = {"diskcache"}  # a minute for a million entries
FEW = 100_000


@dataclass(frozen=True)
class Case:
    """What is done to a store of some shape."""

    op: str = "mget_hit"
    batch: int = 64
    threads: int = 1


@dataclass(frozen=True)
class Shape:
    """What stores hold, and what is done to them."""

    entries: int
    value: int
    cases: tuple[Case, ...]
    peers: tuple[str, ...]


BASE = (Case(), Case("mset"))
ALL = tuple(PEERS)
LARGE = tuple(peer for peer in ALL if peer not in SLOW_TO_FILL)


def shapes(quick: bool) -> Iterator[Shape]:
    """Small stores first."""
    if quick:
        yield Shape(1000, 100, (Case(), Case(batch=1)), tuple(FAST))
        yield Shape(FEW, 100, (Case(),), LARGE)
        yield Shape(FEW, 12 << 10, (Case(),), (DICT,))
        yield Shape(MILLION, 100, (*BASE, Case(batch=1), Case(batch=1024), Case(batch=1024, threads=2)), (DICT,))
        return
    yield Shape(1000, 100, (*BASE, Case(batch=1)), tuple(FAST))
    yield Shape(FEW, 100, BASE, ALL)
    yield Shape(FEW, 12 << 10, BASE, ALL)
    yield Shape(MILLION, 16, BASE, tuple(FAST))
    batches = tuple(Case(batch=batch) for batch in (1, 16, 256, 1024))
    threads = tuple(Case(batch=batch, threads=2) for batch in (64, 1024))
    yield Shape(MILLION, 100, (*BASE, *batches, *threads), LARGE)
    yield Shape(MILLION, 1024, BASE, tuple(FAST))
    yield Shape(5 * MILLION, 100, BASE, tuple(FAST))
