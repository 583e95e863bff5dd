"""Which lines of unsafe code the tests under Miri run, and whether all others are listed with a reason. Knows no test.

`python3 watched.py LINES.info UNWATCHED.toml`: the first is LLVM's, of the same tests, compiled as Miri compiles them.
"""

import pathlib
import sys
import tomllib

sys.dont_write_bytecode = True  # a check leaves nothing behind in the source tree
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lcov import ROOT, lines as lines_run  # noqa: E402


def unsafe_lines(source):
    """The number and text of each line of code inside `unsafe` blocks, as tests/abi.rs counts them."""
    depth = 0  # of braces since the block began
    for number, line in enumerate(source.splitlines(), 1):
        code = line.partition("//")[0]
        if depth == 0:
            _, mark, code = code.partition("unsafe {")
            depth = 1 if mark else 0
        inside = ""
        for character in code if depth else "":
            depth += {"{": 1, "}": -1}.get(character, 0)
            if depth == 0:
                break
            inside += character
        if any(character.isalnum() for character in inside):
            yield number, line.strip()


def main():
    export, listed = sys.argv[1:]
    run = lines_run(export)
    entries = tomllib.loads(pathlib.Path(listed).read_text(encoding="utf-8"))["unwatched"]
    listed = {(entry["file"], line) for entry in entries for line in entry.get("lines", ["*"])}
    faults, used, lines, watched, files, watched_files = [], set(), 0, 0, 0, 0
    for path in sorted((ROOT / "src").rglob("*.rs")):
        file = str(path.relative_to(ROOT))
        own = list(unsafe_lines(path.read_text(encoding="utf-8").partition("#[cfg(test)]\nmod tests {")[0]))
        if not own or path.name == "tests.rs":
            continue
        missed = [(number, text) for number, text in own if not run[file, number]]
        if (file, "*") in listed and len(missed) < len(own):
            faults.append(f"{file}: listed as a whole, but some of it is run under Miri")
        files, lines = files + 1, lines + len(own)
        watched, watched_files = watched + len(own) - len(missed), watched_files + (len(missed) < len(own))
        for number, text in missed:
            place = (file, "*") if (file, "*") in listed else (file, text)
            used.add(place)
            if place not in listed:
                faults.append(f"{file}:{number}: unsafe, and not run under Miri: {text}")
    faults += [f"listed, but run under Miri or not there: {file}: {text}" for file, text in sorted(listed - used)]
    print(f"figure: {watched} of {lines} lines of unsafe code run under Miri, in {watched_files} of {files} files")
    for entry in entries:
        print(f"not under Miri: {entry['file']}: {entry['why']}")
    print(*faults, sep="\n")
    sys.exit(bool(faults) or not watched)


if __name__ == "__main__":
    main()
