"""Fixtures of every test, and the figures that the suite reports. Knows no test in particular."""

from collections.abc import Callable, Iterator

import pytest
from langchain_core.stores import InMemoryByteStore

from bytestore import ByteStore
from samples import ENTRIES

# Label in the report: which tests it counts.
REPORTED = {
    "langchain standard suite (sync)": "test_langchain_suites.py::TestSync",
    "langchain standard suite (async)": "test_langchain_suites.py::TestAsync",
    "conformance": "test_conformance.py::test_case[",
}


@pytest.fixture
def store() -> Iterator[ByteStore]:
    with ByteStore() as store:
        yield store


@pytest.fixture
def filled(store: ByteStore) -> ByteStore:
    store.mset(ENTRIES.items())
    return store


@pytest.fixture(params=[ByteStore, InMemoryByteStore])
def either(request: pytest.FixtureRequest) -> ByteStore | InMemoryByteStore:
    """The store, and the dict version that it must be told apart from by nothing."""
    make: Callable[[], ByteStore | InMemoryByteStore] = request.param
    return make()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    kinds = (pytest.TestReport, pytest.CollectReport)
    reports = [report for stats in terminalreporter.stats.values() for report in stats if isinstance(report, kinds)]
    # A test has failed when any part of it has, its fixtures too; not passing in any other way is a failure as well.
    outcomes: dict[str, bool] = {}
    for report in reports:
        outcomes[report.nodeid] = outcomes.get(report.nodeid, True) and report.outcome == "passed"
    for label, part in REPORTED.items():
        results = [passed for test, passed in outcomes.items() if part in test]
        terminalreporter.write_line(f"{label}: {sum(results)} passed, {len(results) - sum(results)} failed")
    passed = sum(outcomes.values())
    terminalreporter.write_line(f"pytest: {passed} passed, {len(outcomes) - passed} failed")
