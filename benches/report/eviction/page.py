"""The page's part on full stores: hit ratios beside other caches. No sentence may become false with a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report import figures, verdicts
from report.eviction.caches import BELADY, CACHES, OURS, RECORDED, SETS, label, sources
from report.eviction.goals import GOALS, points
from report.tables import NOTHING, table

if TYPE_CHECKING:
    from report.eviction.results import Case, Results
    from report.plots import Plot

WORDS = """\
When a store with a bound is full, entries have to go: how often what is asked for is still there? `make bench-eviction`
replays traces against the policy that the store decides by, other caches and the optimum, and writes this part. Others
that hit more often are in [a list of their own](#where-others-hit-more-often), and bold in the tables."""
METHOD = """\
- **What is replayed.** The accesses of a trace, one after the other: a key that is there is a hit, one that is missing
  is inserted at once. A hit ratio is the share of hits among all accesses, those to the still empty cache too.
- **Sizes.** A cache of 5 % has room for a twentieth of the trace's distinct keys. Each entry counts 1; the last table
  is about entries of different sizes.
- **The optimum** is Belady's (1966): it knows what comes and evicts the key whose next use lies furthest ahead, or does
  not even take it. Nobody can do better, and nobody who does not know the future can do as well. A *share of the
  optimum* is a hit ratio divided by its.
- **Peers** hold exactly as much, each as it comes, with one shard; moka's housekeeping runs after every access. LRU,
  S3-FIFO and SIEVE without a library's name are those of the papers in their simplest form, written for this
  comparison.
- **Nothing is timed**, and all but moka give the same figures each time. moka's hash is another one in every run, which
  moves its figures by some points where a trace is short."""
EACH_LINE = "Each line shows the worst of its figures\nwith the peer that it was compared with."
BEST = "the best peer of each case"
MEANS = """\
The last line is no cache that one could have: whoever picks the best peer of each case has seen its results."""
AHEAD = """\
Of {all} cases, the best peer hit more often in {lost}: here is each of them, the furthest behind first. Points are
hundredths: 25 % less 24 % is one point."""


def sections(results: Results, plots: dict[str, Plot]) -> list[str]:
    """Everything below the heading."""
    parts = ["# Hit ratios of a full store", WORDS, METHOD, _versions(results)]
    parts += [verdicts.table(GOALS, results, EACH_LINE)]
    parts += ["## Share of the optimum", MEANS, _means(results)]
    parts += ["## Where others hit more often", *_behind(results)]
    for kind, (heading, words) in SETS.items():
        cases = results.cases(kind)
        if cases:
            plot = f"hits-{kind.replace(' ', '-')}"
            parts += [f"## {heading}", words, *([sources()] if kind == RECORDED else [])]
            parts += [f"![{plots[plot].finding}](performance/{plot}.svg)"] if plot in plots else []
            parts.append(_hits(results, cases))
    return [*parts, "## Values of two sizes", *_sizes(results)]


def _versions(results: Results) -> str:
    names = []
    for cache in results.caches():
        name, crate = CACHES[cache]
        if cache not in {OURS, BELADY}:
            names.append(f"`{name}` {results.versions.get(crate, '')}".strip())
    return f"**Peers**: {', '.join(names)}."


def _means(results: Results) -> str:
    kinds = [kind for kind in SETS if results.cases(kind)]
    rows = []
    for cache in results.caches():
        if cache != BELADY:
            means = [results.mean_share(kind, cache) for kind in kinds]
            rows.append([label(cache), *(NOTHING if mean is None else _percent(mean) for mean in means)])
    rows.append([BEST, *(_percent(results.mean_of_best(kind)) for kind in kinds)])
    return table(["mean of all traces and sizes", *(SETS[kind][0].lower() for kind in kinds)], rows)


def _percent(share: float) -> str:
    return f"{figures.down(share * 100)} %"


def _ratio(hits: float) -> str:
    return f"{hits * 100:.1f} %"


def _behind(results: Results) -> list[str]:
    rows = []
    lost = [(results.peers(case), case) for kind in SETS for case in results.cases(kind)]
    everything = len(lost)
    lost = sorted((pair for pair in lost if pair[0][0].points > 0), key=lambda pair: -pair[0][0].points)
    for peers, case in lost:
        best, *others = (peer for peer in peers if peer.points > 0)
        hits = results.hits[case]
        rows.append(
            [
                str(case),
                label(best.cache),
                ", ".join(label(peer.cache) for peer in others) or NOTHING,
                _ratio(hits[OURS]),
                _ratio(hits[best.cache]),
                points(-best.points),
            ]
        )
    heads = ["trace, size", "most ahead", "ahead too", "bytestore", "the first", "bytestore less the first"]
    return [AHEAD.format(all=everything, lost=len(lost)), table(heads, rows, words=3)] if rows else ["None."]


def _hits(results: Results, cases: list[Case]) -> str:
    caches = [cache for cache in results.caches() if any(cache in results.hits[case] for case in cases)]
    rows = []
    for case in cases:
        hits = results.hits[case]
        cells = [_cell(hits.get(cache), hits[OURS], cache) for cache in caches]
        rows.append([case.trace, f"{case.percent} %", *cells, points(-results.peers(case)[0].points)])
    return table(["hit ratio", "size", *map(label, caches), "beside the best peer"], rows, words=2)


def _cell(hits: float | None, ours: float, cache: str) -> str:
    """Bold where a peer hits more often."""
    if hits is None:
        return NOTHING
    return f"**{_ratio(hits)}**" if hits > ours and cache != BELADY else _ratio(hits)


def _sizes(results: Results) -> list[str]:
    if not results.sizes:
        return ["Not measured."]
    caches = [cache for cache in CACHES if any(cache in found for found in results.sizes.values())]
    rows = []
    for case, found in sorted(results.sizes.items(), key=lambda pair: pair[0].percent):
        rows.append([f"{case.percent} %", *(_two(found.get(cache), found[OURS]) for cache in caches)])
    return [SIZES, table(["size", *map(label, caches)], rows)]


def _two(hits: tuple[float, float] | None, ours: tuple[float, float]) -> str:
    """Bold each of the two that is higher than ours."""
    if hits is None:
        return NOTHING
    return ", ".join(f"**{_ratio(one)}**" if one > our else _ratio(one) for one, our in zip(hits, ours, strict=True))


SIZES = """\
Half of the keys have values of 100 B, half of 34 KB, whatever their popularity (Zipf 0.9), and the bound is in bytes:
a percentage of all of them together. What counts for bytestore is how many accesses are hits, not how many bytes: a
small value that is asked for as often as a large one is worth as much and takes less. Two figures each: the share of
hits among accesses, and the share of their bytes among all bytes asked for. "Without sizes" is bytestore's policy
when it takes no notice of them. Bold is what is higher than bytestore's."""
