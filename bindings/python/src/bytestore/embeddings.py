"""A store of embeddings: lists of floats over a store of bytes. Knows LangChain's interface, not its caches.

from bytestore.embeddings import EmbeddingStore

store = EmbeddingStore()
store.mset([("a", [0.5, 0.25])])
store.mget(["a", "missing"])  # [[0.5, 0.25], None]

docs/embedding-format.md says what a value looks like. `bytestore.langchain` has LangChain's cache on top of it.
"""

from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Sequence
from functools import partial
from hashlib import sha256
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, TypeVar

from . import _vectors
from ._arguments import KEYS, PAIRS, batch, encode_key, unpack
from ._async import is_large, run
from ._langchain import Base, VectorBase
from ._store import ByteStore

if TYPE_CHECKING:
    from ._arrays import Array
    from ._vectors import Encoded

__all__ = ["EmbeddingStore", "key_encoder"]

T = TypeVar("T")
R = TypeVar("R")

# So many vectors take longer to encode than the way to a thread and back: about a millisecond, with 1,536 floats each.
_MANY_TO_ENCODE = 10

_ANEW = "; delete the key and set it again"


def key_encoder(namespace: str = "") -> Callable[[str], str]:
    """Turns a text into a key: the namespace, then the SHA-256 of the text's UTF-8 as 64 hexadecimal digits.

    Two keys are equal only where namespaces and texts are: the last 64 characters are the text's, what is before them
    is the namespace, and nobody knows two texts with one SHA-256. `yield_keys(prefix=namespace)` finds a namespace.
    They are the keys that LangChain makes with `key_encoder="sha256"`. What is returned can be pickled.
    """
    if not isinstance(namespace, str):
        raise TypeError(f"namespace is str, not {type(namespace).__name__} {short(namespace)}")
    return partial(_key, namespace)


def _key(namespace: str, text: str) -> str:
    return namespace + sha256(encode_key(text)).hexdigest()


