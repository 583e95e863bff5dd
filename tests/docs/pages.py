"""Looks at pages of a built site as people do: python3 tests/docs/pages.py FOLDER PICTURES.

Each page, on a desktop and on a phone, must be no wider than its window, say nothing in the console, and ask no other
host for anything. The search finds something, who chose a language sees it on the next page, too, and the reference of
Swift, which is made by scripts, is there. Pictures of some pages are left in PICTURES. Prints a line for each fault,
and how many views there were.
"""

import functools
import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from browser import Browser, browser

WINDOWS = {"desktop": (1280, 900), "phone": (390, 844)}
PICTURED = {"index", "guide/batches", "contract", "performance", "scaling", "faq", "reference/go", "reference/python"}
WIDTH = "document.documentElement.scrollWidth"  # innerWidth grows with what does not fit a phone

SEARCH = """new Promise((done, failed) => {
    document.querySelector("[for=__search]").click()
    const query = document.querySelector("[data-md-component=search-query]")
    query.value = "mget_or_compute"
    query.dispatchEvent(new Event("focus"))
    query.dispatchEvent(new Event("keyup"))
    const beat = setInterval(() => {
        const found = document.querySelectorAll(".md-search-result__item").length
        if (found) { clearInterval(beat); done(found) }
    }, 50)
    setTimeout(() => done(0), 20000)
})"""
DOCC = """new Promise(done => {
    const beat = setInterval(() => {
        if (document.body.innerText.includes("mgetPacked")) { clearInterval(beat); done(true) }
    }, 50)
    setTimeout(() => done(false), 20000)
})"""
CHOOSE = """[...document.querySelectorAll(".tabbed-labels label")].find(label => label.innerText == "Go").click()"""
CHOSEN = """[...document.querySelectorAll(".tabbed-block pre")].filter(code => code.offsetHeight)
    .map(code => code.innerText).join()"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Files of the site, without a word about each."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


def faults_of(view: Browser, url: str, host: str, window: tuple[int, int]) -> Iterator[str]:
    """What is wrong with a page in one window."""
    for event in view.show(url, *window):
        told = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                address = told["request"]["url"]
                if not address.startswith((f"{host}/", "data:", "blob:")):
                    yield f"asks for {address}"
            case "Runtime.exceptionThrown":
                yield f"throws {told['exceptionDetails'].get('exception', told['exceptionDetails'])}"
            case "Runtime.consoleAPICalled" if told["type"] in {"error", "warning", "assert"}:
                yield f"says {[argument.get('value') for argument in told['args']]}"
            case "Log.entryAdded" if told["entry"]["level"] in {"error", "warning"}:
                yield f"logs {told['entry']['text']} {told['entry'].get('url', '')}"
    if (pixels := view.ask(WIDTH)) > window[0]:
        yield f"is {pixels} pixels wide"


def lifeless(view: Browser, host: str) -> Iterator[str]:
    """What does nothing that should."""
    view.show(f"{host}/index.html", *WINDOWS["desktop"])
    if not view.ask(SEARCH):
        yield "the search finds nothing"
    view.show(f"{host}/api/swift/documentation/bytestore/bytestore/", *WINDOWS["phone"])
    if not view.ask(DOCC):
        yield "Swift's reference shows no methods"
    view.show(f"{host}/guide/open.html", *WINDOWS["desktop"])
    view.ask(CHOOSE)
    view.show(f"{host}/guide/batches.html", *WINDOWS["phone"])
    shown = view.ask(CHOSEN)
    if "store.MGet(" not in shown or "bytestore_mget" in shown:
        yield "the language that was chosen is not shown on the next page"


def main() -> int:
    """Looks at all pages that are the site's own; those of other tools look as their makers want."""
    site, pictures = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    pictures.mkdir(parents=True, exist_ok=True)
    names = sorted(
        str(path.relative_to(site).with_suffix(""))
        for path in site.rglob("*.html")
        if path.name != "404.html" and "api" not in path.relative_to(site).parts
    )
    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"http://127.0.0.1:{server.server_port}"
    views, wrong = 0, 0
    with browser() as view:
        for fault in lifeless(view, host):
            wrong += 1
            print(fault)
        for device, window in WINDOWS.items():
            for name in names:
                views += 1
                for fault in faults_of(view, f"{host}/{name}.html", host, window):
                    wrong += 1
                    print(f"{name} on a {device}: {fault}")
                if name in PICTURED:
                    (pictures / f"{name.replace('/', '-')}-{device}.png").write_bytes(view.picture())
    server.shutdown()
    print(f"{views} views, {wrong} faults")
    return int(bool(wrong) or not views)


if __name__ == "__main__":
    sys.exit(main())
