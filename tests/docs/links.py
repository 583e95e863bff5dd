"""Every link of a built site leads somewhere: python3 tests/docs/links.py FOLDER.

A link within the site needs its file, and its anchor when it names one; of a link to elsewhere only the form counts.
Prints a line for every fault, and how many links there were. Knows HTML, and nothing of what made it.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ADDRESSES = {"a": "href", "link": "href", "img": "src", "script": "src", "iframe": "src", "object": "data"}
ELSEWHERE = {"http", "https"}
OTHER = {"mailto", "data", "javascript"}


class Page(HTMLParser):
    """The links of a page, and what can be linked to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes what links, and what has a name."""
        values = dict(attrs)
        self.anchors |= {name for name in (values.get("id"), values.get("name") if tag == "a" else None) if name}
        link = values.get(ADDRESSES.get(tag, ""))
        if link is not None and values.get("rel") != "canonical":
            self.links.append(link)

    def has(self, fragment: str) -> bool:
        """Whether a browser finds the place: by its name, encoded or not; of some lines (4-7) the first."""
        first, _, last = fragment.partition("-")
        lines = first if first.isdigit() and last.isdigit() else fragment
        return not fragment or bool(self.anchors & {fragment, unquote(fragment), lines})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As one that is not closed at once."""
        self.handle_starttag(tag, attrs)


def fault(link: str, path: Path, pages: dict[Path, Page]) -> str:
    """What is wrong with a link that stands in the page at `path`; nothing: ""."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return "is no address"
    if parts.scheme or parts.netloc:
        return "" if parts.scheme in OTHER or (parts.scheme in ELSEWHERE and parts.hostname) else "is no address"
    if parts.path.startswith("/"):
        return "depends on where the site stands"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return "leads nowhere"
    return "" if target not in pages or pages[target].has(parts.fragment) else "names no anchor there"


def main() -> int:
    """Looks at all pages, and says what is wrong."""
    root = Path(sys.argv[1]).resolve()
    pages = {path: Page(path) for path in sorted(root.rglob("*.html")) if path.name != "404.html"}
    faults = [
        f"{path.relative_to(root)}: {link} {wrong}"
        for path, page in pages.items()
        for link in page.links
        if (wrong := fault(link, path, pages))
    ]
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{sum(len(page.links) for page in pages.values())} links in {len(pages)} pages, {len(faults)} wrong")
    return int(bool(faults) or not pages)


if __name__ == "__main__":
    sys.exit(main())
