"""What a store says of itself, in a line and as Jupyter's table. Never raises.

Looks at no more than a few keys, and asks no server.
"""

from html import escape
from reprlib import repr as short
from typing import TYPE_CHECKING

from ._arguments import decode_key
from ._errors import ByteStoreError, ClosedError
from ._options import without_password

if TYPE_CHECKING:
    from ._store import ByteStore

ROWS = 5


def summary(store: "ByteStore") -> str:
    """Where it is and how much is in it."""
    try:
        count = f"entries={len(store)}" if store.capabilities().sizes else "on a server"
    except ClosedError:
        count = "closed"
    except (ByteStoreError, AttributeError):  # it fails, or was never opened
        count = "not open"
    handle = getattr(store, "_handle", None)
    namespace = f" namespace={decode_key(handle.prefix)!r}" if handle and handle.prefix else ""
    url = getattr(store, "_url", None)
    return f"url={url and without_password(url)!r}{namespace} {count}"


def bounds(store: "ByteStore") -> str:
    """How full a store with bounds is, and how well it does as a cache; of others nothing."""
    stats = store.stats()
    used = stats.key_bytes + stats.value_bytes + stats.overhead_bytes
    parts = [
        f"{part:,} of {bound:,} {unit} ({part / bound:.0%})"
        for part, bound, unit in ((stats.entries, stats.max_entries, "entries"), (used, stats.max_bytes, "bytes"))
        if bound is not None
    ]
    return ", ".join([*parts, f"hit ratio {stats.hit_ratio:.0%}"]) if parts else ""


def _first_keys(store: "ByteStore") -> list[str]:
    with store._handle.cursor() as cursor:
        return [*map(decode_key, cursor.next(ROWS))]


def table(store: "ByteStore") -> str:
    """The first keys and how long their values are, as HTML."""
    rows, more, full = "", 0, ""
    try:
        full = bounds(store)  # before the look-ups of the table's own, which count as any
        keys = _first_keys(store) if store.capabilities().sizes else []
        for key, value in zip(keys, store.mget_views(keys), strict=True):
            size = "deleted meanwhile" if value is None else f"{len(value):,}"
            rows += f"<tr><td><code>{escape(short(key))}</code></td><td>{size}</td></tr>"
        more = len(store) - len(keys) if keys else 0
    except (ByteStoreError, AttributeError):  # closed, or never opened: the summary says it
        pass
    if more > 0:
        rows += f"<tr><td>and {more:,} more</td><td></td></tr>"
    caption = escape(" ".join(filter(None, (type(store).__name__, summary(store), full))))
    return f"<table><caption>{caption}</caption><tr><th>key</th><th>bytes</th></tr>{rows}</table>"
