"""The archives that wheel_backend writes: complete, the same every time, and described as the standards ask."""

import base64
import csv
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import tomllib
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import parse_sdist_filename, parse_wheel_filename

import wheel_backend
import wheel_native
from bytestore import _abi

LIBRARY = _abi.PATH.read_bytes()
ACCELERATOR = b"whatever cargo made"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel_native, "library", lambda: LIBRARY)
    monkeypatch.setattr(wheel_native, "accelerator", lambda: ACCELERATOR)


@pytest.fixture
def wheel(tmp_path: Path, compiled: None) -> Path:
    return tmp_path / wheel_backend.build_wheel(str(tmp_path))


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    return tmp_path / wheel_backend.build_sdist(str(tmp_path))


def test_names_are_what_pip_understands(wheel: Path, sdist: Path) -> None:
    name, version, _, tags = parse_wheel_filename(wheel.name)
    assert parse_sdist_filename(sdist.name) == (name, version)
    assert name == "bytestore"
    assert [(tag.interpreter, tag.abi) for tag in tags] == [("py3", "none")]


def test_the_tag_names_the_oldest_glibc_that_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_platform", lambda: "linux-x86_64")
    one, other = b"\0GLIBC_2.2.5\0GLIBC_2.30\0GLIBC_2.9\0", b"\0GLIBC_2.28\0"
    assert wheel_backend._platform([one, other]) == "manylinux_2_30_x86_64"
    assert wheel_backend._platform([b"\0GLIBC_2.2.5\0"]) == "manylinux_2_17_x86_64"  # pip knows none older by this form
    assert wheel_backend._platform([b"of another C library"]) == "linux_x86_64"


def test_the_record_is_of_every_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert contents["bytestore/_lib/libbytestore.so.1"] == LIBRARY
    assert contents["bytestore/_accelerator.abi3.so"] == ACCELERATOR
    (record,) = (name for name in contents if name.endswith("/RECORD"))
    rows = {path: (digest, size) for path, digest, size in csv.reader(io.StringIO(contents[record].decode()))}
    assert rows.pop(record) == ("", "")
    assert rows == {
        path: ("sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("="), f"{size}")
        for path, content in contents.items()
        if path != record and (size := len(content)) >= 0
    }


def test_an_unpacked_source_distribution_builds_the_same_again(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """On another day, in another folder, by another user: the same bytes, of itself too."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    copy = tmp_path / sdist.name.removesuffix(".tar.gz")
    for file in copy.rglob("*.*"):
        os.utime(file, (1e9, 1e9))
        file.chmod(0o700)
    for name, content in [("lib/libbytestore.so.1", LIBRARY), ("python/accelerator/_accelerator.abi3.so", ACCELERATOR)]:
        made = copy / "target" / name
        made.parent.mkdir(parents=True)
        made.write_bytes(content)
    again = tmp_path / "again"
    again.mkdir()
    # As PEP 517 has it: in the folder of pyproject.toml, with the module where that says.
    build_system = tomllib.loads((copy / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    program = copy / build_system["backend-path"][0] / f"{build_system['build-backend']}.py"
    subprocess.run([sys.executable, program, again], cwd=copy, check=True, capture_output=True)
    for archive_ in (wheel, sdist):
        assert (again / archive_.name).read_bytes() == archive_.read_bytes(), archive_.name


def test_the_metadata_is_valid_and_says_what_pyproject_says(wheel: Path, sdist: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        content = archive.read(path)
        names = set(archive.namelist())
    with tarfile.open(sdist) as source:
        file = source.extractfile(f"{sdist.name.removesuffix('.tar.gz')}/PKG-INFO")
        assert file
        assert file.read() == content
    metadata = Metadata.from_email(content, validate=True)
    project = tomllib.loads((wheel_backend.HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert wheel_backend._project() == project
    assert metadata.license_expression == project["license"]
    assert metadata.license_files
    assert "LICENSE" in metadata.license_files
    assert "THIRD-PARTY-LICENSES" in metadata.license_files
    assert names >= {f"{path.removesuffix('METADATA')}licenses/{file}" for file in metadata.license_files}
    assert metadata.classifiers == project["classifiers"]
    assert metadata.keywords == project["keywords"]
    assert metadata.description == (wheel_backend.ROOT / "README.md").read_text(encoding="utf-8")
    extras = project["optional-dependencies"]
    assert metadata.provides_extra == list(extras)
    assert metadata.requires_dist == [
        Requirement(f'{need}; extra == "{extra}"') for extra, needs in extras.items() for need in needs
    ]


def test_without_cargo_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"cargo, which is not on PATH.* Rust 1\.\d+ or newer .*rustup.* a wheel: pip"):
        wheel_native._compile(tmp_path)


def fake_cargo(directory: Path, script: str) -> str:
    """PATH, with a cargo that does this."""
    cargo = directory / "cargo"
    cargo.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    cargo.chmod(0o700)
    return f"{directory}:{os.environ['PATH']}"


def test_where_cargo_fails_it_says_what_cargo_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", fake_cargo(tmp_path, "exit 101"))
    with pytest.raises(SystemExit, match=r"cargo failed, .*Rust 1\.\d+ or newer .*rustup update.* a wheel: pip"):
        wheel_native._compile(tmp_path)


def test_cargo_says_where_the_library_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    messages = [
        '{"reason": "compiler-artifact", "filenames": ["/t/libproc_macro.so"]}',
        '{"reason": "compiler-artifact", "filenames": ["/t/libmine.so", "/t/libmine.rlib"]}',
        '{"reason": "build-finished", "success": true}',
    ]
    lines = "\n".join(messages)
    monkeypatch.setenv("PATH", fake_cargo(tmp_path, f"cat <<'END'\n{lines}\nEND"))
    assert wheel_native._compile(tmp_path) == Path("/t/libmine.so")
