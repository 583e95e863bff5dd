"""The wheel's compiled parts: as this checkout has them in target, else as cargo makes them now. Knows no package."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / "target"


def library() -> bytes:
    """libbytestore.so; `make lib` keeps the one in target current."""
    return _compiled(TARGET / "lib" / "libbytestore.so.1", ROOT)


def accelerator() -> bytes:
    """_accelerator.abi3.so; `accelerator/build.sh` keeps the one in target current."""
    return _compiled(TARGET / "python" / "accelerator" / "_accelerator.abi3.so", HERE / "accelerator")


def _compiled(made: Path, crate: Path) -> bytes:
    return made.read_bytes() if made.exists() else _compile(crate).read_bytes()


def _compile(crate: Path) -> Path:
    """The shared library of a crate. Ends the program, with what to do, when it cannot be made."""
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    rust = "Rust " + re.findall(r'^rust-version = "(.*)"', manifest, re.MULTILINE)[0] + " or newer"
    wheel = "or install a wheel: pip install --only-binary bytestore bytestore"
    if shutil.which("cargo") is None:
        sys.exit(f"bytestore is built with cargo, which is not on PATH. Install {rust} (https://rustup.rs), {wheel}")
    command = ["cargo", "rustc", "--locked", "--release", "--lib", "--crate-type", "cdylib"]
    command += ["--target-dir", os.environ.get("CARGO_TARGET_DIR", str(TARGET))]
    command += ["--message-format", "json-render-diagnostics"]  # says where it puts what
    command += ["--", "--cfg", "bytestore_for_c"]  # as in .packaging/cargo.sh
    # The accelerator's interface is the same in every Python: none is asked.
    environment = {**os.environ, "PYO3_NO_PYTHON": "1"}
    done = subprocess.run(command, cwd=crate, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode != 0:
        sys.exit(f"bytestore: cargo failed, see above. It needs {rust} (rustup update), {wheel}")
    messages = map(json.loads, done.stdout.splitlines())
    # Whatever it depends on was made before.
    return [Path(name) for message in messages for name in message.get("filenames", ()) if name.endswith(".so")][-1]
