"""What stands in the margins of the comparison figures: labels at line ends, names of rows, the small
print.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from sim.history.geometry import Points
from sim.plots.style import FONTS, finish, note, page_size
from sim.plots.worlds import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMALL = 8.2


def name_ends(
    ax: Axes, ends: Sequence[tuple[str, float, str]], *, width: int = 22, size: float = 10.5
) -> None:
    """Label lines at the right edge: (text, height in data, colour) each, folded and moved apart."""
    low, high = ax.get_ylim()
    points = page_size(ax)[1] / (high - low)
    known = [
        ([part for line in text.split("\n") for part in wrap(line, width)], height, colour)
        for text, height, colour in ends
        if np.isfinite(height)
    ]
    tall = np.array([len(lines) * size * 1.15 + 3 for lines, _, _ in known])
    heights = stacked(
        np.array([(height - low) * points for _, height, _ in known]), tall, page_size(ax)[1] + 10
    )
    for (lines, height, colour), moved in zip(known, heights, strict=True):
        note(
            ax, "\n".join(lines), (1, height), (8, moved - (height - low) * points), colour=colour, size=size
        )
        ax.texts[-1].set_linespacing(1.08)


def stacked(heights: Points, tall: Points, most: float) -> Points:
    """Heights (n,) of labels so many points tall, moved so that none lies on another or reaches below 0 or,
    if it can be, above `most`.

    >>> stacked(np.array([30.0, 0.0]), np.array([10.0, 20.0]), 32.0).tolist()
    [27.0, 10.0]
    """
    order = np.argsort(heights, kind="stable")
    moved, room = heights[order].astype(float), tall[order]
    least = (room[1:] + room[:-1]) / 2
    for _ in range(200):
        push = np.maximum(least - np.diff(moved), 0.0) / 2
        moved[1:] += push
        moved[:-1] -= push
    edge = most
    for row in range(len(room) - 1, -1, -1):
        moved[row] = min(moved[row], edge - room[row] / 2)
        edge = moved[row] - room[row] / 2
    edge = 0.0
    for row, half in enumerate(room / 2):
        moved[row] = max(moved[row], edge + half)
        edge = moved[row] + half
    result = np.empty_like(moved)
    result[order] = moved
    return result


def fold(text: str, inches: float) -> list[str]:
    """The small print in lines that fit so many inches."""
    return wrap(text, max(30, int(inches * 72 / (0.43 * SMALL))))


def small_print(ax: Axes, lines: Sequence[str], *, own: bool, below: float) -> None:
    """Write the footnote at the foot of our own figure, or so many points below given axes, folded to their
    width.
    """
    folded = list(lines) if own else fold(" ".join(lines), page_size(ax)[0] / 72)
    finish(ax, "\n".join(folded), own=own, below=below)


def text_width(text: str, size: float) -> float:
    """How wide a line of text is, in points."""
    font = FontProperties(family=FONTS[0], size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def row_names(ensembles: Sequence[str], width: int = 30) -> list[str]:
    """Names for the rows of a chart, folded to two or three lines."""
    return ["\n".join(wrap(words(name), width)) for name in ensembles]


def margin(names: Sequence[str], size: float = 10.5) -> float:
    """The inches that the names of rows ask for at the left."""
    return max(text_width(line, size) for name in names for line in name.split("\n")) / 72 + 0.45
