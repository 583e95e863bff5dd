"""Builds the packages (PEP 517): the wheel, and the source distribution that a wheel can be built from elsewhere.

Needs nothing but Python itself. The same files give the same archives: one order, one time, one mode.
"""

import ast
import base64
import gzip
import hashlib
import io
import re
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import wheel_native

# The source distribution has the repository's layout, so that this is its root there too. Only what packaging tools
# want to find at the top is added: PKG-INFO, and a pyproject.toml that says where this module is.
HERE = wheel_native.HERE
ROOT = wheel_native.ROOT
SOURCES = (
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "THIRD-PARTY-LICENSES",
    "bindings/python/accelerator/Cargo.lock",
    "bindings/python/accelerator/Cargo.toml",
    "bindings/python/accelerator/THIRD-PARTY-LICENSES",
    "bindings/python/accelerator/src",
    "bindings/python/pyproject.toml",
    "bindings/python/requirements-test.txt",
    "bindings/python/src",
    "bindings/python/tests",
    "bindings/python/wheel_backend.py",
    "bindings/python/wheel_native.py",
    "build.rs",
    "docs/embedding-format.md",
    "docs/python.md",
    "examples/python",
    "include",
    "src",
    "tests/conformance",
    "tests/conformance.rs",
    "tests/readme.py",
)
LICENSES = ("LICENSE", "THIRD-PARTY-LICENSES", "bindings/python/accelerator/THIRD-PARTY-LICENSES")
TIME = 315532800  # 1980, the first year that a zip file knows


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,  # noqa: ARG001
    metadata_directory: str | None = None,  # noqa: ARG001
) -> str:
    """Writes the wheel and returns its name."""
    project = _project()
    stem = _stem(project)
    info = f"{stem}.dist-info"
    files = dict(_files(HERE / "src", "bytestore"))
    compiled = {
        "bytestore/_lib/libbytestore.so.1": wheel_native.library(),
        "bytestore/_accelerator.abi3.so": wheel_native.accelerator(),
    }
    files |= compiled
    tag = f"py3-none-{_platform(compiled.values())}"
    files[f"{info}/METADATA"] = _metadata(project)
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: bytestore\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    files |= {f"{info}/licenses/{path}": (ROOT / path).read_bytes() for path in LICENSES}
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    name = f"{stem}-{tag}.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)  # of 1980
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return name


def _platform(compiled: Iterable[bytes]) -> str:
    """The platform tag: manylinux of the oldest glibc that has all symbols which the compiled parts take from it."""
    platform = re.sub(r"\W", "_", sysconfig.get_platform())
    wanted = {int(minor) for content in compiled for minor in re.findall(rb"\0GLIBC_2\.(\d+)", content)}
    return platform.replace("linux", f"manylinux_2_{max(17, *wanted)}", 1) if wanted else platform


def build_sdist(sdist_directory: str, config_settings: dict[str, Any] | None = None) -> str:  # noqa: ARG001
    """Writes the source distribution and returns its name."""
    project = _project()
    stem = _stem(project)
    files = {path: content for source in SOURCES for path, content in _files(ROOT, source)}
    files["PKG-INFO"] = _metadata(project)
    files["pyproject.toml"] = (
        _pyproject().replace('backend-path = ["."]', 'backend-path = ["bindings/python"]').encode()
    )
    name = f"{stem}.tar.gz"
    with (
        gzip.GzipFile(Path(sdist_directory) / name, "wb", mtime=TIME) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{stem}/{path}")
            entry.size, entry.mtime = len(content), TIME
            archive.addfile(entry, io.BytesIO(content))
    return name


def _files(directory: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """A file, or all files of a folder in order: paths below `directory`, and contents. Without what tools leave."""
    top = directory / name
    for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
        left = any(part.startswith((".", "__pycache__")) for part in path.relative_to(top).parts)
        if path.is_file() and not left:
            yield path.relative_to(directory).as_posix(), path.read_bytes()


def _pyproject() -> str:
    """What pyproject.toml says of the package, without the settings of tools."""
    return (HERE / "pyproject.toml").read_text(encoding="utf-8").split("\n[tool.")[0] + "\n"


def _project() -> dict[str, Any]:
    """The project table. Python 3.10 has no TOML reader, and these values, strings and lists, are Python as well."""
    head, _, extras = _pyproject().split("[project]\n")[1].partition("[project.optional-dependencies]\n")
    return {**_values(head), "optional-dependencies": _values(extras)}


def _values(table: str) -> dict[str, Any]:
    found = re.findall(r"^([\w-]+) = (.*?)(?=^[\w-]+ = |\Z)", table, re.MULTILINE | re.DOTALL)
    return {key: ast.literal_eval(value) for key, value in found}


def _stem(project: dict[str, Any]) -> str:
    return f"{project['name']}-{project['version']}"


def _metadata(project: dict[str, Any]) -> bytes:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"Keywords: {','.join(project['keywords'])}",
        *(f"Classifier: {classifier}" for classifier in project["classifiers"]),
        f"License-Expression: {project['license']}",
        *(f"License-File: {path}" for path in LICENSES),
        f"Requires-Python: {project['requires-python']}",
    ]
    for extra, requirements in project["optional-dependencies"].items():
        lines += [f"Provides-Extra: {extra}", *(f'Requires-Dist: {need}; extra == "{extra}"' for need in requirements)]
    lines += ["Description-Content-Type: text/markdown", "", (ROOT / "README.md").read_text(encoding="utf-8")]
    return "\n".join(lines).encode()


def _record(files: dict[str, bytes], own_path: str) -> bytes:
    lines = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{own_path},,\n"]).encode()


if __name__ == "__main__":  # without a front end, which Python itself does not have: wheel_backend.py DIRECTORY
    for build in (build_sdist, build_wheel):
        print(Path(sys.argv[1]) / build(sys.argv[1]))
