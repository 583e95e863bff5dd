"""All languages' conformance cases: every one below str keys, and through `ByteStore` those whose keys are str."""

import copy
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bytestore import BadSnapshotError, ByteStoreError
from cases import UnknownForm, all_cases
from harness import Case
from subjects import DEFAULT, Async, Bytes, Public

CASES = {case["name"]: case for case in all_cases()}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    steps = CASES[name]["steps"]
    with closing(Case(Bytes)) as case:
        case.run(steps)
    for subject in (Public, Async):
        try:
            with closing(Case(subject)) as case:
                case.run(steps)
        except UnicodeDecodeError:
            assert "%" in str(steps), "only keys that are written byte by byte can be no str"


def test_most_cases_run_with_str_keys() -> None:
    def runs(case: Any) -> bool:
        try:
            with closing(Case(Public)) as run:
                run.run(case["steps"])
        except UnicodeDecodeError:
            return False
        return True

    public = sum(runs(case) for case in CASES.values() if "race" not in str(case))
    assert public > len(CASES) * 0.8


MGET = {"do": "mget", "keys": ["a"], "expect": ["1"]}
# A store beside, whose only entry has ended.
MANUAL = [
    {"do": "open", "url": "memory:?clock=manual&max_entries=1", "store": "manual"},
    {"do": "mset", "pairs": [["a", "1"]], "ttl": 5, "store": "manual"},
    {"do": "advance", "ms": 5, "store": "manual"},
]


@pytest.mark.parametrize(
    "last",
    [
        {"do": "mget", "keys": ["a"], "expect": ["2"]},
        {"do": "mget", "keys": ["a"], "expect": [None]},
        {"do": "mget", "keys": ["a"], "expect": ["1", "1"]},
        {"do": "mget", "keys": ["a"], "error": "closed_handle"},
        {"do": "mdelete", "keys": ["a"], "removed": 0},
        {"do": "keys", "expect": []},
        {"do": "keys", "expect": ["b", "a"]},
        {"do": "len", "expect": 1},
        {"do": "open", "url": "nosuch:"},
        {"do": "open", "url": "nosuch:", "error": "closed_handle"},
        {"do": "open", "url": "memory:", "store": "x", "error": "invalid_argument"},
        {"do": "mset", "pairs": [], "ttl": 0},
        {"do": "mset", "pairs": [], "ttl": 0, "error": "over_limit"},
        {"do": "mset", "pairs": [], "ttl": 1, "error": "invalid_argument"},
        {"do": "advance", "ms": 1},
        {"do": "advance", "ms": 1, "error": "closed_handle"},
        {"do": "advance", "ms": 1, "error": "invalid_argument", "store": "manual"},
        {"do": "len", "expect": 1, "store": "manual"},
        {"do": "mset", "pairs": [["a", ""], ["b", ""]], "store": "manual"},
        {"do": "mset", "pairs": [["a", ""], ["b", ""]], "store": "manual", "error": "invalid_argument"},
        {"do": "mset", "pairs": [["a", ""]], "store": "manual", "error": "over_limit"},
        {"do": "counters", "expect": {"sets": 2, "hits": 0}},
        {"do": "counters", "expect": {"max_entries": 1}},
        {"do": "counters", "error": "closed_handle"},
        {"do": "count", "prefix": "", "expect": 3},
        {"do": "count", "prefix": "a", "expect": 2},
        {"do": "count", "prefix": "a", "error": "closed_handle"},
        {"do": "delete_prefix", "prefix": "a", "removed": 2},
        {"do": "delete_prefix", "prefix": "a", "error": "over_limit"},
        {"do": "page", "page": "p", "take": 1, "expect": ["b"]},
        {"do": "page", "page": "p", "take": 1, "expect": ["a", "b"]},
        {"do": "page", "page": "p", "take": 3, "prefix": "b", "expect": ["a"]},
        {"do": "page", "page": "p", "take": 1, "error": "closed_handle"},
        {"do": "namespace", "prefix": "a", "as": "view", "error": "closed_handle"},
        {"do": "compute", "keys": ["a", "x"], "missing": ["x"], "values": ["1"], "expect": ["1", "2"]},
        {"do": "compute", "keys": ["a", "x"], "missing": ["a", "x"], "values": ["1", "1"], "expect": ["1", "1"]},
        {"do": "compute", "keys": ["x", "y"], "missing": ["y", "x"], "values": ["1", "1"], "expect": ["1", "1"]},
        {"do": "compute", "keys": ["x"], "missing": ["x"], "values": ["1", "1"], "expect": ["1"]},
        {"do": "compute", "keys": ["a"], "missing": ["a"], "expect": ["1"]},
        {"do": "compute", "keys": ["a"], "missing": ["a"], "fails": True},
        {"do": "compute", "keys": ["x"], "missing": [], "fails": True},
        {"do": "compute", "keys": ["x"], "missing": ["x"], "values": ["1"], "error": "over_limit"},
        {"do": "save", "as": "t", "error": "closed_handle"},
        {"do": "load", "from": "s", "error": "closed_handle"},
        {"do": "load", "from": "s", "cut": 1},
        {"do": "load", "from": "s", "cut": 1, "error": "over_limit"},
        {"do": "load", "from": "s", "cut": 0, "error": "bad_snapshot"},
        {"do": "load", "from": "s", "flip": 30},
        {"do": "load", "from": "s", "store": "manual", "error": "bad_snapshot"},
        {"do": "open", "snapshot": "s", "store": "u", "error": "bad_snapshot"},
    ],
)
@pytest.mark.parametrize("subject", [Bytes, Public, Async])
def test_the_harness_sees_a_wrong_answer(subject: Any, last: Any) -> None:
    case = Case(subject)
    case.run([{"do": "mset", "pairs": [["a", "1"], ["b", "2"]]}, MGET, *MANUAL, {"do": "save", "as": "s"}])
    with pytest.raises((AssertionError, ByteStoreError)):
        case.run([last])


