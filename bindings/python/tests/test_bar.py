"""`progress=True`: a bar of tqdm's while another thread does the work, and what is said where there is none."""

import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bytestore import ByteStore, ClosedError
from bytestore._bar import with_bar

GIVE_UP = 60  # seconds: whoever waits so long would do so for ever


def test_a_bar_of_a_save_and_of_a_load(store: ByteStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.update({f"k{number}": bytes(100) for number in range(2000)})
    path = tmp_path / "file"
    store.save(path, progress=True)
    shown = capsys.readouterr().err
    assert shown.startswith(f"\rSaving {path}: ")
    assert "100%" in shown
    assert "2000/2000 [" in shown
    assert " entries/s]" in shown
    copy = ByteStore()
    copy.load(path, progress=True)
    shown = capsys.readouterr().err
    assert shown.startswith(f"\rLoading {path}: ")
    assert "100%" in shown
    assert "B/s]" in shown
    assert list(copy.items()) == list(store.items())


async def test_async_forms_have_one_too(store: ByteStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store["a"] = b"1"
    await store.asave(tmp_path / "file", level=1, progress=True)
    assert "Saving" in capsys.readouterr().err
    await store.aload(tmp_path / "file", progress=True)
    assert "Loading" in capsys.readouterr().err


def test_no_bar_unless_it_is_asked_for(store: ByteStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.save(tmp_path / "file")
    store.load(tmp_path / "file")
    assert capsys.readouterr().err == ""


def test_failures_come_out(store: ByteStore, tmp_path: Path) -> None:
    for call in (store.save, store.load):
        with pytest.raises(FileNotFoundError):
            call(tmp_path / "missing" / "file", progress=True)
    store.close()
    with pytest.raises(ClosedError):
        store.load(tmp_path, progress=True)


class Watched:
    """A call that goes on until its progress was asked for as often as there are answers."""

    def __init__(self, answers: list[Any]) -> None:
        self.answers = iter(answers)
        self.enough, self.over = threading.Event(), False

    def call(self) -> str:
        assert self.enough.wait(GIVE_UP)
        self.over = True
        return "result"

    def progress(self) -> tuple[int, int]:
        answer = next(self.answers, None)
        if answer is None:
            self.enough.set()
            return 0, 0
        if isinstance(answer, BaseException):
            raise answer
        done, total = answer
        return done, total


def test_it_follows_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[float, float | None]] = []

    auto: Any = import_module("tqdm.auto")

    class Bar(auto.tqdm):  # type: ignore[misc]  # it has no types
        def update(self, n: float = 1) -> bool | None:
            super().update(n)
            shown.append((self.n, self.total))
            return None

    monkeypatch.setattr(auto, "tqdm", Bar)
    watched = Watched([(0, 0), (3, 9), ClosedError(), (7, 9)])
    assert with_bar(watched.call, watched.progress, total=8) == "result"
    assert shown == [(3, 9), (7, 9), (9, 9)]
    shown.clear()
    assert with_bar(lambda: 5, watched.progress, total=8) == 5
    assert shown == [(8, 8)], "a call that is over at once was all that there was to do"


def test_an_interrupt_waits_for_the_end() -> None:
    watched = Watched([(1, 9)])

    def interrupted() -> tuple[int, int]:
        if watched.progress() == (0, 0):
            raise KeyboardInterrupt
        return 1, 9

    with pytest.raises(KeyboardInterrupt):
        with_bar(watched.call, interrupted, total=9)
    assert watched.over


WITHOUT = """
import sys

class Finder:
    def find_spec(name, *_):
        if name == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Finder)
from bytestore import ByteStore
ByteStore().save("file", progress=True)
"""


def without(module: str) -> str:
    """How a save ends where a module is not there."""
    done = subprocess.run([sys.executable, "-c", WITHOUT, module], capture_output=True, text=True, check=False)
    return done.stderr.splitlines()[-1]


def test_without_tqdm_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hint = "ImportError: progress=True needs tqdm: pip install 'bytestore[tqdm]'"
    assert without("tqdm") == hint
    assert [*tmp_path.iterdir()] == []


def test_a_broken_tqdm_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert without("tqdm.std") == "ModuleNotFoundError: No module named 'tqdm.std'"


def test_who_wants_no_bar_imports_no_tqdm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = "import bytestore, sys; bytestore.ByteStore().save('file'); print('tqdm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False\n", "")
