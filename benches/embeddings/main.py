"""Fetches cached embeddings through LangChain's CacheBackedEmbeddings, over InMemoryByteStore and over ours.

The texts' vectors are all in the caches. Every way of fetching them takes its turn in each round, and who begins
changes; a figure is the median of the rounds, a ratio that of the rounds' ratios. The time is that of the call; what it
takes to free the answer is printed beside it. "The floats alone" is the floor for lists: it makes the same lists of
bytes that are in memory already, with the garbage collector off. Memory is resident memory, of a process for each.
"""

import argparse
import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from struct import Struct
from time import perf_counter_ns
from typing import Any, TypeAlias

import numpy as np

from caches import CACHES, KINDS, Model, over_bytestore, over_the_dict, text

Fetch: TypeAlias = Callable[[], Any]

THE_DICT, LISTS, ARRAY = "InMemoryByteStore, lists", "bytestore, lists", "bytestore, NumPy array"
FLOOR = "the floats alone, lists"
GOALS = {LISTS: 15, ARRAY: 40}
MEMORY_GOAL = 5


def ways(kind: str, texts: list[str], dimension: int) -> dict[str, Fetch]:
    """Each way to fetch the vectors; they have been compared."""
    ours, theirs = over_bytestore(Model(kind, dimension)), over_the_dict(Model(kind, dimension))
    fetch: dict[str, Fetch] = {
        THE_DICT: lambda: theirs.embed_documents(texts),
        LISTS: lambda: ours.embed_documents(texts),
        ARRAY: lambda: ours.embed_documents_array(texts),
        FLOOR: floats_alone(theirs.embed_documents(texts), kind),
    }
    expected = np.array(fetch[THE_DICT]())
    fetch[LISTS]()  # now they are in the cache
    for name, call in fetch.items():
        answer = call()
        if not np.array_equal(np.array(answer), expected):
            raise SystemExit(f"{name}: wrong answers")
        if (name == ARRAY) != isinstance(answer, np.ndarray):
            raise SystemExit(f"{name}: a {type(answer).__name__}")
    return fetch


def floats_alone(vectors: list[list[float]], kind: str) -> Fetch:
    layout = Struct(f"{len(vectors[0])}{'f' if kind == 'float32' else 'd'}")
    values = [layout.pack(*vector) for vector in vectors]

    def make() -> list[list[float]]:
        gc.disable()
        try:
            return [*map(list, map(layout.unpack, values))]
        finally:
            gc.enable()

    return make


def turns(calls: dict[str, Fetch], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of each call in each round, and of freeing its answer."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for round_ in range(rounds):
        for name in list(calls)[:: -1 if round_ % 2 else 1]:
            call = calls[name]
            start = perf_counter_ns()
            answer = call()
            called = perf_counter_ns()
            del answer
            freed = perf_counter_ns()
            times[name].append(((called - start) / 1e6, (freed - called) / 1e6))
    return times


def report(kind: str, times: dict[str, list[tuple[float, float]]]) -> None:
    print(f"\n{kind:<28}{'call':>10}{'ratio':>10}{'freeing':>10}{'ratio of both':>16}{'goal':>10}")
    for name, found in times.items():
        calls, frees = zip(*found, strict=True)
        base = times[THE_DICT]
        ratio = median(theirs[0] / ours[0] for theirs, ours in zip(base, found, strict=True))
        both = median(sum(theirs) / sum(ours) for theirs, ours in zip(base, found, strict=True))
        goal = f"≥ {GOALS[name]}" if name in GOALS else ""
        print(f"{name:<28}{median(calls):>7.1f} ms{ratio:>10.1f}{median(frees):>7.1f} ms{both:>16.1f}{goal:>10}")


def resident(cache: str, kind: str, dimension: int, entries: int) -> float:
    program = Path(__file__).with_name("resident.py")
    command = [sys.executable, str(program), cache, kind, str(dimension), str(entries)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--dimension", type=int, default=1536)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--entries", type=int, default=10_000, help="in the caches whose memory is measured")
    options = parser.parse_args()
    texts = [*map(text, range(options.texts))]
    print(f"{options.texts:,} cached vectors of {options.dimension:,}; medians of {options.rounds} rounds in turns")
    for kind in KINDS:
        report(kind, turns(ways(kind, texts, options.dimension), options.rounds))

    print(f"\nresident bytes a text, of {options.entries:,}")
    for kind in KINDS:
        sizes = {cache: resident(cache, kind, options.dimension, options.entries) for cache in CACHES}
        ratio = sizes["InMemoryByteStore"] / sizes["bytestore"]
        figures = "".join(f"{cache:>20} {size:>8,.0f}" for cache, size in sizes.items())
        print(f"{kind:<10}{figures}{ratio:>10.2f} times less{f'≥ {MEMORY_GOAL}' if kind == 'float32' else '':>10}")


if __name__ == "__main__":
    main()
