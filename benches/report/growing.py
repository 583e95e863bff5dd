"""How each peer's structure grows: facts from their documentation and sources, which a goal depends on."""

from __future__ import annotations

from report.results import ResultsError

WHOLE = "the whole table in one step"
SHARD = "a shard in one step"
BIT_BY_BIT = "bit by bit"

# A part of the peer's name; the first that fits counts.
_WAYS = {
    "bytestore": BIT_BY_BIT,
    "sharded": SHARD,
    "dashmap": SHARD,  # one hashbrown table a shard
    "quick_cache": SHARD,  # the same
    "moka": SHARD,  # the inserting thread moves all buckets of a segment
    "boost": WHOLE,
    "mutex": WHOLE,
    "papaya": BIT_BY_BIT,
    "scc": BIT_BY_BIT,
    "tbb": BIT_BY_BIT,
    "redis": BIT_BY_BIT,
    "valkey": BIT_BY_BIT,
    "lmdb": BIT_BY_BIT,  # a B-tree, page by page
    "sqlite": BIT_BY_BIT,  # the same
}


def way(peer: str) -> str:
    """How a peer grows; an error where nobody has looked yet."""
    for part, found in _WAYS.items():
        if part in peer.lower():
            return found
    raise ResultsError(f"growing.py does not say how {peer} grows")