class EmbeddingStore(VectorBase):
    """A key-value store of vectors, for `CacheBackedEmbeddings(document_embedding_store=…)` and on its own.

    A vector is a list, tuple or other sequence of floats, or a one-dimensional array of them: of NumPy, or whatever
    else has the buffer protocol and float16, float32 or float64 elements. It is stored as float32 when that gives
    back every bit of every element, else as float64: nothing is ever lost. It comes back as a list of float; ints
    become floats, as long as they are the same number.

    Values that LangChain's `CacheBackedEmbeddings` wrote, JSON, are read too, beside others.

    Every batch is checked as a whole before anything is stored. Any thread and any event loop may call any method, if
    the store of bytes allows it, as `ByteStore` does; what is passed is copied, and what comes back is the caller's.

    Raises `TypeError` for a vector that is none, with its key and the position in it; `ValueError` for a number that
    no float64 is, and for a stored value that is no vector; and whatever the store of bytes raises.
    """

    def __init__(self, store: Base | None = None, *, key_encoder: Callable[[str], str] | None = None) -> None:
        """Vectors in `store`, which stays the caller's, or in a `ByteStore` of their own.

        `key_encoder` makes the store's keys of the caller's, as the function of that name does; without one they are
        the same. `yield_keys` gives the store's.
        """
        self.store: Base = ByteStore() if store is None else store
        self.key_encoder = key_encoder

    def mget(self, keys: Iterable[str]) -> list[list[float] | None]:
        """The vector of every key, in order; None for a missing one."""
        items = tuple(batch(keys, "mget", KEYS))
        return _decode(items, self._read(self._names(items, "mget")), "mget")

    def mget_array(self, keys: Iterable[str]) -> "tuple[Array, Array]":
        """As `mget`, as a NumPy array of shape (keys, dimension), and a mask of shape (keys,): which were found.

        float32, or float64 when one of them is stored so. The rows of missing keys are NaN; where all are missing the
        dimension is 0. ImportError without NumPy, ValueError when the vectors' dimensions differ.
        """
        from ._arrays import stack  # noqa: PLC0415

        items = tuple(batch(keys, "mget_array", KEYS))
        values = self._read(self._names(items, "mget_array"))
        return stack(
            _each(lambda value: None if value is None else _vectors.normal(value), items, values, "mget_array", _ANEW)
        )

    def mset(self, key_value_pairs: Iterable[Any]) -> None:
        """Sets the vector of every (key, vector); of a key that comes twice, the last one stays."""
        self.store.mset(self._entries(_pairs(key_value_pairs, "mset"), "mset"))

    def mdelete(self, keys: Iterable[str]) -> None:
        """Deletes the keys that are there."""
        self.store.mdelete(self._names(batch(keys, "mdelete", KEYS), "mdelete"))

    def yield_keys(self, *, prefix: str | None = None) -> Generator[str, None, None]:
        """The keys that begin with `prefix`, as the store of bytes has them: those that the key encoder made."""
        yield from self.store.yield_keys(prefix=prefix)

    async def amget(self, keys: Iterable[str]) -> list[list[float] | None]:
        """As `mget`; a large batch is read and decoded in a thread."""
        items = tuple(batch(keys, "amget", KEYS))
        names = await run(is_large(len(items)), self._names, items, "amget")
        values = await self.store.amget(names)
        size = sum(len(value) for value in values if value is not None)
        return await run(is_large(len(items), size), _decode, items, values, "amget")

    async def amset(self, key_value_pairs: Iterable[Any]) -> None:
        """As `mset`; a large batch is encoded and stored in a thread, and its vectors are not to change meanwhile."""
        pairs = _pairs(key_value_pairs, "amset")
        await self.store.amset(await run(len(pairs) >= _MANY_TO_ENCODE, self._entries, pairs, "amset"))

    async def amdelete(self, keys: Iterable[str]) -> None:
        """As `mdelete`; a large batch waits in a thread."""
        items = tuple(batch(keys, "amdelete", KEYS))
        await self.store.amdelete(await run(is_large(len(items)), self._names, items, "amdelete"))

    async def ayield_keys(self, *, prefix: str | None = None) -> AsyncGenerator[str, None]:
        """As `yield_keys`."""
        async for key in self.store.ayield_keys(prefix=prefix):
            yield key

    def _names(self, keys: Sequence[Any], method: str) -> Sequence[str]:
        """The store's keys."""
        if not {*map(type, keys)} <= {str}:
            for index, key in enumerate(keys):
                if not isinstance(key, str):
                    raise TypeError(f"{method}: key {index} of the batch is {type(key).__name__}, but keys are str")
        return keys if self.key_encoder is None else list(map(self.key_encoder, keys))

    def _entries(self, pairs: Sequence[tuple[Any, Any]], method: str) -> list[tuple[str, bytes]]:
        """The store's pairs."""
        keys = [key for key, _ in pairs]
        values = _each(_vectors.encode, keys, [vector for _, vector in pairs], method)
        return list(zip(self._names(keys, method), values, strict=True))

    def _read(self, names: Sequence[str]) -> "Sequence[Encoded | None]":
        """The values, without copying where the store can do that."""
        read: Callable[[Sequence[str]], Sequence[Encoded | None]]
        read = getattr(self.store, "mget_views", self.store.mget)
        return read(names)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.store!r})"


def _pairs(pairs: Iterable[Any], method: str) -> list[tuple[Any, Any]]:
    return [unpack(pair, method, index) for index, pair in enumerate(batch(pairs, method, PAIRS))]


def _decode(keys: Sequence[str], values: "Sequence[Encoded | None]", method: str) -> list[list[float] | None]:
    present = [value for value in values if value is not None]
    vectors = _vectors.decode_all(present)
    if vectors is None:  # old values among them, or bad ones
        return _each(lambda value: None if value is None else _vectors.decode(value), keys, values, method, _ANEW)
    if len(present) == len(values):
        return [*vectors]
    rest = iter(vectors)
    return [None if value is None else next(rest) for value in values]


def _each(call: Callable[[T], R], keys: Sequence[str], values: Sequence[T], method: str, advice: str = "") -> list[R]:
    """What the call makes of each value; its errors, with the key that they are about."""
    results: list[R] = []
    try:
        for value in values:
            results.append(call(value))  # noqa: PERF401 their number says where it ended
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{method}: the value of key {short(keys[len(results)])} {error}{advice}") from None
    return results
