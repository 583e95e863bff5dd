"""Computing once what many miss at the same time: one flies, the others wait. Knows names of keys, no str, no store."""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from contextvars import ContextVar, Token
from reprlib import repr as short
from threading import RLock, get_ident
from typing import Generic, Literal, TypeVar

from ._async import has_loop, until_done
from ._errors import InvalidArgumentError

K = TypeVar("K")

# One for all tables, as a circle may lead through several of them. Held for a moment, and nobody else's code runs
# meanwhile but what Python itself calls in between: signal handlers, finalizers, which may come back here.
_lock = RLock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


class Flights:
    """The keys that are being computed: one table for a store and all its namespaces."""

    __slots__ = ("landed", "process", "under_way")

    def __init__(self) -> None:
        self.under_way: dict[bytes, Flight] = {}
        self.landed = 0  # how many: whoever sees it grow looks into the store again
        self.process = os.getpid()


class Flight:
    """A computation of some keys, as those see it who wait for it."""

    __slots__ = ("error", "flights", "names", "over", "process", "thread", "values", "waits_for")

    def __init__(self, flights: Flights) -> None:
        self.flights = flights
        self.names: frozenset[bytes] = frozenset()  # none once it is over
        self.values: dict[bytes, bytes] = {}
        self.error: Exception | None = None
        self.waits_for: list[Flight] = []
        self.thread, self.process = get_ident(), os.getpid()
        self.over: Future[None] = Future()
        self.over.set_running_or_notify_cancel()  # so that none of those who wait can cancel it for all

    def take_off(self, names: frozenset[bytes]) -> None:
        """Makes those keys its own."""
        self.names = names
        self.flights.under_way |= dict.fromkeys(names, self)

    def land(self) -> None:
        """Lets go of its keys, and those who wait go on. May happen twice."""
        flights = self.flights
        with _lock:
            flights.landed += bool(self.names)
            for name in self.names:
                if flights.under_way.get(name) is self:
                    del flights.under_way[name]
            self.names = frozenset()
        # In the child of a fork nobody waits, and the lock of somebody who did in the parent may never be free.
        if self.process == os.getpid() and not self.over.done():
            self.over.set_result(None)


# The computations that whoever asks is part of, the innermost last.
_within: ContextVar[tuple[Flight, ...]] = ContextVar("bytestore computations", default=())


class Turn(Generic[K]):
    """One turn of a call: of the keys that it misses it computes those that nobody does, and waits for the others.

    Within its `with` block the keys are its own. Left with an Exception, that is the answer for those who wait; left
    with any other (Ctrl-C, the end of a task that is cancelled), the keys are anybody's again.

    `here` is what to do about keys that another call on the same thread computes: "wait" for it, "refuse" where this
    thread would wait for itself, "repeat" the computation where that is all that can be done.
    """

    def __init__(
        self, flights: Flights, missing: Mapping[bytes, K], seen: int, here: Literal["wait", "refuse", "repeat"]
    ) -> None:
        self._missing, self._seen, self._here = missing, seen, here
        self._flight = Flight(flights)
        self._keys: dict[bytes, K] = {}  # that are asked for here
        self._others: dict[bytes, Flight] = {}
        self._outside: Token[tuple[Flight, ...]] | None = None
        self.stale = False  # whether the store may have something by now

    def __enter__(self) -> "Turn[K]":
        try:
            with _lock:
                refusal = self._claim()
            if refusal:  # raised here, as the error's traceback must not reach the flight that will have the error
                raise InvalidArgumentError(refusal)  # noqa: TRY301
            self._outside = _within.set((*_within.get(), self._flight))
        except BaseException:
            self._flight.land()
            raise
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, Exception):
            self._flight.error = error
        self._flight.land()
        if self._outside is not None:
            with suppress(ValueError):  # a coroutine may be closed in another context than the one that it ran in
                _within.reset(self._outside)

    def _claim(self) -> str | None:
        """Makes the keys its own that are nobody's; why it cannot, if so."""
        flight, flights = self._flight, self._flight.flights
        if flights.process != flight.process:  # after a fork: what the parent's other threads compute never ends here
            flights.under_way.clear()
            flights.process = flight.process
        asking = {name for outer in _within.get() if outer.flights is flights for name in outer.names}
        for name, key in self._missing.items():
            if name in asking:
                return f"key {short(key)} is being computed by the computation that asks for it"
            other = flights.under_way.get(name)
            here = self._here if other and other.thread == flight.thread else "wait"
            if here == "refuse":
                return (
                    f"key {short(key)} is being computed on this very thread, which would wait for itself: "
                    "in a coroutine, await amget_or_compute"
                )
            if other and here == "wait":
                self._others[name] = other
            else:
                self._keys[name] = key
        flight.take_off(frozenset(self._keys))
        self.stale = bool(self._keys) and flights.landed != self._seen
        return None

    def asked(self) -> list[K]:
        """The keys of its own that have no value yet."""
        return list(self._keys.values())

    def found(self, values: Iterable[bytes | None]) -> None:
        """The values of the keys asked for; None for one that is still missing."""
        found = {name: value for name, value in zip(self._keys, values, strict=True) if value is not None}
        self._flight.values |= found
        self._keys = {name: key for name, key in self._keys.items() if name not in found}

    def wait(self) -> None:
        """Until the others are over."""
        for other in self._ahead():
            with _Waiting(other):
                other.over.result()

    async def await_others(self) -> None:
        """As `wait`, and an event loop goes on."""
        for other in self._ahead():
            with _Waiting(other):
                await until_done(other.over)

    def _ahead(self) -> Iterable[Flight]:
        return dict.fromkeys(self._others.values())

    def answers(self) -> dict[bytes, bytes]:
        """The values that it and the others have come to."""
        others = {name: other.values[name] for name, other in self._others.items() if name in other.values}
        return self._flight.values | others

    def failure(self) -> Exception | None:
        """The first error that an other has for a key, if any."""
        failed = (other.error for name, other in self._others.items() if name not in other.values)
        return next(filter(None, failed), None)


