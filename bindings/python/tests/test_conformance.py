"""All languages' conformance cases: every one below str keys, and through `ByteStore` those whose keys are str."""

import copy
import time
from typing import Any

import pytest

from cases import UnknownForm, all_cases
from harness import Bytes, Case, Public

CASES = {case["name"]: case for case in all_cases()}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    steps = CASES[name]["steps"]
    Case(Bytes).run(steps)
    try:
        Case(Public).run(steps)
    except UnicodeDecodeError:
        assert "%" in str(steps), "only keys that are written byte by byte can be no str"


def test_most_cases_run_with_str_keys() -> None:
    def runs(case: Any) -> bool:
        try:
            Case(Public).run(case["steps"])
        except UnicodeDecodeError:
            return False
        return True

    public = sum(runs(case) for case in CASES.values() if "race" not in str(case))
    assert public > len(CASES) * 0.8


MGET = {"do": "mget", "keys": ["a"], "expect": ["1"]}


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
    ],
)
@pytest.mark.parametrize("subject", [Bytes, Public])
def test_the_harness_sees_a_wrong_answer(subject: Any, last: Any) -> None:
    case = Case(subject)
    case.run([{"do": "mset", "pairs": [["a", "1"], ["b", "2"]]}, MGET])
    with pytest.raises((AssertionError, ValueError)):
        case.run([last])


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

        def mset(self, keys: list[bytes], values: list[Any]) -> None:
            for key, value in zip(keys, values, strict=True):
                super().mset([key], [value])
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
