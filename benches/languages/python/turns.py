"""Slices of time, in turns: what is compared runs within the same second. Knows no store.

The keys of a slice are made before its time is taken: each is a new str, asked for once, and read in the order in which
it was made. Two threads have keys of their own; their time is that from the start of both to the end of the slower one.
"""

from collections.abc import Callable
from threading import Barrier, Thread
from time import perf_counter_ns
from typing import Any

# Keys of one thread; of two threads more, since they change places only every 5 ms.
SLICE = 32_768
SLICE_OF_TWO = 4 * SLICE

Call = Callable[[Any], Any]
Make = Callable[[], list[Any]]  # the batches of one thread's slice


def rate(call: Call, make: Make, threads: int) -> float:
    """Million keys a second, of batches of keys or pairs."""
    work = [make() for _ in range(threads)]
    keys = sum(len(batch) for batches in work for batch in batches)
    if threads == 1:
        start = perf_counter_ns()
        for batch in work[0]:
            call(batch)
        return keys * 1000 / (perf_counter_ns() - start)

    started, ended = Barrier(threads + 1), Barrier(threads + 1)

    def run(batches: list[Any]) -> None:
        started.wait()
        for batch in batches:
            call(batch)
        ended.wait()

    for batches in work:
        Thread(target=run, args=(batches,)).start()
    started.wait()
    start = perf_counter_ns()
    ended.wait()
    return keys * 1000 / (perf_counter_ns() - start)


def turns(calls: dict[str, Call], make: Make, threads: int, rounds: int) -> dict[str, list[float]]:
    """The rates of each call in each round; who begins changes from round to round."""
    rates: dict[str, list[float]] = {name: [] for name in calls}
    for round_ in range(rounds):
        order = list(calls)
        for name in order[:: -1 if round_ % 2 else 1]:
            rates[name].append(rate(calls[name], make, threads))
    return rates
