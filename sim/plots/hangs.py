"""What an answer hangs on: two ladders, the shares of its variance over the priors, and what each thing in
doubt is worth to know.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.plots.margins import fold
from sim.plots.style import (
    COUNTERFACTUAL,
    FONTS,
    HISTORY,
    INK,
    QUIET,
    RULE,
    footnote,
    new_figure,
    plain,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, ROW, TOP, FOOT, NAMES, GUTTER = 13.0, 0.43, 1.5, 1.05, 2.75, 0.35
MOST, LETTERS = 12, 40


def hangs(shares: pd.DataFrame, knowing: pd.DataFrame, *, asked: str, about: str) -> Figure:
    """Draw both ladders, the largest at the top, with 95 % intervals; hollow and grey where the interval has
    nought in it.

    shares has a row an input: label, total, total_low, total_high, first; knowing has label, value,
    value_low, value_high, of which the first dozen are drawn, in thousandths.
    """
    best = knowing.head(MOST)
    with style():
        rows = max(len(shares), len(best), 2)
        size = (WIDE, TOP + FOOT + ROW * rows)
        figure = new_figure(size)
        wide = (WIDE - 2 * NAMES - GUTTER - 0.3) / 2
        high, low = ROW * rows / size[1], FOOT / size[1]
        left = figure.add_axes((NAMES / WIDE, low, wide / WIDE, high))
        right = figure.add_axes(((2 * NAMES + wide + GUTTER) / WIDE, low, wide / WIDE, high))
        _ladder(left, shares, "total", 1.0, rows)
        left.plot(shares["first"], np.arange(len(shares)), "|", color=INK, ms=11, mew=1.6, gid="first")
        _ladder(right, best, "value", 1000.0, rows)
        _title(left, "Over the priors", "share of the variance, alone (stroke) and with others")
        _title(right, "Worth to know", "fall of the mean squared error, thousandths")
        head = f"What it hangs on: {asked}"
        figure.text(0.025, 1 - 0.2 / size[1], head, va="top", size=18, color=INK, fontfamily=FONTS)
        tail = (
            "Points: without luck, which two halves of the worlds tell apart; bars: 95 % of bootstrap draws. "
        )
        tail += (
            "Hollow: nought within error. Left: all priors. Right: the sets that the record leaves plausible."
        )
        footnote(figure, "\n".join(fold(f"{about} {tail}", WIDE - 0.6)))
    return figure


def _ladder(ax: Axes, table: pd.DataFrame, key: str, scale: float, rows: int) -> None:
    """Points and intervals, a row an input, its label at the left."""
    plain(ax, grid="x")
    for row, (_, it) in enumerate(table.iterrows()):
        value, low, high = (scale * float(it[end]) for end in (key, f"{key}_low", f"{key}_high"))
        colour = COUNTERFACTUAL if low > 0 else QUIET
        ax.plot(
            [low, high], [row, row], color=colour, lw=2.2, solid_capstyle="butt", zorder=3, gid="interval"
        )
        face = colour if low > 0 else ax.get_facecolor()
        ax.plot([value], [row], "o", ms=7, color=colour, mfc=face, zorder=4, gid="share")
        ax.axhline(row, color=RULE, lw=0.5, ls=(0, (1, 3)), zorder=1)
    ax.axvline(0, color=HISTORY, lw=0.9, zorder=2)
    ax.set_ylim(rows - 0.4, -0.6)
    names = ["\n".join(wrap(_short(str(label)), LETTERS)) for label in table["label"]]
    ax.set_yticks(range(len(table)), names, fontfamily=FONTS, color=INK, size=9.5, linespacing=0.95)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _short(label: str) -> str:
    """A label that two lines hold."""
    lines = wrap(label.partition(":")[0].partition("(")[0].strip(), LETTERS)
    return " ".join(lines) if len(lines) < 3 else f"{lines[0]} {lines[1][: LETTERS - 4]} ..."


def _title(ax: Axes, text: str, below: str) -> None:
    ax.set_title(text, loc="left", fontsize=14, pad=24, fontfamily=FONTS)
    ax.annotate(
        below, (0, 1), (0, 9), xycoords="axes fraction", textcoords="offset points", size=10.5, color=QUIET
    )
