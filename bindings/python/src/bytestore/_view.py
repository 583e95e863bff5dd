"""`ByteStore.store`: the entries as a mapping, as people know them from a dict. Knows only the store's own methods."""

from collections.abc import ItemsView, Iterator, MutableMapping, ValuesView
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._arguments import Entries, Value
    from ._store import ByteStore

_BATCH = 1024


class StoreView(MutableMapping[str, bytes]):
    """A live view: reads and changes the store itself, and pickles as the plain dict of what is in it."""

    __slots__ = ("_store",)

    def __init__(self, store: "ByteStore") -> None:
        self._store = store

    def __getitem__(self, key: str) -> bytes:
        return self._store[key]

    def __setitem__(self, key: str, value: "Value") -> None:
        self._store[key] = value

    def __delitem__(self, key: str) -> None:
        del self._store[key]

    def __contains__(self, key: object) -> bool:
        return key in self._store

    def __iter__(self) -> Iterator[str]:
        return iter(self._store)

    def __len__(self) -> int:
        return len(self._store)

    def items(self) -> ItemsView[str, bytes]:
        """As a dict's, read in batches; entries deleted meanwhile are left out."""
        return _Items(self)

    def values(self) -> ValuesView[bytes]:
        """As a dict's, read in batches; entries deleted meanwhile are left out."""
        return _Values(self)

    def clear(self) -> None:
        """Deletes every key that is there now, in one atomic step."""
        self._store.mdelete(self)

    def update(self, other: "Entries" = (), /, **more: "Value") -> None:  # type: ignore[override]
        """As a dict's, in one atomic step."""
        self._store.update(other, **more)

    def copy(self) -> dict[str, bytes]:
        """A dict of the entries, all read in one atomic step."""
        keys = [*iter(self)]  # of itself a list would ask for the length, too
        values = self._store.mget(keys)
        return {key: value for key, value in zip(keys, values, strict=True) if value is not None}

    def __repr__(self) -> str:
        return f"<entries of {self._store!r}>"

    def __reduce__(self) -> tuple[type[dict[str, bytes]], tuple[dict[str, bytes]]]:
        return dict, (self.copy(),)

    def batches(self) -> Iterator[tuple[str, bytes]]:
        """The entries, read some at a time."""
        keys = iter(self)
        while batch := list(islice(keys, _BATCH)):
            for key, value in zip(batch, self._store.mget(batch), strict=True):
                if value is not None:
                    yield key, value


class _Items(ItemsView[str, bytes]):
    _mapping: StoreView

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return self._mapping.batches()


class _Values(ValuesView[bytes]):
    _mapping: StoreView

    def __iter__(self) -> Iterator[bytes]:
        return (value for _, value in self._mapping.batches())
