"""One measured case of a binding, and how to say so in words. It knows no figures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from report.cases import count, count_threads, size

OPERATIONS = {"mget_hit": "mget", "mset": "mset"}
C_ABI = "C ABI"  # beside the C++ wrapper: what it calls itself, not another store
LANGUAGES = {"cpp": "C++", "go": "Go", "swift": "Swift", "python": "Python", "node": "JavaScript"}


@dataclass(frozen=True)
class Case:
    """One operation, in the form in which the language gets its answers, on one shape of store."""

    language: str
    op: str = "mget_hit"
    form: str = ""
    entries: int = 1_000_000
    key: int = 35
    value: int = 100
    batch: int = 64
    threads: int = 1

    @property
    def work(self) -> str:
        """The operation and its form."""
        words = OPERATIONS[self.op]
        return f"{words}, {self.form}" if self.form else words

    def sort_key(self) -> tuple[int | str, ...]:
        """The order of rows: the operation, then the shape from small to large, then the form."""
        shape = (self.threads, self.value, self.batch, self.entries)
        return (list(LANGUAGES).index(self.language), list(OPERATIONS).index(self.op), *shape, self.form)

    @property
    def shape(self) -> str:
        """What the store holds, and how it is asked."""
        stored = f"{count(self.entries)} × {size(self.value)}"
        threads = "" if self.threads == 1 else f", {count_threads(self.threads)}"
        return f"{stored}, batch {self.batch:,}{threads}"

    @property
    def is_base(self) -> bool:
        """A million small values in batches of 64, whatever the operation and the form."""
        return self == replace(Case(self.language, self.op, self.form), key=self.key)
