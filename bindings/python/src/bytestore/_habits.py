"""A dict's habits, each on one of a store's operations. Knows nothing else of the store."""

from collections.abc import ItemsView, Iterable, Iterator, KeysView
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ._arguments import PAIRS, Entries, Pair, Value, batch
from ._langchain import Base

if TYPE_CHECKING:
    from ._view import StoreView

T = TypeVar("T")


class Habits(Base):
    """What `ByteStore` has in common with a dict beside its operations."""

    if TYPE_CHECKING:  # the operations that LangChain's class does not have, or not so

        @property
        def store(self) -> StoreView: ...
        def mset(self, key_value_pairs: Iterable[Pair]) -> None: ...
        def mdelete(self, keys: Iterable[str]) -> int: ...  # type: ignore[override]

    def __getitem__(self, key: str) -> bytes:
        value = self.mget([key])[0] if isinstance(key, str) else _absent(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Value) -> None:
        self.mset([(key, value)])

    def __delitem__(self, key: str) -> None:
        if not (self.mdelete([key]) if isinstance(key, str) else _absent(key)):
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return (self.mget([key])[0] if isinstance(key, str) else _absent(key)) is not None

    def __iter__(self) -> Iterator[str]:
        return self.yield_keys()

    __reversed__ = None  # else Python would ask for store[2], store[1], store[0]

    @overload
    def get(self, key: str) -> bytes | None: ...
    @overload
    def get(self, key: str, default: T) -> bytes | T: ...
    def get(self, key: str, default: T | None = None) -> bytes | T | None:
        """The value of the key, the default when it is missing; as a dict, what is no str is missing too."""
        value = self.mget([key])[0] if isinstance(key, str) else _absent(key)
        return default if value is None else value

    def update(self, other: Entries = (), /, **more: Value) -> None:
        """Sets the entries of a mapping or of pairs, and those named, in one atomic step."""
        pairs: Any = other.items() if hasattr(other, "items") else other
        self.mset([*batch(pairs, "update", PAIRS), *more.items()])

    def keys(self) -> KeysView[str]:
        """As a dict's.

        `dict(store)` reads them and then value by value: KeyError when one is deleted meanwhile. `store.store.copy()`
        reads all at once.
        """
        return self.store.keys()

    def items(self) -> ItemsView[str, bytes]:
        """As a dict's, read in batches; entries deleted meanwhile are left out."""
        return self.store.items()


def _absent(key: object) -> bytes | None:
    """As in a dict what is no str is not there; TypeError when it has no hash: often a list that `mget` should get."""
    hash(key)
    return None
