"""A pytest plugin: puts a store in the place of the one that a test constructs, and sees that it is constructed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bytestore import ByteStore

from .selection import FILES, File, Stores


class Forgetful(ByteStore):
    """Broken on purpose: keeps nothing. Tests that do not notice it prove nothing."""

    def mset(self, key_value_pairs: object) -> None: ...  # type: ignore[override]

    async def amset(self, key_value_pairs: object) -> None: ...  # type: ignore[override]


STORES: dict[str, Stores | None] = {"original": None, "ours": ByteStore, "forgetful": Forgetful}

outcomes: dict[str, bool] = {}


class Counted:
    """Stands for a store's class in a test file, and counts its uses."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self.make = make
        self.built = 0

    def __call__(self, *arguments: Any) -> Any:
        self.built += 1
        return self.make(*arguments)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=list(STORES), required=True)
    parser.addoption("--outcomes", type=Path, required=True, help="where to write which test passed")


def file_of(item: pytest.Item) -> File:
    return FILES[item.path.relative_to(item.config.rootpath).as_posix()]


def name_of(item: pytest.Item) -> str:
    return getattr(item, "originalname", item.name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    store = STORES[config.getoption("--store")]
    names = {name_of(item) for item in items}
    for module, file in {item.module: file_of(item) for item in items}.items():
        if unknown := (file.without_store | file.left_out.keys()) - names:
            raise pytest.UsageError(f"{module.__file__} has no {', '.join(sorted(unknown))}")
        original = getattr(module, file.name)
        setattr(module, file.name, Counted(file.stand_in(store) if store else original))
    items[:] = [item for item in items if name_of(item) not in file_of(item).left_out]


@pytest.fixture(autouse=True)
def _store_in_use(request: pytest.FixtureRequest) -> Iterator[None]:
    file = file_of(request.node)
    counted = getattr(request.module, file.name)
    before = counted.built
    yield
    if (counted.built == before) != (name_of(request.node) in file.without_store):
        pytest.fail(f"constructed {counted.built - before} stores: should it be in `without_store`?")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # A test has failed when any part of it has, its fixtures too.
    outcomes[report.nodeid] = outcomes.get(report.nodeid, True) and report.passed


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.getoption("--outcomes").write_text(json.dumps(outcomes), encoding="utf-8")
