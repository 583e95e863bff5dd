"""How plots look: one style for all, legible on white and on dark pages and without colour vision. Knows no results."""

from __future__ import annotations

import io
import itertools
import logging
import math
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from report.cases import OURS

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.typing import RcKeyType

# Of the colours of Okabe and Ito those that stand out from white and from black, and greys between the two.
INK, FAINT = "#767c84", "#9aa0a8"
COLOUR_OF_OURS = "#d55e00"
COLOURS = ("#0f80c8", "#009e73", "#cc79a7", "#56b4e9")
MARKERS = ("s", "^", "D", "v")
WIDTH = 7.6  # inches
LONGEST_LINE, LONGEST_LABEL = 84, 76  # letters
STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "bytestore",  # the same figures give the same file
    # The first is what matplotlib lays text out with; the others are as wide.
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.frameon": False,
}
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # a machine need not have all the fonts


@dataclass(frozen=True)
class Bar:
    """One bar and what is written at its end."""

    name: str
    length: float
    words: str


def save(figure: Figure, path: Path) -> None:
    """Writes a drawing: the same bytes whenever and wherever it is drawn."""
    svg = io.StringIO()
    with rc_context(STYLE):
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    lines = (line.rstrip() for line in svg.getvalue().splitlines())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _canvas(height: float, title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    _head(figure, title)
    return figure, axes


def _head(figure: Figure, title: str) -> None:
    title = re.sub(r"(?<=\d) ", "\N{NO-BREAK SPACE}", title)  # a figure keeps its unit
    rows = math.ceil(len(title) / LONGEST_LINE)
    lines = textwrap.wrap(title, len(title) // rows + 8)  # rows of about the same length
    figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=STYLE["axes.titlesize"], fontweight="bold")


def bars(title: str, axis: str, found: list[Bar], *, logarithmic: bool = False) -> Figure:
    """A bar for each store, the first on top."""
    with rc_context(STYLE):
        figure, axes = _canvas(1.1 + 0.26 * len(found), title)
        names = [bar.name for bar in found]
        colours = [COLOUR_OF_OURS if bar.name.startswith(OURS) else FAINT for bar in found]
        drawn = axes.barh(names, [bar.length for bar in found], color=colours, height=0.68)
        axes.bar_label(drawn, [bar.words for bar in found], padding=4, color=INK)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        for label in axes.get_yticklabels():
            if label.get_text().startswith(OURS):
                label.set_fontweight("bold")
                label.set_color(COLOUR_OF_OURS)
        if logarithmic:
            lengths = [bar.length for bar in found]
            axes.set_xscale("log")
            axes.set_xlim(min(lengths) / 10, max(lengths) * 6)
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
            axes.xaxis.set_minor_locator(NullLocator())
        else:
            axes.margins(x=0.22)
            axes.set_xlim(left=0)
        axes.set_xlabel(textwrap.fill(axis, LONGEST_LABEL))
    return figure


def lines(
    title: str, axes_words: tuple[str, str], found: dict[str, list[tuple[float, float]]], labels: dict[float, str]
) -> Figure:
    """A line for each store: ours and the first few peers stand out, the others are grey."""
    with rc_context(STYLE):
        figure, axes = _canvas(4.2, title)
        peers = [peer for peer in found if peer != OURS]
        for peer in reversed(peers[len(COLOURS) :]):
            label = "other peers" if peer == peers[-1] else None
            axes.plot(*zip(*found[peer], strict=True), color=FAINT, linewidth=0.9, alpha=0.8, label=label)
        for peer, colour, marker in reversed(list(zip(peers, COLOURS, MARKERS, strict=False))):
            axes.plot(*zip(*found[peer], strict=True), color=colour, marker=marker, markersize=5, label=peer)
        axes.plot(*zip(*found[OURS], strict=True), color=COLOUR_OF_OURS, marker="o", linewidth=2.6, label=OURS)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(sorted(labels)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(lambda value, _: labels.get(value, ""))
        axes.set_ylim(bottom=0)
        axes.set_xlabel(axes_words[0])
        axes.set_ylabel(axes_words[1])
        handles, names = axes.get_legend_handles_labels()
        figure.legend(handles[::-1], names[::-1], loc="outside right center")
    return figure


@dataclass(frozen=True)
class Panel:
    """One of several small drawings side by side: a line of ours, one of each peer."""

    name: str
    ours: list[float]
    peers: list[list[float]]


def panels(title: str, axes_words: tuple[str, str], steps: list[str], found: list[Panel]) -> Figure:
    """Small drawings with the same axes, `steps` on the first one. Peers are grey, and so is their range."""
    columns = 4
    rows = math.ceil(len(found) / columns)
    with rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 1.0 + 1.6 * rows), layout="constrained")
        _head(figure, title)
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        places = list(range(len(steps)))
        for axes, panel in itertools.zip_longest(grid.flat, found):
            if panel is None:
                axes.set_visible(False)
                continue
            ranges = list(zip(*panel.peers, strict=True))
            axes.fill_between(places, [*map(min, ranges)], [*map(max, ranges)], color=FAINT, alpha=0.25, linewidth=0)
            for number, peer in enumerate(panel.peers):
                axes.plot(places, peer, color=FAINT, linewidth=0.9, alpha=0.8, label="peers" if number == 0 else None)
            axes.plot(places, panel.ours, color=COLOUR_OF_OURS, marker="o", markersize=4, linewidth=2, label=OURS)
            axes.set_title(panel.name, fontsize=STYLE["font.size"])
            axes.set_xticks(places, steps)
            axes.set_ylim(0, 1.03)
            axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:g} %")
        for below in grid[-2][len(found) - columns * (rows - 1) :] if rows > 1 else []:
            below.tick_params(labelbottom=True)  # nothing is drawn beneath it
        figure.supxlabel(axes_words[0], fontsize=STYLE["font.size"])
        figure.supylabel(axes_words[1], fontsize=STYLE["font.size"])
        handles, names = grid[0][0].get_legend_handles_labels()
        figure.legend(handles[::-1], names[::-1], loc="outside lower right", ncols=2)
    return figure
