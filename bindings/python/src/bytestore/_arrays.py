"""Vectors of the value format as one NumPy array. Imported when somebody wants one: nothing else here needs NumPy."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from ._vectors import DOUBLE, HEADER

try:
    import numpy as np
    from numpy.typing import NDArray
except ModuleNotFoundError as error:
    if error.name != "numpy":  # it is there, but broken
        raise
    raise ImportError("arrays of embeddings need NumPy: pip install 'bytestore[numpy]'") from error

Array: TypeAlias = NDArray[Any]


def stack(values: Sequence[memoryview | None]) -> tuple[Array, Array]:
    """The vectors as rows, NaN for None, and which rows were found. All values are `normal`.

    float32, or float64 when one value is. ValueError when the dimensions differ.
    """
    vectors = [None if value is None else _vector(value) for value in values]
    present = [(index, vector) for index, vector in enumerate(vectors) if vector is not None]
    for (before, first), (index, vector) in pairwise(present):
        if len(first) != len(vector):
            raise ValueError(f"vector {before} has {len(first)} elements, vector {index} has {len(vector)}: no array")
    dimension = len(present[0][1]) if present else 0
    dtype = np.result_type(np.float32, *{vector.dtype for _, vector in present})
    rows = np.empty((len(vectors), dimension), dtype)
    for index, vector in present:
        rows[index] = vector
    found = np.array([vector is not None for vector in vectors], np.bool_)
    rows[~found] = np.nan
    return rows, found


def _vector(value: memoryview) -> Array:
    """A view of its elements."""
    dtype = "<f8" if value[3:4] == DOUBLE else "<f4"
    return np.frombuffer(value, dtype, offset=HEADER.size)
