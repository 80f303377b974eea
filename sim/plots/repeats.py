"""The running estimate of a rare chance against repeats, beside what plain counting would give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sim.plots.margins import fold, name_ends, small_print
from sim.plots.style import (
    COUNTERFACTUAL,
    FONTS,
    HISTORY,
    QUIET,
    RULE,
    headline,
    new_axes,
    page_size,
    plain,
    style,
    subtitle,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, HIGH = 10.0, 5.2
LEFT, RIGHT, TOP, FOOT = 0.9, 2.3, 1.0, 0.95


def repeats(table: pd.DataFrame, *, label: str, about: str, saving: float, ax: Axes | None = None) -> Axes:
    """Draw the chance by the first repeats with its 95 % interval, the repeats alone as dots, and the range
    in which plain counting at the same cost would lie.

    table has a row a repeat: alone, chance, low, high, counted_low, counted_high (shares in 0 .. 1). Raises
    ValueError for fewer than two.
    """
    if len(table) < 2:
        raise ValueError(f"repeats: wanted two or more, got {len(table)}")
    with style():
        size = {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": FOOT}
        panel = new_axes((WIDE, HIGH), **size) if ax is None else ax
        _draw(panel, table)
        end = table.iloc[-1]
        headline(panel, _finding(label, end), pad=30, largest=18, room=1.25 if ax is None else 1.0)
        saved = f"counting would want {saving:.1f} times as many histories" if np.isfinite(saving) else ""
        subtitle(panel, f"The running estimate against repeats{'; ' * bool(saved)}{saved}.", up=11)
        lines = (
            f"{about} Shaded: 95 % interval of the mean of the repeats so far. Dashes: where plain counting "
        )
        lines += "of as many histories would lie in 95 of 100 cases, were this the chance."
        small_print(panel, fold(lines, page_size(panel)[0] / 72 + RIGHT), own=ax is None, below=42)
    return panel


def _finding(label: str, end: pd.Series[float]) -> str:
    value, low, high = (f"{100 * end[key]:.2g}" for key in ("chance", "low", "high"))
    return f"{label[:1].upper()}{label[1:]}: {value} % of histories ({low} to {high} %)"


def _draw(ax: Axes, table: pd.DataFrame) -> None:
    count = table.index.to_numpy(float)
    known = table[np.isfinite(table["low"]) & np.isfinite(table["high"])]
    of = known.index.to_numpy(float)
    ax.fill_between(
        of, 100 * known["low"], 100 * known["high"], color=COUNTERFACTUAL, alpha=0.18, lw=0, gid="sure"
    )
    ax.plot(count, 100 * table["chance"], color=COUNTERFACTUAL, lw=2.2, gid="running")
    ax.plot(count, 100 * table["alone"], "o", ms=3.6, mfc="none", mec=QUIET, mew=0.8, gid="alone")
    for key in ("counted_low", "counted_high"):
        ax.plot(count, 100 * table[key], color=HISTORY, lw=1.1, ls=(0, (4, 3)), gid="counted")
    plain(ax)
    ax.set_xlim(1, len(table))
    tall = [table["alone"], table["counted_high"], known["high"].iloc[len(known) // 4 :]]
    most = 100 * max(float(column.quantile(0.97)) for column in tall)
    ax.set_ylim(0, 1.08 * most or 1.0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("repeats", fontfamily=FONTS, color=QUIET, loc="right")
    ax.set_ylabel("% of histories", fontfamily=FONTS, color=QUIET, loc="top")
    ax.axhline(100 * float(table["chance"].iloc[-1]), color=RULE, lw=0.9, zorder=1)
    ends = [("splitting", 100 * float(table["chance"].iloc[-1]), COUNTERFACTUAL)]
    ends.append(("counting at the same cost", 100 * float(table["counted_high"].iloc[-1]), HISTORY))
    name_ends(ax, ends)
