"""How the demonstration looks: progress and the closing table. Knows no language and no file."""

import shutil
import sys

NAMES = {
    "c": "C",
    "cpp": "C++",
    "go": "Go",
    "swift": "Swift",
    "python": "Python",
    "langchain": "LangChain",
    "node": "JavaScript",
}
WIDTH = 40


def heading(language):
    print(f"\n{NAMES.get(language, language)}", flush=True)


def lines(texts):
    for text in texts:
        print(f"  {text}", flush=True)


class Progress:
    """A bar on a terminal; elsewhere a line for every quarter."""

    def __init__(self):
        self.on_terminal = sys.stdout.isatty()
        self.quarter = 0
        if self.on_terminal:
            self._draw("building …")

    def _draw(self, text):
        print("\r\033[K  " + text[: shutil.get_terminal_size().columns - 3], end="", flush=True)

    def show(self, done, total):
        share = done / total if total else 1.0
        if self.on_terminal:
            full = int(share * WIDTH)
            self._draw(f"[{'█' * full}{'·' * (WIDTH - full)}] {share:4.0%}")
        elif int(share * 4) > self.quarter:
            self.quarter = int(share * 4)
            print(f"  {share:4.0%}", flush=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.on_terminal:
            print("\r\033[K", end="", flush=True)


def table(results):
    titles = ("language", "entries", "MB", "write s", "read s", "write MB/s", "read MB/s", "memory MB")
    form = "{:<10} {:>8} {:>8} {:>9} {:>9} {:>11} {:>11} {:>10}"
    print("\n" + form.format(*titles))
    for result in results:
        megabytes = result["bytes"] / 1e6
        write, read, memory = (result.get(name) for name in ("mset_seconds", "mget_seconds", "rss_bytes"))
        cells = (
            NAMES.get(result["language"], result["language"]),
            result["entries"],
            f"{megabytes:.1f}",
            f"{write:.3f}" if write else "-",
            f"{read:.3f}" if read else "-",
            f"{megabytes / write:.0f}" if write else "-",
            f"{megabytes / read:.0f}" if read else "-",
            f"{memory / 1e6:.1f}" if memory else "-",
        )
        print(form.format(*cells))
    print("Seconds are the store's calls alone. C and C++ read large values where they lie; the others get copies.")
