"""What the bindings aim for: each goal with the figures that decide it. It must not know how a page looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from report import figures
from report.cases import OURS
from report.goals import Figure, Goal
from report.languages.cases import C_ABI, Case

if TYPE_CHECKING:
    from collections.abc import Callable

    from report.languages.results import Results

    Figures = Callable[[Results], list[Figure]]

FIVE_MILLION, MILLION, HUNDRED_THOUSAND, HOT = 5_000_000, 1_000_000, 100_000, 1_000
EVERY = "every peer"


def _share(value: float) -> str:
    return f"{figures.up(value * 100)} %"


def _beside(case: Case, *peers: str) -> Figures:
    """A case beside the peers whose names contain one of the words; without words, beside all but the C ABI."""

    def take(results: Results) -> list[Figure]:
        wanted = peers or [peer for peer in results.peers(case.language) if peer != C_ABI]
        return [
            Figure(rate.peer, rate.ratio)
            for rate in results.rates
            if replace(rate.case, key=case.key) == case and any(word in rate.peer for word in wanted)
        ]

    return take


def _others(case: Case, but: str) -> Figures:
    def take(results: Results) -> list[Figure]:
        return [figure for figure in _beside(case)(results) if but not in figure.peer]

    return take


def _python(form: str = "bytes", **axes: Any) -> Figures:
    """A case of Python's, beside the dict."""
    return _beside(Case("python", form=form, **axes), DICT)


def _two_over_one(case: Case) -> Figures:
    def take(results: Results) -> list[Figure]:
        cases = [found for found in results.cases(case.language) if replace(found, key=case.key, threads=1) == case]
        rates = {found.threads: results.our_rate(found) for found in cases}
        one, two = rates.get(1), rates.get(2)
        return [Figure("", two / one)] if one and two else []

    return take


def _figure(language: str, what: str, entries: int, peer: str) -> Figures:
    """Our figure as a multiple of a peer's."""

    def take(results: Results) -> list[Figure]:
        key = (language, what, entries)
        found = [figure for figure in results.figures if (figure.language, figure.what, figure.entries) == key]
        return [
            Figure(peer, ours.value / theirs.value)
            for ours in found
            for theirs in found
            if ours.store == OURS and theirs.store == peer
        ]

    return take


def _over_c(form: str, batch: int) -> Figures:
    """Nanoseconds that a call of the C++ wrapper takes longer than the C call that it makes."""

    def take(results: Results) -> list[Figure]:
        case = Case("cpp", form=form, batch=batch)
        rates = [rate for rate in results.rates if replace(rate.case, key=case.key) == case and rate.peer == C_ABI]
        return [Figure("", rate.more_each * batch, form) for rate in rates]

    return take


def _nanoseconds(value: float) -> str:
    return f"{figures.up(value)} ns"


def _less(work: str, bound: float, found: Figures, of: str) -> Goal[Results]:
    return Goal(work, bound, found, at_most=True, write=_share, of=of)


def _over(batch: int) -> list[Goal[Results]]:
    work = f"{batch} key{'s' * (batch > 1)}: what the wrapper adds to the C call"
    bound = 5 + 2 * batch
    return [
        Goal(f"{work}, {form}", bound, _over_c(form, batch), at_most=True, write=_nanoseconds)
        for form in ("views", "reuse")
    ]


DICT = "InMemoryByteStore"
CACHES = ("bigcache", "freecache", "fastcache")

GOALS: dict[str, list[Goal[Results]]] = {
    "cpp": [
        Goal("mget, views", 4, _beside(Case("cpp", form="views"), "absl"), of="sharded abseil"),
        *_over(1),
        *_over(64),
    ],
    "go": [
        *(
            Goal(f"mget, {form}", bound, _beside(Case("go", form=form), *CACHES), of="the caches that copy")
            for form, bound in {"copy": 2.2, "reuse": 3.2, "views": 4.5}.items()
        ),
        Goal("mget, views", 1.5, _beside(Case("go", form="views"), "map + RWMutex"), of="map + RWMutex"),
        Goal(
            "mget, 12 KiB values, views",
            8,
            _beside(Case("go", form="views", entries=HUNDRED_THOUSAND, value=12 << 10), *CACHES),
            of="every peer that copies",
        ),
        _less(
            "forced GC, 5 million entries", 0.01, _figure("go", "gc_ms", FIVE_MILLION, "map + RWMutex"), of="of a map's"
        ),
        _less(
            "peak memory, 5 million entries",
            0.5,
            _figure("go", "peak_per_entry", FIVE_MILLION, "map + RWMutex"),
            of="of a map's",
        ),
    ],
    "swift": [
        Goal("mget, views", 2.4, _beside(Case("swift", form="views"), "Dictionary"), of="the locked Dictionary"),
        Goal("mget, slices", 2.1, _beside(Case("swift", form="slices"), "Dictionary"), of="the locked Dictionary"),
        Goal(
            "mget, 1 thousand entries (hot), views",
            1,
            _beside(Case("swift", form="views", entries=HOT), "Dictionary"),
            of="the locked Dictionary",
        ),
    ],
    "python": [
        Goal("mget", 5, _beside(Case("python", form="bytes"), DICT), of=DICT),
        Goal("mget, batches of 1,024", 4.5, _beside(Case("python", form="bytes", batch=1024), DICT), of=DICT),
        Goal("mget", 4, _others(Case("python", form="bytes"), DICT), of="every other peer"),
        Goal("mget, 100 thousand entries", 4, _python(entries=HUNDRED_THOUSAND), of=DICT),
        Goal("mget, 1 thousand entries (hot)", 1, _python(entries=HOT), of=DICT),
        Goal("mget, 1 thousand entries (hot), plain ctypes", 0.8, _python("ctypes", entries=HOT), of=DICT),
        Goal("one key", 1.1, _python(batch=1), of=DICT),
        Goal("one key, 1 thousand entries (hot)", 0.5, _python(batch=1, entries=HOT), of=DICT),
        Goal("mset", 2.5, _python(op="mset"), of=DICT),
        Goal("mset, 100 thousand entries", 1.8, _python(op="mset", entries=HUNDRED_THOUSAND), of=DICT),
        Goal("mget, 12 KiB values, views", 1.5, _python("views", entries=HUNDRED_THOUSAND, value=12 << 10), of=DICT),
        Goal("mget, 12 KiB values", 0.5, _python(entries=HUNDRED_THOUSAND, value=12 << 10), of=DICT),
        Goal(
            "mget, batches of 1,024, two threads over one", 1.6, _two_over_one(Case("python", form="bytes", batch=1024))
        ),
        _less(
            "resident memory an entry", 0.62, _figure("python", "resident_per_entry", MILLION, DICT), of="of the dict's"
        ),
    ],
}
