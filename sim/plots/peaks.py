"""Peaks: how high the chance once stood in histories that were lost, beside the law of extreme paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.history.geometry import Points
from sim.plots.margins import fold, name_ends, small_print
from sim.plots.style import COUNTERFACTUAL, FONTS, HISTORY, SOFT, headline, new_axes, plain, style, subtitle
from sim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, HIGH, RIGHT = 10.0, 5.6, 2.2
READING = (
    "A peak is found on one half of the futures and valued on the other. The law is that of a chance which "
    "moves by small steps; one that jumps, or is looked at now and then, peaks less."
)


def peaks(
    lost: Points,
    law: Points,
    *,
    what: str = "it comes so",
    about: str = "",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of lost histories (worlds,) whose peak is x or more, beside the law: (2, points), x and
    share.
    """
    ordered = np.sort(lost)
    share = 100 * (1 - np.arange(len(ordered) + 1) / max(len(ordered), 1))
    lines = fold(f"{about} {READING}", WIDE - 0.6)
    with style():
        foot = 0.8 + 0.13 * len(lines)
        panel = new_axes((WIDE, HIGH), left=0.8, right=RIGHT, top=1.0, bottom=foot) if ax is None else ax
        plain(panel)
        x = 100 * np.concatenate([[0.0], ordered, [1.0]])
        panel.step(x, np.append(share, share[-1]), where="post", color=HISTORY, linewidth=2.2, gid="lost")
        panel.plot(100 * law[0], 100 * law[1], color=COUNTERFACTUAL, linestyle=(0, (5, 2)), gid="law")
        panel.set(xlim=(0, 100), ylim=(0, 103))
        ticks = [0, 25, 50, 75, 100]
        panel.set_xticks(ticks, [f"{tick} %" for tick in ticks], fontfamily=FONTS)
        panel.set_yticks(ticks, [f"{tick} %" for tick in ticks], fontfamily=FONTS)
        panel.set_xlabel(f"The best that the chance that {what} ever was", fontfamily=FONTS, color=SOFT)
        half = [float((lost >= 0.5).mean()) if len(lost) else 0.0, float(np.interp(0.5, *law))]
        said = (
            f"Of the lost histories {percent(half[0])} once stood at evens or better; luck alone makes "
            f"{percent(half[1])}"
        )
        headline(panel, title or said, pad=24, largest=18, room=(WIDE - 1.0) / (WIDE - 0.8 - RIGHT))
        subtitle(panel, "Share of lost histories whose chance was once so high", up=6)
        ends = [("lost histories", float(share[-1]), HISTORY), ("law of extreme paths", 0.0, COUNTERFACTUAL)]
        name_ends(panel, ends)
        small_print(panel, lines, own=ax is None, below=40)
    return panel
