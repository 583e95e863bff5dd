"""Computing once what is missing, by threads: who computes, who waits, what they get. Gates, not sleeps, say when."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any

import numpy as np
import pytest

from bytestore import ByteStore, ClosedError, InvalidArgumentError, OverLimitError
from waiting import GIVE_UP, Gate, until_waiting, upper


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(64) as pool:
        yield pool


def test_what_is_missing_is_computed_in_one_call(store: ByteStore) -> None:
    store["b"] = b"there"
    asked: list[list[str]] = []

    def compute(keys: list[str]) -> list[bytes]:
        asked.append([*keys])
        keys.clear()  # it is the computation's own
        return [key.upper().encode() for key in asked[-1]]

    assert store.mget_or_compute(iter(["c", "b", "a", "c"]), compute) == [b"C", b"there", b"A", b"C"]
    assert store.mget_or_compute(["a", "b", "c"], compute) == [b"A", b"there", b"C"]
    assert store.mget_or_compute([], compute) == []
    assert asked == [["c", "a"]]
    assert list(store) == ["b", "c", "a"]
    assert not store._handle.flights.under_way


@pytest.mark.parametrize(
    "give",
    [
        iter,
        lambda values: tuple(map(bytearray, values)),
        lambda values: [memoryview(value) for value in values],
        lambda values: dict.fromkeys(values).keys(),
        lambda values: np.array([[*value] for value in values], dtype=np.uint8),
    ],
)
def test_values_are_whatever_can_be_set(store: ByteStore, give: Callable[[list[bytes]], Any]) -> None:
    assert store.mget_or_compute(["a", "b"], lambda _: give([b"1", b"2"])) == [b"1", b"2"]
    assert store.store == {"a": b"1", "b": b"2"}


def test_values_are_copies(store: ByteStore) -> None:
    value = bytearray(b"before")
    (answer,) = store.mget_or_compute(["a"], lambda _: [value])
    value[:] = b"after!"
    assert answer == store["a"] == b"before"


MISTAKES: list[tuple[Any, Any, type[Exception], str]] = [
    ("ab", upper, TypeError, "mget_or_compute takes an iterable of keys, not a single str"),
    (None, upper, TypeError, "mget_or_compute takes an iterable of keys, not NoneType"),
    ([5], upper, TypeError, "key 0 of the batch is int 5, but keys are str"),
    (["there"], None, TypeError, "mget_or_compute takes a function that computes values, not NoneType"),
    (["a", "b"], lambda _: [b""], InvalidArgumentError, "the computation gave 1 values for 2 keys"),
    (["a"], lambda _: [b"", b""], InvalidArgumentError, "the computation gave 2 values for 1 keys"),
    (["a"], lambda _: None, TypeError, "the computation gave NoneType None, not a list of values"),
    (["a"], lambda _: b"1", TypeError, "the computation gave bytes b'1', not a list of values"),
    (["a"], lambda _: {"a": b"1"}, TypeError, "the computation gave dict .*, not a list of values"),
    (["a", "b"], lambda _: [b"", "1"], TypeError, r"value of key 'b' \(pair 1\) is str.*encode it"),
    (["a"], lambda _: [None], TypeError, r"mget_or_compute: the value of key 'a' \(pair 0\) is NoneType"),
]


@pytest.mark.parametrize(("keys", "compute", "error", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_mistakes(store: ByteStore, keys: Any, compute: Any, error: type[Exception], message: str) -> None:
    store["there"] = b""
    with pytest.raises(error, match=message) as caught:
        store.mget_or_compute(keys, compute)
    assert caught.type is error
    assert list(store) == ["there"]
    assert not store._handle.flights.under_way


def test_a_ttl_is_wrong_whether_keys_are_missing_or_not(store: ByteStore) -> None:
    store["a"] = b""
    with pytest.raises(InvalidArgumentError, match="mget_or_compute: ttl is 0"):
        store.mget_or_compute(["a"], upper, ttl=0)


def test_an_async_computation_is_told_where_to_go(store: ByteStore) -> None:
    async def compute(_: list[str]) -> list[bytes]:
        raise AssertionError

    with pytest.raises(TypeError, match="the computation is async: await amget_or_compute"):
        store.mget_or_compute(["a"], compute)  # type: ignore[arg-type]


def test_of_many_threads_one_computes(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate = Gate()
    first = threads.submit(store.mget_or_compute, ["a"], gate)
    gate.wait()
    others = [threads.submit(store.mget_or_compute, ["a"] * (number % 3 + 1), refuse) for number in range(30)]
    until_waiting(store, "a", 30)
    gate.open()
    assert first.result() == [b"A"]
    assert [other.result() for other in others] == [[b"A"] * (number % 3 + 1) for number in range(30)]
    assert store.stats().sets == 1
    assert not store._handle.flights.under_way


def refuse(keys: list[str]) -> list[bytes]:
    raise AssertionError(f"nobody should compute {keys}")


def test_who_waits_gets_the_value_though_it_is_gone(threads: ThreadPoolExecutor) -> None:
    class Forgetful(ByteStore):
        def mset(self, key_value_pairs: Any) -> None:  # type: ignore[override]
            super().mset(key_value_pairs)
            self.mdelete([key for key, _ in key_value_pairs])

    store, gate = Forgetful(), Gate()
    first = threads.submit(store.mget_or_compute, ["a"], gate)
    gate.wait()
    second = threads.submit(store.mget_or_compute, ["a"], refuse)
    until_waiting(store, "a", 1)
    gate.open()
    assert first.result() == second.result() == [b"A"]
    assert len(store) == 0


@pytest.mark.parametrize("turn", [1, -1])
def test_batches_that_overlap(store: ByteStore, threads: ThreadPoolExecutor, turn: int) -> None:
    """Each computes its own before it waits, in whichever order its keys are."""
    first_gate, second_gate = Gate(), Gate()
    first = threads.submit(store.mget_or_compute, ["a", "b"][::turn], first_gate)
    first_gate.wait()
    second = threads.submit(store.mget_or_compute, ["b", "c", "a"][::turn], second_gate)
    second_gate.wait()
    assert second_gate.asked == [["c"]]
    third = threads.submit(store.mget_or_compute, ["c", "a"][::turn], refuse)
    second_gate.open()
    until_waiting(store, "a", 2)
    assert "c" in store, "set before the first has computed anything"
    first_gate.open()
    assert first.result() == [b"A", b"B"][::turn]
    assert second.result() == [b"B", b"C", b"A"][::turn]
    assert third.result() == [b"C", b"A"][::turn]


def test_each_of_many_keys_is_computed_once(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    computed: list[str] = []

    def compute(keys: list[str]) -> list[bytes]:
        computed.extend(keys)
        return upper(keys)

    started = threading.Barrier(16)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for round_ in range(60):
            started.wait(GIVE_UP)
            keys = [f"k{round_}/{chance.randrange(20)}" for _ in range(12)]
            assert store.mget_or_compute(keys, compute) == upper(keys)

    for future in [threads.submit(work, seed) for seed in range(16)]:
        future.result(GIVE_UP)
    assert len(computed) == len(set(computed)) == len(store) == store.stats().sets


def test_what_arrived_meanwhile_is_not_computed() -> None:
    """Between the look and the claim: what another computation set in that moment is found."""

    class Late(ByteStore):
        looks = 0

        def mget(self, keys: Any) -> list[bytes | None]:
            values = super().mget(keys)
            self.looks += 1
            if self.looks == 1:
                assert self.mget_or_compute(["a"], upper) == [b"A"]  # as another thread would, just now
            return values

    late = Late()
    gate = Gate()
    gate.open()
    assert late.mget_or_compute(["b", "a"], gate) == [b"B", b"A"]
    assert gate.asked == [["b"]]
    late.looks = 5
    assert late.mget_or_compute(["c"], gate) == [b"C"]
    assert late.looks == 6, "nothing ended meanwhile: one look"


def test_hits_and_misses_are_counted_once(store: ByteStore) -> None:
    store["a"] = b""
    store.mget_or_compute(["a", "b", "c"], upper)
    stats = store.stats()
    assert (stats.hits, stats.misses, stats.sets) == (1, 2, 3)


def test_the_computation_may_use_the_store(store: ByteStore) -> None:
    def compute(keys: list[str]) -> list[bytes]:
        store["seen"] = b",".join(map(str.encode, keys))
        assert store.mget(["a"]) == [None]
        return store.mget_or_compute([f"{key}/inner" for key in keys], upper)

    assert store.mget_or_compute(["a", "b"], compute) == [b"A/INNER", b"B/INNER"]
    assert store.store == {
        "seen": b"a,b",
        "a/inner": b"A/INNER",
        "b/inner": b"B/INNER",
        "a": b"A/INNER",
        "b": b"B/INNER",
    }


def test_it_never_waits_for_itself(store: ByteStore) -> None:
    user = store.namespace("user/")

    def through_a_thread(keys: list[str]) -> list[bytes]:
        with ThreadPoolExecutor(1) as pool:  # as asyncio.to_thread has it
            return pool.submit(copy_context().run, store.mget_or_compute, keys, refuse).result()

    computations: list[Any] = [
        lambda keys: store.mget_or_compute(["other", *keys], refuse),
        lambda keys: store.mget_or_compute(["other"], lambda _: store.mget_or_compute(keys, refuse)),
        lambda keys: user.mget_or_compute([keys[0].removeprefix("user/")], refuse),
        through_a_thread,
    ]
    for compute in computations:
        with pytest.raises(InvalidArgumentError, match="is being computed by the computation that asks for it"):
            store.mget_or_compute(["user/1"], compute)
        assert not store._handle.flights.under_way
    assert store.mget_or_compute(["user/1"], upper) == [b"USER/1"]


def test_nor_where_nothing_is_known_but_the_thread(store: ByteStore) -> None:
    with pytest.raises(InvalidArgumentError, match="is being computed on this very thread"):
        store.mget_or_compute(["a"], lambda keys: Context().run(store.mget_or_compute, keys, refuse))


@pytest.mark.parametrize("count", [2, 3])
def test_circles_over_several_threads(threads: ThreadPoolExecutor, count: int) -> None:
    """Also over several stores: one of them gets an error, and the others what became of that."""
    stores = [ByteStore() for _ in range(count)]
    together = threading.Barrier(count)

    def work(number: int) -> list[bytes]:
        def compute(_: list[str]) -> list[bytes]:
            together.wait(GIVE_UP)
            after = (number + 1) % count
            return stores[after].mget_or_compute(["a"], refuse)

        return stores[number].mget_or_compute(["a"], compute)

    errors = [future.exception(GIVE_UP) for future in [threads.submit(work, number) for number in range(count)]]
    assert len(set(errors)) == 1, "the one that closed the circle"
    assert isinstance(errors[0], InvalidArgumentError)
    assert "in a circle" in str(errors[0])


def test_what_was_waited_for_is_let_go_of(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """However much a computation waits for, one after the other."""

    def open_once_waited_for(gate: Gate, key: str) -> None:
        until_waiting(store, key, 1)
        gate.open()

    def compute(_: list[str]) -> list[bytes]:
        for number in range(5):
            gate = Gate()
            other = threads.submit(store.mget_or_compute, [f"b{number}"], gate)
            gate.wait()
            flight = store._handle.flights.under_way[b"a"]
            threads.submit(open_once_waited_for, gate, f"b{number}")
            store.mget_or_compute([f"b{number}"], refuse)
            assert other.result(GIVE_UP)
            assert flight.waits_for == []
        return [b"A"]

    assert store.mget_or_compute(["a"], compute) == [b"A"]


def test_what_is_long_over_makes_no_circle(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    """A waits for B; afterwards B may wait for A."""
    for _ in range(3):
        a, b = Gate(), Gate()
        first = threads.submit(store.mget_or_compute, ["b"], b)
        b.wait()
        second = threads.submit(store.mget_or_compute, ["a"], lambda _: store.mget_or_compute(["b"], refuse))
        until_waiting(store, "b", 1)
        b.open()
        assert (first.result(GIVE_UP), second.result(GIVE_UP)) == ([b"B"], [b"B"])
        store.mdelete(["a", "b"])
        third = threads.submit(store.mget_or_compute, ["a"], a)
        a.wait()
        fourth = threads.submit(store.mget_or_compute, ["b"], lambda _: store.mget_or_compute(["a"], refuse))
        until_waiting(store, "a", 1)
        a.open()
        assert (third.result(GIVE_UP), fourth.result(GIVE_UP)) == ([b"A"], [b"A"])
        store.mdelete(["a", "b"])


def test_namespaces_share_what_is_computed(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate = Gate()
    first = threads.submit(store.mget_or_compute, ["user/1"], gate)
    gate.wait()
    others = [
        threads.submit(store.namespace("user/").mget_or_compute, ["1"], refuse),
        threads.submit(store.namespace("us").namespace("er").mget_or_compute, ["/1"], refuse),
    ]
    beside = store.namespace("order/").mget_or_compute(["1"], upper)
    until_waiting(store, "user/1", 2)
    gate.open()
    assert (beside, first.result()) == ([b"1"], [b"USER/1"])
    assert [other.result() for other in others] == [[b"USER/1"], [b"USER/1"]]


def test_openings_of_a_name_do_not(threads: ThreadPoolExecutor) -> None:
    first, second = ByteStore(name="compute"), ByteStore(name="compute")
    gate = Gate()
    computing = threads.submit(first.mget_or_compute, ["a"], gate)
    gate.wait()
    assert second.mget_or_compute(["a"], lambda _: [b"second"]) == [b"second"]
    gate.open()
    assert computing.result() == [b"A"]


def test_ends() -> None:
    timed = ByteStore(manual_clock=True, ttl=10)
    timed.mget_or_compute(["a"], upper)
    timed.mget_or_compute(["b"], upper, ttl=5)
    timed.advance_clock(5)
    assert list(timed) == ["a"]
    assert timed.mget_or_compute(["b"], lambda _: [b"again"]) == [b"again"]


@pytest.mark.parametrize(
    ("make", "compute", "error"),
    [
        (lambda: ByteStore(max_item_bytes=3), lambda _: [bytes(9)], OverLimitError),
        (ByteStore, lambda _: [b"", b""], InvalidArgumentError),
        (ByteStore, lambda _: 1 / 0, ZeroDivisionError),
        (ByteStore, lambda _: next(iter(())), StopIteration),
    ],
)
def test_errors_go_to_all_and_are_not_kept(
    threads: ThreadPoolExecutor, make: Callable[[], ByteStore], compute: Any, error: type[Exception]
) -> None:
    store, gate = make(), Gate(compute)
    first = threads.submit(store.mget_or_compute, ["a"], gate)
    gate.wait()
    others: list[Future[Any]] = [threads.submit(store.mget_or_compute, keys, upper) for keys in (["a"], ["b", "a"])]
    until_waiting(store, "a", 2)
    gate.open()
    raised = first.exception()
    assert type(raised) is error
    assert [other.exception() for other in others] == [raised, raised]
    assert store.store == {"b": b"B"}, "which was computed first"
    assert store.mget_or_compute(["a"], upper) == [b"A"]
    assert not store._handle.flights.under_way


def test_closed_meanwhile(store: ByteStore, threads: ThreadPoolExecutor) -> None:
    gate = Gate()
    first = threads.submit(store.mget_or_compute, ["a"], gate)
    gate.wait()
    second = threads.submit(store.mget_or_compute, ["a"], upper)
    until_waiting(store, "a", 1)
    store.close()
    gate.open()
    for future in (first, second):
        with pytest.raises(ClosedError):
            future.result()
    with pytest.raises(ClosedError):
        store.mget_or_compute(["b"], refuse)
