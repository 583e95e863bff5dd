"""What a call may take, none of it a time: crossings into the library, Python's memory, the library's allocations."""

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bytestore
from bytestore import ByteStore

ACCELERATOR = Path(bytestore.__file__).parent / "_accelerator.abi3.so"
IS_PLAIN = not ACCELERATOR.exists()

# Counts the calls of every function of the library, whoever makes them: ctypes, whose functions are replaced before
# anything has looked them up, or the accelerator, which is connected to functions that count.
COUNTING = """
import ctypes, importlib.machinery, importlib.util, json, sys
from collections import Counter
from pathlib import Path
crossings = Counter()

def count_ctypes(library):
    for name in _abi.FUNCTIONS:
        def call(*arguments, name=name, function=getattr(library, name)):
            crossings[name[10:]] += 1
            return function(*arguments)
        setattr(library, name, call)

if sys.argv[1] != "-":  # before the package connects it
    real = ctypes.PyDLL(str(Path(sys.argv[1]).parent / "_lib" / "libbytestore.so.1"))
    loader = importlib.machinery.ExtensionFileLoader("_accelerator", sys.argv[1])
    spec = importlib.util.spec_from_loader("_accelerator", loader)
    module = importlib.util.module_from_spec(spec)
    kept = []
    for name, arguments in dict(mset=6, mget=5, mget_into=5, mdelete=5, free_buffer=1).items():
        kind = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * arguments)
        def call(*values, name=name, function=kind(("bytestore_" + name, real))):
            crossings[name] += 1
            return function(*values)
        kept.append(kind(call))
    assert module.connect(*(ctypes.cast(function, ctypes.c_void_p).value for function in kept))

from bytestore import ByteStore, _abi
count_ctypes(_abi.library)
count_ctypes(_abi.brief)
# It keeps the function that it ends with.
from bytestore._pinned import Pinned
Pinned.__del__.__defaults__ = (_abi.brief.bytestore_free_buffer, ctypes.byref)

store = ByteStore()
sizes = {"small": 100, "large": 5000}
answers = {}
for size in sizes:
    for count in (1, 64, 1000):
        keys = [f"{size}/{i}" for i in range(count)]
        pairs = [(key, bytes(sizes[size])) for key in keys]
        for name, call in {
            "mset": lambda: store.mset(pairs),
            "mset_ttl": lambda: store.mset(pairs, ttl=60),
            "read_counters": lambda: store.stats(),
            "mget": lambda: store.mget(keys),
            "mget_views": lambda: store.mget_views(keys),
            "mdelete": lambda: store.mdelete(keys),
        }.items():
            if name == "mget":
                call()  # the first answer teaches how large they are
            crossings.clear()
            call()
            answers[f"{name} {size} {count}"] = dict(crossings)
print(json.dumps(answers))
"""


def test_one_crossing_a_call() -> None:
    argument = "-" if IS_PLAIN else str(ACCELERATOR)
    done = subprocess.run([sys.executable, "-c", COUNTING, argument], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    lent = {"mget": 1, "free_buffer": 1}
    for case, crossings in json.loads(done.stdout).items():
        name, size, count = case.split()
        budget = {name: 1}
        if name == "mget":
            # What fits is copied into memory of our own; one key's always is with ctypes.
            fits = size == "small" or (IS_PLAIN and count == "1")
            budget = {"mget_into": 1} if fits else lent
        elif name == "mget_views":
            budget = lent
        assert crossings == budget, case


@pytest.fixture
def traced() -> Iterator[Callable[[Callable[[], Any]], tuple[int, int]]]:
    """Bytes of Python's that a call keeps in its answer, and that it needs beside at its height."""

    def trace(call: Callable[[], Any]) -> tuple[int, int]:
        call()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        answer = call()
        kept, peak = tracemalloc.get_traced_memory()
        del answer
        return kept - before, peak - kept

    tracemalloc.start()
    yield trace
    tracemalloc.stop()


KEY, VALUE, COUNT = 20, 100, 64
OBJECT = sys.getsizeof(b"")


@pytest.mark.parametrize("name", ["mget", "mset", "mdelete", "one key"])
def test_memory_of_a_call(store: ByteStore, traced: Callable[..., tuple[int, int]], name: str) -> None:
    keys = [f"{i:0{KEY}}" for i in range(COUNT)]
    pairs = [(key, bytes(VALUE)) for key in keys]
    store.mset(pairs)
    call: Callable[[], Any] = {
        "mget": lambda: store.mget(keys),
        "mset": lambda: store.mset(pairs),
        "mdelete": lambda: store.mdelete(["x" * KEY]),
        "one key": lambda: store.mget(keys[:1]),
    }[name]
    kept, beside = traced(call)
    answers = {"mget": COUNT, "one key": 1}.get(name, 0)
    frames = 1500  # arguments and frames of the Python functions on the way
    # An answer is its list and its values, and nothing else is kept.
    assert kept <= answers * (OBJECT + VALUE + 8) + 200
    # ctypes wants the keys and values side by side, joined twice, and their lengths.
    packed = {"mget": COUNT * (3 * KEY + 40), "mset": COUNT * (3 * KEY + VALUE + 80)}.get(name, 0)
    assert beside <= frames + (packed if IS_PLAIN else 0)


ALLOCATIONS = """
import ctypes, json
from bytestore import ByteStore
allocations = ctypes.PyDLL(None).allocations
allocations.restype = ctypes.c_long

store = ByteStore()
keys = [f"key{i}" for i in range(8)]  # so few that Python's own objects need no malloc
pairs = [(key, b"v" * 40) for key in keys]
large = [(key + "/large", b"v" * 9000) for key in keys]
store.mset(pairs + large)
missing = ["x", "y"]
one, large_keys = keys[:1], [key for key, _ in large]
calls = {
    "mget": lambda: store.mget(keys),
    "one key": lambda: store.mget(one),
    "mset": lambda: store.mset(pairs),
    "mdelete": lambda: store.mdelete(missing),
    "mget_views": lambda: store.mget_views(keys),
    "mget_views of large values": lambda: store.mget_views(large_keys),
}
counts = {}
for name, call in calls.items():
    for _ in range(50):
        call()
    rounds = []
    for _ in range(5):
        before = allocations()
        for _ in range(10):
            call()
        rounds.append(allocations() - before)
    counts[name] = min(rounds) / 10
print(json.dumps(counts))
"""

# Writes prepare their changes in one block, and a result is one, with a list beside of the values that it lends.
BUDGET = {"mget": 0, "one key": 0, "mset": 1, "mdelete": 1, "mget_views": 2, "mget_views of large values": 4}


def test_allocations_of_the_library(tmp_path: Path) -> None:
    counter = tmp_path / "count_malloc.so"
    source = Path(__file__).with_name("count_malloc.c")
    subprocess.run(["cc", "-O1", "-fno-builtin", "-shared", "-fPIC", "-o", counter, source], check=True)  # noqa: S607
    environment = {"LD_PRELOAD": str(counter), "PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", ALLOCATIONS], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    counts = json.loads(done.stdout)
    assert counts.keys() == BUDGET.keys()
    assert {name: count for name, count in counts.items() if count > BUDGET[name]} == {}
    assert counts["mget_views"] >= 1, "the counter counts"
