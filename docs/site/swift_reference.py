"""Prints the reference of a Swift module as Markdown: swift_reference.py SYMBOLS.json, the compiler's symbol graph.

A page like the other languages', that can be searched and read without scripts. Everything but the layout is what the
compiler found in the sources.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

Symbol = dict[str, Any]
LINK = re.compile(r"``([^`\s]+)``")
FIELD = re.compile(r"^- (Parameter|Returns|Throws|Note|Important|Warning)\b ?(\w*):", re.MULTILINE)
ATTRIBUTE = re.compile(r"@(?!Sendable|escaping)\w+ ")


def main() -> None:
    """Types by their names, and in each its members as they stand in the sources."""
    graph = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    symbols = [symbol for symbol in graph["symbols"] if is_ours(symbol)]
    names = {path(symbol) for symbol in symbols}
    anchors = Anchors()
    types = sorted((symbol for symbol in symbols if is_type(symbol)), key=path)
    print("# Swift\n\n```swift\nimport Bytestore\n```\n")
    for kind in types:
        print_symbol("##", kind, names, anchors)
        members = [symbol for symbol in symbols if parent(symbol) == path(kind) and not is_type(symbol)]
        for member in sorted(members, key=place):
            print_symbol("###", member, names, anchors)


def is_ours(symbol: Symbol) -> bool:
    """Written in the sources, not made of another module's protocols."""
    return "location" in symbol and "::SYNTHESIZED::" not in symbol["identifier"]["precise"]


def is_type(symbol: Symbol) -> bool:
    """Whether it gets a part of the page to itself."""
    return symbol["kind"]["identifier"] in {"swift.class", "swift.struct", "swift.enum", "swift.protocol"}


def path(symbol: Symbol) -> str:
    """Its name with those of the types that it is in: what comments call it."""
    return "/".join(symbol["pathComponents"])


def parent(symbol: Symbol) -> str:
    """The path of the type that it is in."""
    return "/".join(symbol["pathComponents"][:-1])


def place(symbol: Symbol) -> tuple[bool, str, int]:
    """Where it stands: first in the type's own file, then in others."""
    file = symbol["location"]["uri"]
    own = file.endswith(f"/{symbol['pathComponents'][0]}.swift")
    return not own, file, symbol["location"]["position"]["line"]


def anchor(name: str) -> str:
    """What a link to it ends with."""
    return re.sub(r"[^\w.]+", "-", name).strip("-")


class Anchors(Counter[str]):
    """Each name's once; of overloads the first one has what links lead to."""

    def of(self, name: str) -> str:
        """The next one of that name."""
        self[name] += 1
        return anchor(name) + (f"-{self[name]}" if self[name] > 1 else "")


def print_symbol(level: str, symbol: Symbol, names: set[str], anchors: Anchors) -> None:
    """Its heading, its declaration and its comment."""
    title = symbol["names"]["title"]
    if is_type(symbol):
        title = f"{symbol['kind']['identifier'].removeprefix('swift.')} {title}"
    declaration = "".join(part["spelling"] for part in symbol["declarationFragments"])
    comment = symbol.get("docComment", {})
    own = comment.get("module") == "Bytestore"  # not what a protocol says of it
    lines = [line["text"] for line in comment["lines"]] if own else []
    print(f"{level} `{title}` {{ #{anchors.of(path(symbol))} }}\n")
    print(f"```swift\n{ATTRIBUTE.sub('', declaration)}\n```\n")
    text = LINK.sub(lambda link: linked(link[1], symbol, names), "\n".join(lines))
    print(FIELD.sub(lambda field: f"- **{field[1]}**{field[2] and f' `{field[2]}`'}:", text) + "\n")


def linked(name: str, symbol: Symbol, names: set[str]) -> str:
    """A link to what a comment names, from its own type or from the module."""
    above = symbol["pathComponents"]
    for depth in range(len(above), -1, -1):
        full = "/".join([*above[:depth], name])
        if full in names:
            return f"[`{name.rpartition('/')[2]}`](#{anchor(full)})"
    return f"`{name}`"


if __name__ == "__main__":
    main()
