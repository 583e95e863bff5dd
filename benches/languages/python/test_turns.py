"""The benchmark's own parts, where they could be wrong without anybody seeing it. Needs none of the peers."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import workload
from turns import rate, turns


def test_keys_are_new_each_time_and_distinct() -> None:
    keys = [workload.key(number) for number in range(10_000)]
    assert len({*keys}) == 10_000
    assert {len(key) for key in keys} == {workload.KEY}
    assert workload.key(5) == keys[5]
    assert workload.key(5) is not keys[5]


def test_values_have_their_size() -> None:
    for size in (16, 100, 1024, 12 << 10):
        assert {len(workload.value(number, size)) for number in range(0, 100_000, 97)} == {size}


def test_draws_are_of_keys_that_are_there() -> None:
    there = {workload.key(number) for number in range(50)}
    assert {*workload.Draws(50, seed=1).keys(2000)} == there
    assert [size for _, size in workload.Draws(50, seed=1).pairs(3, 16)] == [workload.value(i, 16) for i in range(3)]


@pytest.mark.parametrize("threads", [1, 2])
def test_every_thread_does_its_own_batches_once(threads: int) -> None:
    seen: Counter[str] = Counter()
    workers: set[int] = set()
    made = iter(range(1000))

    def make() -> list[Any]:
        return [[f"{next(made)}/{i}" for i in range(3)] for _ in range(5)]

    def call(batch: list[str]) -> None:
        workers.add(threading.get_ident())
        seen.update(batch)

    assert rate(call, make, threads) > 0
    assert len(seen) == threads * 5 * 3
    assert {*seen.values()} == {1}
    assert len(workers) == threads


def test_who_begins_changes_from_round_to_round() -> None:
    order: list[str] = []

    def named(name: str) -> Callable[[Any], None]:
        return lambda _: order.append(name)

    rates = turns({"a": named("a"), "b": named("b")}, lambda: [["k"]], threads=1, rounds=3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert {name: len(found) for name, found in rates.items()} == {"a": 3, "b": 3}
