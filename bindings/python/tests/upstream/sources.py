"""Fetches LangChain's source distributions and unpacks their tests. Knows nothing of stores."""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PINS = HERE / "sources.txt"
REQUIREMENTS = HERE.parents[1] / "requirements-test.txt"
PAUSES = 0, 5, 10  # seconds before each attempt; within one, pip tries again by itself

UNPACKED = re.compile(r"pyproject\.toml|tests/(__init__|unit_tests/.*)\.py")
PIN = re.compile(r"^(\S+)==(\S+) --hash=sha256:(\w+)$", re.MULTILINE)


def pinned() -> dict[str, tuple[str, str]]:
    """Of every project, its archive's name and SHA-256; a version that is not installed ends the program."""
    pins = {}
    installed = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    for project, version, digest in PIN.findall(PINS.read_text(encoding="utf-8")):
        if f"{project}=={version}" not in installed:
            sys.exit(
                f"upstream: {PINS} has {project} {version}, {REQUIREMENTS.name} has not: give both the same version"
            )
        pins[project] = (f"{project.replace('-', '_')}-{version}.tar.gz", digest)
    return pins


def fetch(cache: Path) -> dict[str, Path]:
    """Every project's archive in `cache`, checked; pip is asked for them only when one is missing there."""
    pins = pinned()
    cache.mkdir(parents=True, exist_ok=True)
    for pause in PAUSES:
        if complete(cache, pins):
            break
        time.sleep(pause)
        download(cache)
    if not complete(cache, pins):
        sys.exit(
            f"upstream: LangChain's source distributions could not be fetched; pip says why above. Tell pip its index "
            f"(`pip config`), or copy {', '.join(name for name, _ in pins.values())} to {cache}"
        )
    return {project: cache / name for project, (name, _) in pins.items()}


def complete(cache: Path, pins: dict[str, tuple[str, str]]) -> bool:
    archives = ((cache / name, digest) for name, digest in pins.values())
    return all(path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest for path, digest in archives)


def download(cache: Path) -> None:
    """Moves what pip fetched, and checked, into `cache`: another run may be reading there."""
    with tempfile.TemporaryDirectory(dir=cache) as place:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        # pip asks a source distribution for its metadata: with the hatchling that is here, not one it would install.
        source = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes"]
        subprocess.run([*pip, *source, "--requirement", str(PINS), "--dest", place], check=False)
        for archive in Path(place).glob("*.tar.gz"):
            archive.replace(cache / archive.name)


def unpack(archives: dict[str, Path], tree: Path) -> None:
    """Each project's unit tests and their configuration, in a directory of its own; never the code that they test."""
    shutil.rmtree(tree, ignore_errors=True)
    for project, archive in archives.items():
        with tarfile.open(archive) as tar:
            for member in tar:
                name = member.name.partition("/")[2]
                content = tar.extractfile(member)
                if content and UNPACKED.fullmatch(name):
                    path = tree / project / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())
