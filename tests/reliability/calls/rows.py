"""Writes C of what include/bytestore.h declares: each export, its parameters, and a function that calls it.

`rows.py HEADER` writes to standard output. An export with a parameter of a kind that nobody here knows is an error: so
no export goes without its row. Knows no values of parameters.
"""

import pathlib
import re
import sys

# A parameter's kind by its type, and where that is not enough by its name.
KINDS = {
    "bytestore_store *": "STORE",
    "bytestore_cursor *": "CURSOR",
    "bytestore_computation *": "COMPUTATION",
    "bytestore_store **": "OUT_STORE",
    "bytestore_cursor **": "OUT_CURSOR",
    "bytestore_computation **": "OUT_COMPUTATION",
    "bytestore_buffer *": "OUT_BUFFER",
    "bytestore_buffer * buffer": "BUFFER",
    "bytestore_area *": "AREA",
    "bytestore_counters *": "COUNTERS",
    "bytestore_slice *": "OUT_SLICE",
    "size_t *": "OUT_NUMBER",
    "uint64_t *": "OUT_NUMBER",
    "const void *": "ITEMS",
    "const uint32_t *": "LENS",
    "const uint8_t * prefix": "PREFIX",
    "const uint8_t * bytes": "SNAPSHOT",
    "const char * url": "URL",
    "const char * path": "PATH",
    "size_t n": "COUNT",
    "size_t prefix_len": "PREFIX_LEN",
    "size_t len": "SNAPSHOT_LEN",
    "int32_t level": "LEVEL",
    "size_t max_keys": "NUMBER",
    "uint64_t": "NUMBER",
    "bytestore_status": "NUMBER",
}

DECLARATION = re.compile(
    r"/\*\*(?P<comment>(?:(?!\*/).)*?)\*/\n(?P<type>[^#/;{}]*?)\b(?P<name>bytestore_\w+)"
    r"\((?P<parameters>[^)]*)\);",
    re.DOTALL,
)


def parameters_of(text):
    for parameter in re.split(r",\s*", text.strip()):
        if parameter != "void":
            kind, name = re.fullmatch(r"(.*?)(\w+)", parameter, re.DOTALL).groups()
            yield kind.strip(), name


def kind_of(kind, name):
    found = KINDS.get(f"{kind} {name}", KINDS.get(kind))
    if found is None:
        sys.exit(f"rows.py: no kind for the parameter {kind} {name}: add one, and its classes")
    return found


def row(match):
    comment, name = match["comment"], match["name"]
    parameters = list(parameters_of(match["parameters"]))
    optional = [
        f"`{parameter}` (optional)" in " ".join(comment.replace("*", "").split()) for _, parameter in parameters
    ]
    kinds = ", ".join(
        f"{{{kind_of(*parameter)}, {str(maybe).lower()}}}" for parameter, maybe in zip(parameters, optional)
    )
    arguments = ", ".join(
        f"({kind})(uintptr_t)a[{i}]" if "*" in kind else f"({kind})a[{i}]" for i, (kind, _) in enumerate(parameters)
    )
    cast = "(uint64_t)(uintptr_t)" if "*" in match["type"] else "(uint64_t)"
    answer = "STATUS" if match["type"].strip() == "bytestore_status" else "OTHER"
    unused = "" if parameters else "    (void)a;\n"
    call = f"static uint64_t call_{name}(const uint64_t *a) {{\n{unused}    return {cast}{name}({arguments});\n}}\n"
    return call, f'    {{"{name}", {answer}, {len(parameters)}, {{{kinds or "{NUMBER, false}"}}}, call_{name}}},\n'


def main():
    header = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    functions = header[header.index('extern "C" {') :]
    rows = [row(match) for match in DECLARATION.finditer(functions)]
    declared = set(re.findall(r"^[a-z][\w *]*?(bytestore_\w+)\(", functions, re.MULTILINE))
    if len(rows) != len(declared):
        sys.exit(f"rows.py: {len(declared)} functions are declared, {len(rows)} have the form that is known here")
    print('/* Written by rows.py. */\n#include "calls.h"\n')
    print("\n".join(call for call, _ in rows))
    print("const export_row rows[] = {\n" + "".join(line for _, line in rows) + "};\n")
    print("const size_t row_count = sizeof rows / sizeof rows[0];")


main()
