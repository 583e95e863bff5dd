"""Builds the wheel (PEP 517): the package with the native library inside. Needs nothing but Python itself.

The library is the one that `make lib` left in this checkout, the accelerator what `accelerator/build.sh` did; neither
is built here. Without an accelerator the package is the same, and slower.
"""

import base64
import hashlib
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIBRARY = ROOT / "target" / "lib" / "libbytestore.so.1"
ACCELERATOR = ROOT / "target" / "python" / "accelerator" / "_accelerator.abi3.so"
LICENSE = ROOT / "LICENSE"


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,  # noqa: ARG001
    metadata_directory: str | None = None,  # noqa: ARG001
) -> str:
    """Writes the wheel and returns its name."""
    project = _project()
    stem = f"{project['name']}-{project['version']}"
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    tag = f"py3-none-{platform}"
    info = f"{stem}.dist-info"
    files = dict(_package())
    files[f"{info}/METADATA"] = _metadata(project)
    files[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: wheel_backend\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    )
    files[f"{info}/{LICENSE.name}"] = LICENSE.read_bytes()
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    name = f"{stem}-{tag}.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
    return name


def build_sdist(sdist_directory: str, config_settings: dict[str, Any] | None = None) -> str:
    """Python sources without their native library are no use to anybody."""
    raise NotImplementedError("bytestore is built from a checkout of its repository: there is no sdist")


def _project() -> dict[str, Any]:
    """The project table; read by hand, since Python 3.10 has no TOML reader."""
    table = (HERE / "pyproject.toml").read_text(encoding="utf-8").split("[project]\n", 1)[1].split("\n[tool.", 1)[0]
    lines = [line.split(" = ", 1) for line in table.splitlines() if " = " in line]
    return {key: value.strip('"') for key, value in lines}


def _package() -> Iterator[tuple[str, bytes]]:
    source = HERE / "src"
    for path in sorted((source / "bytestore").rglob("*")):
        if path.suffix in {".py", ".pyi"} or path.name == "py.typed":
            yield path.relative_to(source).as_posix(), path.read_bytes()
    if not LIBRARY.exists():
        raise FileNotFoundError(f"{LIBRARY} is not there: run `make lib` first")
    yield f"bytestore/_lib/{LIBRARY.name}", LIBRARY.read_bytes()
    if ACCELERATOR.exists():
        yield f"bytestore/{ACCELERATOR.name}", ACCELERATOR.read_bytes()


def _metadata(project: dict[str, Any]) -> bytes:
    langchain = project["langchain"].strip('[]"')
    return (
        "Metadata-Version: 2.1\n"
        f"Name: {project['name']}\n"
        f"Version: {project['version']}\n"
        f"Summary: {project['description']}\n"
        f"License: {project['license']}\n"
        f"Requires-Python: {project['requires-python']}\n"
        "Provides-Extra: langchain\n"
        f'Requires-Dist: {langchain}; extra == "langchain"\n'
    ).encode()


def _record(files: dict[str, bytes], own_path: str) -> bytes:
    lines = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{own_path},,\n"]).encode()
