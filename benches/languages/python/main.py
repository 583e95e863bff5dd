"""Measures the Python binding beside its peers and prints a JSON line for each result: main.py [--quick].

bytestore is measured in three forms: `bytes` and `views` are mget and mget_views as the package is installed, with its
accelerator; `ctypes` is mget as it is without it. See turns.py for how time is taken, and stores.py for the peers.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bytestore import ByteStore, _batches, _plain

import workload
from plan import MILLION, Case, Shape, shapes
from stores import DICT, PEERS, Store
from turns import SLICE, SLICE_OF_TWO, turns

ROUNDS = 3
FILL = 10_000
LONGEST_SLICE = 64 << 20  # bytes of values


@contextmanager
def without_accelerator() -> Iterator[None]:
    """What the package does where there is none."""
    names = _batches.__all__
    installed = {name: getattr(_batches, name) for name in names}
    for name in names:
        setattr(_batches, name, getattr(_plain, name))
    try:
        yield
    finally:
        for name, function in installed.items():
            setattr(_batches, name, function)


def fill(store: Store | ByteStore, shape: Shape) -> None:
    for start in range(0, shape.entries, FILL):
        numbers = range(start, min(start + FILL, shape.entries))
        store.mset([(workload.key(number), workload.value(number, shape.value)) for number in numbers])


def check(store: Any, shape: Shape) -> None:
    """Ends the run when answers are wrong."""
    step = max(1, shape.entries // 1000)
    numbers = range(0, shape.entries, step)
    expected = [workload.value(number, shape.value) for number in numbers]
    answers = list(store.mget([workload.key(number) for number in numbers]))
    if answers != expected or list(store.mget(["missing"])) != [None]:
        raise SystemExit(f"{store}: wrong answers")


def forms(store: ByteStore, op: str) -> dict[str, Callable[[Any], Any]]:
    if op == "mset":
        return {"bytes": store.mset}
    return {"bytes": store.mget, "views": store.mget_views}


def measure(ours: ByteStore, theirs: Store, peer: str, shape: Shape, case: Case) -> None:
    draws = workload.Draws(shape.entries, seed=case.batch)
    keys = SLICE if case.threads == 1 else SLICE_OF_TWO
    limit = LONGEST_SLICE // shape.value if case.op == "mset" else keys
    count = max(1, min(keys, limit) // case.batch)

    def make() -> list[Any]:
        if case.op == "mset":
            return [draws.pairs(case.batch, shape.value) for _ in range(count)]
        return [draws.keys(case.batch) for _ in range(count)]

    def on_ctypes(batch: Any) -> Any:
        return plain(batch)

    calls = forms(ours, case.op)
    plain = calls["bytes"]
    calls[peer] = theirs.mset if case.op == "mset" else theirs.mget
    rates = turns(calls, make, case.threads, ROUNDS)
    with without_accelerator():
        beside = turns({"ctypes": plain, peer: calls[peer]}, make, case.threads, ROUNDS)
    for form in [*forms(ours, case.op), "ctypes"]:
        found = beside if form == "ctypes" else rates
        emit(
            kind="language",
            language="python",
            op=case.op,
            form=form,
            entries=shape.entries,
            key=workload.KEY,
            value=shape.value,
            batch=case.batch,
            threads=case.threads,
            peer=peer,
            version=theirs.version,
            ours=[round(rate, 4) for rate in found[form]],
            theirs=[round(rate, 4) for rate in found[peer]],
        )


def emit(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


def resident(store: str, entries: int) -> float:
    """Bytes an entry, in a process of its own."""
    program = Path(__file__).with_name("resident.py")
    command = [sys.executable, str(program), store, str(entries)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    if _batches.mget is _plain.mget:
        raise SystemExit("the accelerator is not there: bindings/python/accelerator/build.sh")
    for store in ("bytestore", DICT):
        value = round(resident(store, MILLION), 1)
        emit(
            kind="language_figure",
            language="python",
            what="resident_per_entry",
            store=store,
            entries=MILLION,
            value=value,
        )
    for shape in shapes(quick):
        ours = ByteStore()
        fill(ours, shape)
        check(ours, shape)
        for peer in shape.peers:
            theirs = PEERS[peer](shape.entries)
            try:
                fill(theirs, shape)
                check(theirs, shape)
                for case in shape.cases:
                    measure(ours, theirs, peer, shape, case)
            finally:
                theirs.close()
        ours.close()


if __name__ == "__main__":
    main()
