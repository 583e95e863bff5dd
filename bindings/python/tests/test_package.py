"""What is installed: the wheel with everything in it, typed, one version everywhere, and the README's program."""

import re
import subprocess
import sys
import typing
from importlib import metadata
from pathlib import Path

import pytest

import bytestore
from bytestore import ByteStore, _abi

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(bytestore.__file__).parent


def test_the_tests_run_what_a_user_installs() -> None:
    assert ROOT / "bindings" not in PACKAGE.parents
    files = {str(path) for path in metadata.files("bytestore") or ()}
    license_file = f"bytestore-{bytestore.__version__}.dist-info/LICENSE"
    native = {"bytestore/_lib/libbytestore.so.1", "bytestore/_accelerator.abi3.so"}
    assert {"bytestore/py.typed", "bytestore/_accelerator.pyi", license_file, *native} <= files
    sources = ROOT / "bindings" / "python" / "src"
    assert {str(path.relative_to(sources)) for path in sources.rglob("*.py")} <= files
    assert Path(_abi.library._name) == PACKAGE / "_lib" / "libbytestore.so.1"


def test_it_is_the_library_of_this_checkout() -> None:
    built = ROOT / "target" / "lib" / "libbytestore.so.1"
    assert Path(_abi.library._name).read_bytes() == built.read_bytes()


def test_one_version() -> None:
    version = bytestore.__version__
    assert metadata.version("bytestore") == version
    assert _abi.library.bytestore_version().decode() == version
    assert f'version = "{version}"' in (ROOT / "bindings" / "python" / "pyproject.toml").read_text(encoding="utf-8")


def test_what_it_needs() -> None:
    project = metadata.metadata("bytestore")
    assert project["Requires-Python"] == ">=3.10"
    assert project["License"] == "Apache-2.0"
    assert metadata.requires("bytestore") == ['langchain-core>=1.0,<2; extra == "langchain"']


def test_no_more_names_than_meant() -> None:
    assert sorted(bytestore.__all__) == bytestore.__all__
    public = {name for name, value in vars(bytestore).items() if not name.startswith("_") and isinstance(value, type)}
    assert public == set(bytestore.__all__)


@pytest.mark.parametrize("name", bytestore.__all__)
def test_everything_public_is_documented(name: str) -> None:
    thing = getattr(bytestore, name)
    assert thing.__doc__
    for member, value in vars(thing).items():
        if not member.startswith("_") and (callable(value) or isinstance(value, property)):
            assert value.__doc__, member


def test_type_hints_can_be_read_at_run_time() -> None:
    for method in (ByteStore.mget, ByteStore.mset, ByteStore.mdelete, ByteStore.yield_keys, ByteStore.amget):
        assert "return" in typing.get_type_hints(method)


def test_the_readmes_program() -> None:
    readme = [sys.executable, str(ROOT / "tests" / "readme.py"), "python"]
    program = subprocess.run(readme, capture_output=True, text=True, check=True).stdout
    assert program.count("\n") <= 25
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    *lines, error = done.stdout.splitlines()
    assert lines == ["user/1: 3 bytes", "draft: 0 bytes", "user/9: missing", "user/1", "user/2", "deleted 1"]
    assert re.fullmatch(r"invalid_argument: .+", error)
