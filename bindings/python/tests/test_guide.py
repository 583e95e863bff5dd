"""Every program of README.md and docs/python.md runs, prints something, and satisfies a strict type checker."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bytestore

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("README.md", "docs/python.md")


def programs(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


PROGRAMS = [pytest.param(text, id=f"{page}-{n}") for page in PAGES for n, text in enumerate(programs(page), 1)]


def test_there_are_programs() -> None:
    assert [len(programs(page)) for page in PAGES] == [3, 9]


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_runs(program: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_they_are_typed(tmp_path: Path) -> None:
    for number, program in enumerate(PROGRAMS):
        (tmp_path / f"program{number}.py").write_text(str(program.values[0]), encoding="utf-8")
    files = [str(path) for path in tmp_path.glob("*.py")]
    site = Path(bytestore.__file__).parents[1]
    env = os.environ if site.name == "site-packages" else {**os.environ, "MYPYPATH": str(site)}
    mypy = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path / 'cache'}", *files]
    done = subprocess.run(mypy, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)
    assert done.stdout == f"Success: no issues found in {len(files)} source files\n", done.stdout + done.stderr
