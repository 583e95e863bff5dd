"""What is installed: the wheel with everything in it, typed, one version everywhere, and the README's program."""

import typing
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import bytestore
import standalone
from bytestore import ByteStore, _abi

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = Path(bytestore.__file__).parent


def test_the_tests_run_what_a_user_installs() -> None:
    assert ROOT / "bindings" not in PACKAGE.parents
    assert standalone.strangers() == []
    files = {str(path) for path in metadata.files("bytestore") or ()}
    folder = f"bytestore-{bytestore.__version__}.dist-info/licenses"
    licenses = {f"{folder}/{path}" for path in metadata.metadata("bytestore").get_all("License-File") or ()}
    assert len(licenses) == 3, "the package's, and what is compiled into the library and into the accelerator"
    native = {"bytestore/_lib/libbytestore.so.1", "bytestore/_accelerator.abi3.so"}
    assert {"bytestore/py.typed", "bytestore/_accelerator.pyi", *licenses, *native} <= files
    assert _abi.PATH == Path(_abi.library._name) == PACKAGE / "_lib" / "libbytestore.so.1"


def test_what_is_installed_is_current() -> None:
    source = ROOT / "bindings" / "python" / "src" / "bytestore"
    for path in source.rglob("*.py*"):
        assert (PACKAGE / path.relative_to(source)).read_bytes() == path.read_bytes(), path


def test_one_version() -> None:
    version = bytestore.__version__
    assert metadata.version("bytestore") == version
    assert _abi.library.bytestore_version().decode() == version
    assert f'version = "{version}"' in (ROOT / "bindings" / "python" / "pyproject.toml").read_text(encoding="utf-8")


def test_what_it_needs() -> None:
    project = metadata.metadata("bytestore")
    assert project["Requires-Python"] == ">=3.10"
    assert project["License-Expression"] == "Apache-2.0"
    assert project.get_all("Provides-Extra") == ["langchain", "langgraph", "llama-index", "numpy", "tqdm", "all"]
    needs = [Requirement(need) for need in metadata.requires("bytestore") or ()]
    assert all(need.marker and not need.marker.evaluate({"extra": ""}) for need in needs), "nothing but Python itself"
    # The tests have what the extras ask for.
    for need in needs:
        assert metadata.version(need.name) in need.specifier, need


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
    standalone.readme()