class _Waiting:
    """While a call waits, the computations that it is part of wait too; `InvalidArgumentError` where none would end."""

    def __init__(self, other: Flight) -> None:
        self._around, self._other = _within.get(), other

    def __enter__(self) -> None:
        with _lock:
            if _leads_to(self._other, self._around):
                raise InvalidArgumentError("computations ask for each other's keys in a circle: none would ever end")
            for flight in self._around:
                flight.waits_for.append(self._other)

    def __exit__(self, *_: object) -> None:
        with _lock:
            for flight in self._around:
                flight.waits_for.remove(self._other)


def _leads_to(start: Flight, goals: tuple[Flight, ...]) -> bool:
    seen, ahead = set(), [start]
    while ahead:
        flight = ahead.pop()
        if flight in goals:
            return True
        if flight not in seen:
            seen.add(flight)
            ahead += flight.waits_for
    return False


def compute_once(
    flights: Flights,
    missing: Mapping[bytes, K],
    seen: int,
    look: Callable[[list[K]], list[bytes | None]],
    compute: Callable[[list[K]], list[bytes]],
) -> dict[bytes, bytes]:
    """The values of all missing keys, by their names.

    `seen` is what `flights.landed` was before the store was asked for them, `look` asks it again, and `compute` gives
    their values and sets them.
    """
    values: dict[bytes, bytes] = {}
    turn = failure = None
    try:
        while missing:
            with Turn(flights, missing, seen, "refuse") as turn:
                if turn.stale:
                    turn.found(look(turn.asked()))
                if asked := turn.asked():
                    turn.found(compute(asked))
            turn.wait()
            values |= turn.answers()
            if failure := turn.failure():
                raise failure
            missing = {name: key for name, key in missing.items() if name not in values}
    finally:
        turn = failure = None  # the traceback of an error keeps this frame, which must not keep the error
    return values


async def acompute_once(
    flights: Flights,
    missing: Mapping[bytes, K],
    seen: int,
    look: Callable[[list[K]], Awaitable[list[bytes | None]]],
    compute: Callable[[list[K]], Awaitable[list[bytes]]],
) -> dict[bytes, bytes]:
    """As `compute_once`, with functions that are awaited."""
    values: dict[bytes, bytes] = {}
    turn = failure = None
    try:
        while missing:
            with Turn(flights, missing, seen, "wait" if has_loop() else "repeat") as turn:
                if turn.stale:
                    turn.found(await look(turn.asked()))
                if asked := turn.asked():
                    turn.found(await compute(asked))
            await turn.await_others()
            values |= turn.answers()
            if failure := turn.failure():
                raise failure
            missing = {name: key for name, key in missing.items() if name not in values}
    finally:
        turn = failure = None
    return values
