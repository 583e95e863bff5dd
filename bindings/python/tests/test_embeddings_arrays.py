"""The embedding store and NumPy: arrays in and out, and all the rest where there is no NumPy."""

import subprocess
import sys
from array import array
from collections.abc import Callable

import numpy as np
import pytest
from langchain_core.stores import BaseStore

from bytestore.embeddings import EmbeddingStore
from test_embeddings import STORES
from test_without_langchain import BLOCKER


def test_numpy_in() -> None:
    vectors = EmbeddingStore()
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4) / 8
    vectors.mset(zip("abc", matrix, strict=True))
    vectors.mset([("d", matrix[:, 1]), ("e", matrix[0].astype(np.float16)), ("f", array("d", [0.1]))])
    assert vectors.mget("a b c d e f".split()) == [*matrix.tolist(), matrix[:, 1].tolist(), matrix[0].tolist(), [0.1]]
    assert {len(value) for value in vectors.store.mget(list("abce")) if value} == {8 + 16}


@pytest.mark.parametrize("kind", STORES)
def test_numpy_out(kind: Callable[[], BaseStore[str, bytes]]) -> None:
    vectors = EmbeddingStore(kind())
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4) / 8
    vectors.mset(zip("abc", matrix, strict=True))
    rows, found = vectors.mget_array(iter("cxab"))
    assert (str(rows.dtype), rows.shape) == ("float32", (4, 4))
    assert rows.flags.c_contiguous
    assert rows.flags.writeable
    assert (str(found.dtype), found.tolist()) == ("bool", [True, False, True, True])
    assert rows[found].tobytes() == matrix[[2, 0, 1]].tobytes()
    assert np.isnan(rows[1]).all()
    rows[:] = 9
    assert vectors.mget(["a"]) == [matrix[0].tolist()]


def test_one_float64_makes_the_array_float64() -> None:
    vectors = EmbeddingStore()
    vectors.mset([("a", [0.5, 1.0]), ("b", [0.1, -0.0])])
    rows, _ = vectors.mget_array(["a", "b"])
    assert str(rows.dtype) == "float64"
    assert rows.tobytes() == np.array([[0.5, 1.0], [0.1, -0.0]]).tobytes()
    assert vectors.mget_array(["a"])[0].dtype == np.float32


def test_arrays_of_nothing() -> None:
    vectors = EmbeddingStore()
    vectors.mset([("empty", [])])
    for keys in ([], ["x"], ["x", "y"], ["empty"], ["empty", "x"]):
        rows, found = vectors.mget_array(keys)
        assert (rows.shape, str(rows.dtype)) == ((len(keys), 0), "float32")
        assert found.tolist() == [key == "empty" for key in keys]


def test_vectors_of_different_dimensions_are_no_array() -> None:
    vectors = EmbeddingStore()
    vectors.mset([("a", [0.5]), ("b", [0.5, 1.0])])
    with pytest.raises(ValueError, match="vector 0 has 1 elements, vector 2 has 2: no array"):
        vectors.mget_array(["a", "x", "b"])


ALONE = """
import asyncio, sys
from bytestore.embeddings import EmbeddingStore, key_encoder

vectors = EmbeddingStore(key_encoder=key_encoder("n"))
vectors.mset([("a", [0.5, 1]), ("b", (0.1,))])
assert vectors.mget(["a", "b", "c"]) == [[0.5, 1.0], [0.1], None]
assert asyncio.run(vectors.amget(["b"])) == [[0.1]]
try:
    vectors.mget_array(["a"])
except ImportError as error:
    print(error)
print({"numpy", "langchain_core", "langchain_classic"} & {*sys.modules})
"""


def test_it_needs_neither_numpy_nor_langchain() -> None:
    blockers = [BLOCKER.format(name=name) for name in ("numpy", "langchain_core")]
    done = subprocess.run(
        [sys.executable, "-c", "".join([*blockers, ALONE])], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "arrays of embeddings need NumPy: pip install 'bytestore[numpy]'\nset()\n"


def test_a_broken_numpy_is_heard() -> None:
    code = (
        BLOCKER.format(name="numpy.typing") + "from bytestore.embeddings import EmbeddingStore as E; E().mget_array([])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "No module named 'numpy.typing'" in done.stderr.splitlines()[-1]


def test_numpy_is_imported_only_when_an_array_is_asked_for() -> None:
    code = "import sys, bytestore.embeddings; print('numpy' in sys.modules)"
    blocked = BLOCKER.format(name="langchain_core") + code
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
