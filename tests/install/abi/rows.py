"""What of a header a compiled program depends on, a line for each thing: rows.py HEADER.

Numbers, sizes and offsets are a compiler's, types of functions and members are the text's. A line that is there for an
older header and not for a newer one is a change that breaks programs; a line more is an addition.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

NOT_OF_THE_ABI = {"BYTESTORE_H", "BYTESTORE_VERSION"}


def type_of(declaration: str) -> str:
    """A declaration without the name that it declares."""
    declared = " ".join(declaration.split())
    return declared if declared == "void" else re.sub(r"\s*\b\w+$", "", declared)


def functions(text: str) -> list[str]:
    """As `bytestore_len: bytestore_status (bytestore_store *, size_t *)`."""
    found = re.findall(r"^(\w[\w ]*?[ *]+)(bytestore_\w+)\(([^)]*)\);", text, re.MULTILINE)
    return [f"{name}: {result.strip()} ({', '.join(map(type_of, given.split(',')))})" for result, name, given in found]


def structs(text: str) -> list[tuple[str, list[str]]]:
    """Names, and declarations of members in order."""
    found = re.findall(r"^typedef struct \{(.*?)\} (\w+);", text, re.MULTILINE | re.DOTALL)
    return [(name, [" ".join(each.split()) for each in body.split(";") if each.strip()]) for body, name in found]


def main(header: Path) -> None:
    """Prints the lines, in order."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", header.read_text(encoding="utf-8"), flags=re.DOTALL)
    rows = [*functions(text), *(f"typedef {each}" for each in re.findall(r"^typedef ([^{]*?);", text, re.MULTILINE))]
    program = ""
    for macro in re.findall(r"^#define (\w+)", text, re.MULTILINE):
        if macro not in NOT_OF_THE_ABI:
            program += f'    printf("{macro} = %llu\\n", (unsigned long long)({macro}));\n'
    for name, members in structs(text):
        program += f'    printf("{name}: aligned to %zu\\n", _Alignof({name}));\n'
        for declaration in members:
            member = declaration.split("*")[-1].split()[-1]
            kind = type_of(declaration)
            program += f'    printf("{name}.{member}: {kind}, at %zu\\n", offsetof({name}, {member}));\n'
        # Whose first member says how large it is may grow.
        if type_of(members[0]) != "size_t" or not members[0].endswith(" size"):
            program += f'    printf("{name}: %zu bytes\\n", sizeof({name}));\n'
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder, "rows.c"), Path(folder, "rows")
        include = f'#include <stdio.h>\n#include "{header.resolve()}"\n'
        source.write_text(f"{include}int main(void) {{\n{program}}}\n", encoding="utf-8")
        subprocess.run(["cc", "-std=c11", source, "-o", binary], check=True)
        rows += subprocess.run([binary], check=True, capture_output=True, text=True).stdout.splitlines()
    print(*sorted(rows), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
