"""What a store counts, as a plain value. Knows no store."""

from dataclasses import dataclass, fields

from ._abi import Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What happened in a store since it was opened, and what is in it now; `ByteStore.stats()` reads it.

    Attributes:
        hits: Keys that were looked up and found, by `in`, `get` and the like too.
        misses: Keys that were looked up and not found.
        sets: Pairs that were set.
        deletes: Entries that callers deleted.
        evictions_by_bytes: Entries that went because the store was over `max_bytes`.
        evictions_by_entries: Entries that went because the store was over `max_entries`.
        expirations: Entries whose time to live was over, as far as their memory was taken back.
        entries: Entries that are there; those whose time is over until their memory is taken back, so that
            `len(store)` may be less.
        key_bytes: Bytes of their keys, as UTF-8.
        value_bytes: Bytes of their values.
        overhead_bytes: Bytes that they take beside. `max_bytes` is compared with the sum of the three.
        max_bytes: The store's bound; None without one.
        max_entries: The store's bound; None without one.

    """

    hits: int
    misses: int
    sets: int
    deletes: int
    evictions_by_bytes: int
    evictions_by_entries: int
    expirations: int
    entries: int
    key_bytes: int
    value_bytes: int
    overhead_bytes: int
    max_bytes: int | None
    max_entries: int | None

    @property
    def hit_ratio(self) -> float:
        """The part of the keys looked up that was found, from 0 to 1; 0 before the first."""
        return self.hits / (self.hits + self.misses) if self.hits else 0.0


Stats.__module__ = "bytestore"  # where people import it from


def stats_of(counters: Counters) -> Stats:
    """The library's numbers; it has 0 for no bound."""
    numbers = {field.name: getattr(counters, field.name) for field in fields(Stats)}
    bounds = {name: numbers[name] or None for name in ("max_bytes", "max_entries")}
    return Stats(**{**numbers, **bounds})
