"""The caches and the traces that are replayed: what each is, and where it comes from. It knows no figures."""

from __future__ import annotations

from pathlib import Path

OURS, BELADY = "ours", "belady"
# Each cache by its name in the results: what the page calls it, and the crate that it is from.
CACHES = {
    OURS: ("bytestore", ""),
    "moka": ("moka", "moka"),
    "quick_cache": ("quick_cache", "quick_cache"),
    "foyer-lru": ("foyer LRU", "foyer-memory"),
    "foyer-lfu": ("foyer LFU", "foyer-memory"),
    "foyer-s3fifo": ("foyer S3-FIFO", "foyer-memory"),
    "foyer-sieve": ("foyer SIEVE", "foyer-memory"),
    "lru": ("LRU", ""),
    "s3fifo": ("S3-FIFO", ""),
    "sieve": ("SIEVE", ""),
    BELADY: ("optimum", ""),
    "ours-without-sizes": ("bytestore, without sizes", ""),
}

RECORDED, HELD_OUT, MADE = "recorded", "held out", "made"
# Each set: its heading, and what is in it.
SETS = {
    RECORDED: (
        "Recorded traces",
        """\
What the policy was developed with, published with the simulators of cache libraries
([more about them](../benches/traces/README.md)).""",
    ),
    HELD_OUT: (
        "Traces held out",
        """\
More recorded ones. Where they come from, and which of them were looked at while the policy was developed:
[beside them](../benches/traces/held-out/README.md).""",
    ),
    MADE: ("Made traces", "Drawn by a program, each one a textbook case: `benches/eviction/src/trace.rs`."),
}
TRACES = Path(__file__).resolve().parents[2] / "traces"


def label(cache: str) -> str:
    """What the page calls a cache: ours stands out, the others are code."""
    name = CACHES[cache][0]
    if cache == OURS:
        return f"**{name}**"
    return name if cache == BELADY else f"`{name}`"


def set_of(trace: str) -> str:
    """Where a trace belongs: what lies in no folder was made."""
    for kind, folder in ((RECORDED, TRACES), (HELD_OUT, TRACES / "held-out")):
        if (folder / f"{trace}.u32.xz").exists():
            return kind
    return MADE


def sources() -> str:
    """The table of the recorded traces, as it stands beside them."""
    lines = (TRACES / "README.md").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith("|"))
