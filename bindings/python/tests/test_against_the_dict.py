"""The program that shows what the dict cannot do sees no failure here, and sees the dict's: it is not blind."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.stores import InMemoryByteStore

from bytestore import ByteStore

PROGRAM = Path(__file__).resolve().parents[3] / "examples" / "python" / "against_the_dict.py"


@pytest.fixture(scope="module")
def program() -> Any:
    spec = importlib.util.spec_from_file_location(PROGRAM.stem, PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("figure", ["scans", "reads"])
@pytest.mark.parametrize(("make", "may_fail"), [(ByteStore, False), (InMemoryByteStore, True)], ids=["ours", "dict"])
def test_ours_never_fails_and_the_dict_does(program: Any, figure: str, make: Callable[[], Any], may_fail: bool) -> None:
    failures, done = getattr(program, figure)(make(), times=400)
    assert done > 0
    assert (failures > 0) == may_fail


def test_what_it_prints(program: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "SECONDS", 0.1)
    program.main()
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["InMemoryByteStore", "bytestore"]
    assert len(lines) == len(program.FIGURES)
    assert all(line.split()[-3:-1] == ["0", "of"] for line in lines)