@pytest.mark.parametrize("name", ["save", "save_bytes", "load", "load_bytes"])
@pytest.mark.parametrize("subject", [Bytes, Public, Async])
def test_the_harness_sees_that_one_of_both_ways_fails(subject: Any, name: str) -> None:
    """Memory and files must do the same, what they give and how they fail."""
    step = {"do": "save", "as": "t"} if "save" in name else {"do": "load", "from": "s"}

    def refuse(*_: Any) -> None:
        raise BadSnapshotError

    with closing(Case(type("Refusing", (subject,), {name: refuse}))) as case:
        case.snapshots["s"] = subject("memory:").save_bytes()
        with pytest.raises(AssertionError):
            case.run([{**step, "error": "bad_snapshot"}])


def test_the_harness_sees_a_file_that_is_not_what_memory_is() -> None:
    class Different(Bytes):
        def save_bytes(self, level: int = 0) -> bytes:
            return super().save_bytes(level) + b"more"

    class Untidy(Bytes):
        def save(self, path: Any, level: int = 0) -> None:
            super().save(path, level)
            Path(path + ".tmp").touch()

    for subject in (Different, Untidy):
        with closing(Case(subject)) as case, pytest.raises(AssertionError):
            case.run([{"do": "save", "as": "s"}])


@pytest.mark.parametrize(
    "step",
    [
        {"do": "counters", "expect": {"nosuch": 0}},
        {"do": "counters", "expect": []},
        {"do": "counters", "expect": {"sets": None}},
        {"do": "counters", "expect": {}, "other": 1},
        {"do": "counters"},
        {"do": "mset", "pairs": [], "ttl": "1s"},
        {"do": "mset", "pairs": [], "ttl": 1.5},
        {"do": "mset", "pairs": [], "ttl": -1},
        {"do": "advance", "ms": -1, "store": "manual"},
        {"do": "advance", "store": "manual"},
        {"do": "advance", "ms": 1, "other": 1, "store": "manual"},
        {"do": "count", "expect": 0},
        {"do": "count", "prefix": "", "expect": "2"},
        {"do": "delete_prefix", "prefix": "", "removed": 2, "other": 1},
        {"do": "page", "page": "p", "take": -1, "expect": []},
        {"do": "page", "take": 1, "expect": []},
        {"do": "namespace", "prefix": ""},
        {"do": "namespace", "prefix": "", "as": "manual"},
        {"do": "namespace", "prefix": "", "as": "view", "other": 1},
        {"do": "compute", "keys": [], "missing": []},
        {"do": "compute", "keys": ["x"], "missing": ["x"], "fails": False},
        {"do": "compute", "keys": ["x"], "missing": ["x"], "fails": True, "expect": []},
        {"do": "compute", "keys": ["x"], "missing": ["x"], "values": ["1"], "expect": ["1"], "ttl": "1s"},
        {"do": "compute", "keys": ["x"], "missing": ["x"], "values": ["1"], "expect": ["1"], "other": 1},
        {"do": "save"},
        {"do": "save", "as": "s"},
        {"do": "save", "as": "t", "level": 1},
        {"do": "load"},
        {"do": "load", "from": "s", "cut": -1},
        {"do": "load", "from": "s", "flip": "0"},
        {"do": "load", "from": "s", "other": 1},
        {"do": "open", "store": "t"},
        {"do": "open", "store": "t", "url": "memory:", "snapshot": "s"},
    ],
)
@pytest.mark.parametrize("subject", [Bytes, Public, Async])
def test_the_harness_refuses_other_forms(subject: Any, step: Any) -> None:
    case = Case(subject)
    case.run([*MANUAL, {"do": "save", "as": "s"}])
    with pytest.raises((UnknownForm, TypeError)):
        case.run([step])


@pytest.mark.parametrize(
    "change",
    [
        {"do": "nosuch"},
        {"keys": {"count": 1, "pattern": "a", "other": 1}},
        {"keys": [1]},
        {"error": "nosuch"},
        {"other": 1},
    ],
)
def test_the_harness_refuses_what_it_does_not_know(change: Any) -> None:
    case = Case(Bytes)
    case.run([{"do": "mset", "pairs": [["a", "1"]]}, MGET])
    with pytest.raises((UnknownForm, TypeError)):
        case.run([{**copy.deepcopy(MGET), **change}])


def test_the_harness_sees_a_torn_batch() -> None:
    class Torn(Bytes):
        """Sets pair by pair, as the dict does."""

        def mset(self, keys: list[bytes], values: list[Any], ttl_ms: int | None = DEFAULT) -> None:
            for key, value in zip(keys, values, strict=True):
                super().mset([key], [value], ttl_ms)
                time.sleep(0.001)

    race = {
        "do": "race",
        "keys": {"count": 50, "pattern": "k{i}"},
        "writers": 2,
        "rounds": 5,
        "with": "mset",
    }
    with pytest.raises(AssertionError, match="mixes"):
        Case(Torn).run([race])
