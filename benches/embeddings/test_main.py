"""The benchmark's own parts, small: it runs, compares answers, and would notice wrong ones."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import main
from caches import CACHES, KINDS, Model, text

HERE = Path(__file__).parent


def test_it_runs_whole() -> None:
    small = ["--texts", "20", "--dimension", "64", "--rounds", "3", "--entries", "200"]
    done = subprocess.run([sys.executable, str(HERE / "main.py"), *small], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    for name in (*KINDS, main.THE_DICT, main.LISTS, main.ARRAY, main.FLOOR):
        assert sum(line.startswith(name) for line in done.stdout.splitlines()) == 2, name


def test_the_answers_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(Model):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors = super().embed_documents(texts)
            vectors[-1][-1] += 1e-16
            return vectors

    monkeypatch.setattr(main, "over_bytestore", lambda model: CACHES["bytestore"](Wrong(model.kind, model.dimension)))
    with pytest.raises(SystemExit, match="bytestore, lists: wrong answers"):
        main.ways("float64", [text(1), text(2)], 8)


@pytest.mark.parametrize("kind", KINDS)
def test_the_vectors_are_what_they_are_called(kind: str) -> None:
    vectors = Model(kind, 64).embed_documents(["a", "b"])
    assert vectors == Model(kind, 64).embed_documents(["a", "b"])
    assert {type(number) for vector in vectors for number in vector} == {float}
    assert (np.array(vectors) == np.array(vectors, np.float32)).all() == (kind == "float32")


def test_the_texts_are_distinct_and_of_one_size() -> None:
    texts = [*map(text, range(2000))]
    assert len({*texts}) == 2000
    assert {*map(len, texts)} == {1000}


def test_who_begins_changes_from_round_to_round() -> None:
    order: list[str] = []
    calls = {"a": lambda: order.append("a"), "b": lambda: order.append("b")}
    times = main.turns(calls, rounds=3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert {name: len(found) for name, found in times.items()} == {"a": 3, "b": 3}


@pytest.mark.parametrize("cache", CACHES)
def test_memory_is_that_of_the_vectors(cache: str) -> None:
    assert main.resident(cache, "float64", 1024, 1000) > 0.9 * 8192
