"""Where LangChain is not installed the store works all the same; where it is broken that is heard."""

import subprocess
import sys
from pathlib import Path

import pytest

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r} or name.startswith({name!r} + "."):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name={name!r})

sys.meta_path.insert(0, Blocker())
"""

WORK = """
import asyncio, copy, pickle
from bytestore import ByteStore

store = ByteStore()
store.mset([("key1", b"value1"), ("key2", b"")])
assert store.mget(["key1", "key2", "x"]) == [b"value1", b"", None]
assert list(store.yield_keys(prefix="key")) == ["key1", "key2"]
assert asyncio.run(store.amget(["key1"])) == [b"value1"]
assert pickle.loads(pickle.dumps(copy.deepcopy(store))).store == {"key1": b"value1", "key2": b""}
assert store.mdelete(["key1"]) == 1
with store:
    assert len(store) == 1
outsiders = {name.partition(".")[0] for name in sys.modules} & {"langchain_core", "pydantic", "typing_extensions"}
print(ByteStore.__mro__[2].__name__, sorted(outsiders))
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_it_works_and_imports_nothing_else() -> None:
    done = run(BLOCKER.format(name="langchain_core") + WORK)
    assert (done.stdout, done.stderr) == ("Base []\n", "")


def test_the_blocker_blocks() -> None:
    done = run(BLOCKER.format(name="langchain_core") + "import langchain_core.stores")
    assert "No module named 'langchain_core" in done.stderr
    done = run("import sys\n" + WORK)
    assert done.stdout == "BaseStore ['langchain_core', 'pydantic', 'typing_extensions']\n"


@pytest.mark.parametrize("part", ["langchain_core.stores", "pydantic"])
def test_a_broken_langchain_is_heard(part: str) -> None:
    done = run(BLOCKER.format(name=part) + "import bytestore")
    assert done.returncode != 0
    assert f"No module named '{part}" in done.stderr


def test_a_langchain_that_refuses_is_named(tmp_path: Path) -> None:
    package = tmp_path / "langchain_core"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('not in this interpreter')\n", encoding="utf-8")
    done = run(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import bytestore")
    message = "LangChain is installed, but cannot be imported here: not in this interpreter"
    assert done.stderr.endswith(f"ImportError: bytestore: {message}\n")


@pytest.mark.parametrize("module", ["asyncio", "ctypes"])
def test_python_itself_is_needed(module: str) -> None:
    done = run(BLOCKER.format(name=module) + "import bytestore")
    assert f"No module named '{module}" in done.stderr
