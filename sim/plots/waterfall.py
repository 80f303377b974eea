"""The waterfall: from the chance before anybody had decided to what came, by decisions and by luck."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.names import capital
from sim.plots.margins import fold, margin, small_print
from sim.plots.style import (
    COUNTERFACTUAL,
    FONTS,
    HISTORY,
    INK,
    NEITHER,
    QUIET,
    headline,
    new_axes,
    note,
    plain,
    style,
    subtitle,
)
from sim.plots.worlds import signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, RIGHT, TOP, ROW = 12.0, 1.5, 1.0, 0.46
READING = (
    "A decision counts as the chance after the course that was taken less the mean after all of its courses, "
    "on the same luck; the whole of it adds up. Lines: 95 % intervals."
)


def waterfall(
    steps: pd.DataFrame,
    prior: float,
    result: float,
    *,
    what: str = "it comes so",
    about: str = "",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how a chance goes from a prior to a result: a floating bar a step, with its number and interval.

    steps is `Parts.steps` (what, part, low, high), which with the prior adds up to the result.
    """
    names = ["before anybody had decided", *map(str, steps["what"]), "as it happened"]
    labels = ["\n".join(wrap(name, 44)) for name in names]
    lines = fold(f"{about} {READING}", WIDE - 0.6)
    with style():
        foot = 0.72 + 0.13 * len(lines)
        size = (WIDE, TOP + ROW * len(names) + foot)
        left = margin(labels)
        panel = new_axes(size, left=left, right=RIGHT, top=TOP, bottom=foot) if ax is None else ax
        plain(panel, grid="x")
        _bars(panel, steps, prior, result)
        panel.set_yticks(
            np.arange(len(names)), labels, fontfamily=FONTS, color=INK, size=10.5, linespacing=0.95
        )
        panel.tick_params(axis="y", length=0)
        room = (WIDE - 0.6) / (WIDE - left - RIGHT) if ax is None else 1.2
        headline(panel, title or finding(steps, prior, result), pad=24, largest=18, room=room)
        subtitle(panel, f"Chance that {what}, per cent", up=6)
        small_print(panel, lines, own=ax is None, below=26)
        if ax is None:
            _outdent(panel, left)
    return panel


def finding(steps: pd.DataFrame, prior: float, result: float) -> str:
    """The larger of the two: what decisions did, or luck."""
    lucky = steps["what"].isin(["the opening", "luck from the opening on"])
    luck, decided = (float(steps["part"][rows].sum()) for rows in (lucky, ~lucky))
    more = "luck" if abs(luck) > abs(decided) else "decisions"
    return (
        f"{capital(more)} did more: decisions {signed(100 * decided)} points, luck {signed(100 * luck)}, "
        f"from {signed(100 * prior).lstrip('+')} % to {100 * result:.0f} %"
    )


def _outdent(ax: Axes, left: float) -> None:
    """Let title and subtitle begin at the edge of the page."""
    box = ax.get_position()
    back = -(left - 0.3) / (WIDE * box.width)
    ax._left_title.set_position((back, 1.0))  # type: ignore[attr-defined]
    for text in ax.texts:
        if text.get_gid() is None and text.get_text().startswith("Chance that"):
            text.xy = (back, 1)  # type: ignore[attr-defined]


def _bars(ax: Axes, steps: pd.DataFrame, prior: float, result: float) -> None:
    ends = 100 * np.cumsum([prior, *steps["part"]])
    ax.barh(0, ends[0], height=0.6, color=NEITHER, gid="prior")
    row, numbers = 0, steps[["part", "low", "high"]].to_numpy(float)
    for row, (step, start) in enumerate(zip(numbers, ends, strict=False), 1):
        part, *doubt = (100 * float(value) for value in step)
        colour = HISTORY if part >= 0 else COUNTERFACTUAL
        ax.barh(row, part, left=start, height=0.6, color=colour, gid="step")
        ax.plot([start] * 2, [row - 1.3, row + 0.3], color=QUIET, linewidth=0.7, zorder=1)
        digits = int(0 < abs(part) < 0.95)
        note(ax, f"{signed(part, digits)}", (1, row), (10, 0), colour=colour, size=10.5)
        if np.isfinite(doubt[0]):
            reach = [start + float(end) for end in doubt]
            ax.plot(reach, [row] * 2, color=QUIET, linewidth=1.4, zorder=4, gid="interval")
    last = row + 1
    ax.plot([ends[-1]] * 2, [row - 0.3, last + 0.3], color=QUIET, linewidth=0.7, zorder=1)
    ax.barh(last, 100 * result, height=0.6, color=NEITHER, gid="result")
    for at, value in ((0, prior), (last, result)):
        note(ax, f"{signed(100 * value).lstrip('+')} %", (1, at), (10, 0), colour=INK, size=10.5)
    low, high = min(0.0, float(ends.min())), max(100 * result, float(ends.max()), 1.0)
    ax.set_xlim(low - 0.04 * (high - low) * (low < 0), high + 0.04 * (high - low))
    ax.set_ylim(last + 0.5, -0.5)
    ax.axvline(0, color=QUIET, linewidth=0.7)
