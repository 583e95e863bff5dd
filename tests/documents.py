"""Checks what the documents promise: links lead somewhere, commands exist, sources keep the house's measures.

`python3 tests/documents.py FILE…` prints a line for every fault, and nothing when all is well.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST = 400
SOURCES = {".rs", ".c", ".h", ".hpp", ".cpp", ".go", ".swift", ".py", ".sh", ".ts", ".js", ".mjs"}
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME")  # in two parts: this file is a source too
GENERATED = re.compile(r"include/bytestore\.h|tests/install/abi/bytestore-[\d.]+\.h")


def make_targets():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    gates = {script.parent.name for script in (ROOT / "tests/reliability").glob("*/run.sh")}
    return gates | set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))


def document_faults(path, text):
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in link and not (path.parent / link).exists():
            yield f"the link {link} leads nowhere"
    shell = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    commands = "\n".join(shell + re.findall(r"`([^`\n]+)`", text))
    for target in re.findall(r"^(?:\$ )?make ([a-z-]+)", commands, re.MULTILINE):
        if target not in make_targets():
            yield f"there is no `make {target}`"
    for script in re.findall(r"^(?:\$ )?(?:bash |python3 |\./)?((?:\.?\w+/)+[\w.-]+)(?=\s|$)", commands, re.MULTILINE):
        first = script.split("/")[0]
        if first != "target" and (ROOT / first).exists() and not (ROOT / script).exists():
            yield f"there is no {script}"


def source_faults(text):
    if text.count("\n") > LONGEST:
        yield f"longer than {LONGEST} lines: more than one idea"
    for number, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield f"line {number}: an unfinished thought"


def main():
    faults = []
    for name in sys.argv[1:]:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            faults += [f"{name}: {fault}" for fault in document_faults(path, text)]
        elif path.suffix in SOURCES and not GENERATED.fullmatch(name):
            faults += [f"{name}: {fault}" for fault in source_faults(text)]
    print(*faults, sep="\n", end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
