"""Every public symbol of a Swift module is documented: python3 tests/docs/symbols.py GRAPH, the compiler's.

That is a comment of its own, and in it a word about each parameter, about what is returned, and about what is thrown.
Prints a line for every fault, and how many symbols there were. Knows nothing of the module.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Symbol = dict[str, Any]


def is_ours(symbol: Symbol) -> bool:
    """Written in the sources, not made of another module's protocols."""
    return "location" in symbol and "::SYNTHESIZED::" not in symbol["identifier"]["precise"]


def text(fragments: list[dict[str, str]]) -> str:
    """A piece of a declaration as it is read."""
    return "".join(part["spelling"] for part in fragments)


def outside_parentheses(symbol: Symbol) -> str:
    """Its declaration without its parameters, which may throw, too."""
    declaration, inner = text(symbol["declarationFragments"]), 1
    while inner:
        declaration, inner = re.subn(r"\([^()]*\)", "", declaration)
    return declaration


def faults(symbol: Symbol, module: str) -> Iterator[str]:
    """What its comment does not say."""
    comment = symbol.get("docComment", {})
    if comment.get("module") != module:  # none, or what a protocol of others says
        yield "has no comment"
        return
    said = "\n".join(line["text"] for line in comment["lines"])
    signature = symbol.get("functionSignature", {})
    for parameter in signature.get("parameters", []):
        name = re.escape(parameter.get("internalName", parameter["name"]))
        if not re.search(rf"^ *- (Parameter )?{name}:", said, re.MULTILINE):
            yield f"does not say what {name} is"
    is_method = symbol["kind"]["identifier"] in {"swift.method", "swift.type.method"}
    if is_method and text(signature.get("returns", [])) not in {"()", "Void"} and "- Returns:" not in said:
        yield "does not say what it returns"
    if re.search(r"\bthrows\b", outside_parentheses(symbol)) and "- Throws:" not in said:
        yield "does not say what it throws"


def main() -> int:
    """Looks at all symbols, and says what is wrong."""
    graph = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    symbols = [symbol for symbol in graph["symbols"] if is_ours(symbol)]
    wrong = 0
    for symbol in symbols:
        for fault in faults(symbol, graph["module"]["name"]):
            wrong += 1
            file, line = symbol["location"]["uri"], symbol["location"]["position"]["line"] + 1
            print(f"{file}:{line}: {'.'.join(symbol['pathComponents'])} {fault}")
    print(f"{len(symbols)} symbols, {wrong} faults")
    return int(bool(wrong) or not symbols)


if __name__ == "__main__":
    sys.exit(main())
