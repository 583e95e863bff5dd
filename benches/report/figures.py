"""How figures are written: three digits, units, and ratios rounded so that they never promise too much."""

from __future__ import annotations

import math
import re

HAIR = 1e-9  # what binary fractions may lack: 2.3 * 100 is 229.99999999999997
TINY = 0.1  # below, two decimals say too little


def digits(value: float) -> int:
    """Decimals that leave three digits."""
    return max(0, 2 - math.floor(math.log10(max(1.0, abs(value)))))


def down(value: float) -> str:
    """Three digits, rounded down: what should be large."""
    scale: int = 10 ** digits(value)
    return f"{math.floor(value * scale + HAIR) / scale:.{digits(value)}f}"


def up(value: float) -> str:
    """Three digits, rounded up: what should be small."""
    scale: int = 10 ** digits(value)
    return f"{math.ceil(value * scale - HAIR) / scale:.{digits(value)}f}"


def plain(value: float) -> str:
    """Three digits, rounded to the nearest; more zeros where the figure is tiny."""
    return f"{value:,.{digits(float(f'{value:.3g}'))}f}" if abs(value) >= TINY or value == 0 else f"{value:.2g}"


def trim(text: str) -> str:
    """Without the zeros at a fraction's end: a goal is a round number."""
    return re.sub(r"(\.\d*?)0+\b", lambda zeros: zeros[1].rstrip("."), text)


def times(ratio: float) -> str:
    """How many times as fast: `2.43 ×`."""
    return f"{down(ratio)} ×"


def span(values: list[float], unit: str) -> str:
    """The smallest and the largest: `2.43 to 7.10 ×`."""
    low, high = down(min(values)), down(max(values))
    return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"


def time(microseconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, length in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= length:
            return f"{plain(microseconds / length)} {unit}"
    return f"{plain(microseconds)} µs"


def percent(share: float) -> str:
    """A share, as a percentage."""
    return f"{plain(share * 100)} %"


def at_least(share: float) -> str:
    """A percentage that is no less than this."""
    return f"{down(share * 100)} %"


def at_most(share: float) -> str:
    """A percentage that is no more than this."""
    return f"{up(share * 100)} %"
