"""Keys and values, the same in every run: newly made whenever they are asked for. Knows no store."""

import random

KEY = 35
MIXER = 0x9E3779B97F4A7C15
VALUES = random.Random(1).randbytes(1 << 18)


def key(number: int) -> str:
    """A namespace and 16 digits."""
    return f"user/embeddings/v2/{number * MIXER & 0xFFFFFFFFFFFFFFFF:016x}"


def value(number: int, size: int) -> bytes:
    """A stretch of random bytes."""
    start = number * 61 % ((1 << 18) - size)
    return VALUES[start : start + size]


class Draws:
    """Batches of keys that are in the store, drawn uniformly."""

    def __init__(self, entries: int, seed: int) -> None:
        self.entries = entries
        self.random = random.Random(seed)

    def keys(self, count: int) -> list[str]:
        return [key(int(self.random.random() * self.entries)) for _ in range(count)]

    def pairs(self, count: int, size: int) -> list[tuple[str, bytes]]:
        return [(drawn, value(index, size)) for index, drawn in enumerate(self.keys(count))]
