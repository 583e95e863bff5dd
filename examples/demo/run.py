"""The demonstration: every language stores the files of Python's standard library and gives them back.

What a program says it read back is compared here with the files themselves, by hashes this
script computes: it knows nothing of the store. Each program's output is in target/demo.

    python3 examples/demo/run.py [LANGUAGE…]      all by default; `make demo` builds what it needs first
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import sysconfig

import screen

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEMOS = ROOT / "examples" / "demo"
OUT = ROOT / "target" / "demo"
# Language, and the installer of its tools.
TOOLCHAINS = {
    "c": "c",
    "cpp": "c",
    "go": "go",
    "swift": "swift",
    "python": "python",
    "langchain": "python",
    "node": "node",
}
MISSING_TOOL = 3
PREFIX = "json/"


class Failed(Exception):
    """One language's demonstration did not do what it must."""


class Skipped(Exception):
    """A toolchain cannot be installed on this machine."""


def corpus():
    """The standard library's directory and {relative path: (size, sha256)} of its regular files."""
    root = pathlib.Path(sysconfig.get_path("stdlib"))
    files = {}
    for directory, subdirectories, names in os.walk(root):
        subdirectories[:] = sorted(set(subdirectories) - {"__pycache__", "site-packages", "dist-packages"})
        for name in sorted(names):
            path = pathlib.Path(directory, name)
            relative = path.relative_to(root).as_posix()
            # A manifest has one path a line, and sha256sum's format no escapes.
            if path.is_symlink() or not path.is_file() or not os.access(path, os.R_OK) or set(relative) & set("\n\\"):
                continue
            content = path.read_bytes()
            files[relative] = len(content), hashlib.sha256(content).hexdigest()
    return root, files


def install(language, log):
    """Gets the tools of a language, and shows what is being installed: it can take minutes."""
    script = ROOT / ".toolchains" / f"{TOOLCHAINS[language]}.sh"
    last = ""
    with subprocess.Popen(
        [script], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.PIPE, text=True
    ) as installer:
        for line in installer.stderr:
            log.write(line)
            last = line.strip()
            if line.startswith("==> "):
                screen.lines([line[4:].strip()])
    if installer.returncode == MISSING_TOOL and os.environ.get("CI") != "true":
        raise Skipped(last)
    if installer.returncode != 0:
        raise Failed(f"its toolchain could not be installed, exit code {installer.returncode}")


def follow(language, manifest, log):
    """Runs one demonstration and draws its progress. Gives its result and what it says for people."""
    result, told = None, []
    command = [DEMOS / language / "run.sh", manifest, OUT / language]
    program = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1
    )
    with screen.Progress() as progress, program:
        for line in program.stdout:
            log.write(line)
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "progress":
                progress.show(*map(int, rest.split()))
            elif word == "result":
                result = json.loads(rest)
            elif word.endswith(":"):
                told.append(f"{word} {rest}")
    if program.returncode != 0:
        raise Failed(f"exit code {program.returncode}")
    if result is None:
        raise Failed("it printed no result")
    return result, told


def compare(language, result, files):
    """What the program counted and read back, against the files."""
    truth = {"language": language, "entries": len(files), "bytes": sum(size for size, _ in files.values())}
    if language != "langchain":
        truth["prefix"] = sum(path.startswith(PREFIX) for path in files)
    for name, value in truth.items():
        if result.get(name) != value:
            raise Failed(f"{name} is {result.get(name)!r}, must be {value!r}")
    if language == "langchain":
        return  # hands out documents, not files: it compares them itself
    lines = (OUT / language / "sha256").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    read_back = dict(reversed(line.split("  ", 1)) for line in lines)
    if len(lines) != len(files) or read_back.keys() != files.keys():
        raise Failed(f"it read back {len(lines)} files, not the {len(files)} of the manifest")
    changed = [path for path, (_, digest) in files.items() if read_back[path] != digest]
    if changed:
        raise Failed(f"{len(changed)} files came back changed, the first is {changed[0]}")


def demonstrate(language, manifest, files):
    (OUT / language).mkdir(parents=True, exist_ok=True)
    (OUT / language / "sha256").unlink(missing_ok=True)
    log_path = OUT / language / "log"
    screen.heading(language)
    with open(log_path, "w", encoding="utf-8", errors="surrogateescape") as log:
        try:
            install(language, log)
            result, told = follow(language, manifest, log)
            compare(language, result, files)
        except (Failed, OSError, ValueError) as failure:
            log.flush()
            end = log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
            raise Failed("\n".join([*end, str(failure)])) from failure
    screen.lines(told)
    if language != "langchain":
        screen.lines([f"all {len(files)} files came back byte for byte (SHA-256)"])
    return result


def main():
    languages = sys.argv[1:] or list(TOOLCHAINS)
    if unknown := set(languages) - set(TOOLCHAINS):
        sys.exit(f"no demonstration in {', '.join(sorted(unknown))}: there are {', '.join(TOOLCHAINS)}")
    OUT.mkdir(parents=True, exist_ok=True)
    root, files = corpus()
    manifest = OUT / "manifest.txt"
    manifest.write_text("\n".join([str(root), *files]) + "\n", encoding="utf-8", errors="surrogateescape")
    total = sum(size for size, _ in files.values())
    print(f"{len(files)} files of {root}, {total / 1e6:.1f} MB, go into one store a language and come back.")

    results, failed, skipped = [], [], []
    for language in languages:
        try:
            results.append(demonstrate(language, manifest, files))
        except Skipped as reason:
            skipped.append(language)
            print(f"  skipped: {reason}")
        except Failed as reason:
            failed.append(language)
            print(f"{reason}\n  {language}: FAILED")
    if results:
        screen.table(results)
    print(f"{len(results)} equal, {len(failed)} failed" + (f", {len(skipped)} skipped" if skipped else ""))
    return 1 if failed or not results else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\ninterrupted")
