"""Shares of the worlds as stacked bars, a row a scenario, with a key of coloured squares above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_rgb

from sim.history.geometry import Points
from sim.plots.margins import text_width
from sim.plots.style import FONTS, INK, PAPER, SOFT, page_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, KEY_SIZE, KEY_LINE = 0.46, 10.0, 14.5


@dataclass(frozen=True)
class Part:
    """A part of every bar: its words and its colour."""

    name: str
    colour: str


def stack(ax: Axes, shares: Points, parts: Sequence[Part], *, names: Sequence[str] | None) -> None:
    """Draw shares (rows, parts), each row adding up to 1, as bars in per cent; names stand at the left."""
    ax.grid(visible=False)
    ax.spines[["top", "right", "left", "bottom"]].set_visible(False)
    rows = np.arange(len(shares))
    start = np.zeros(len(shares))
    for part, column in zip(parts, 100 * shares.T, strict=True):
        ax.barh(
            rows,
            column,
            left=start,
            height=0.66,
            color=part.colour,
            edgecolor=PAPER,
            linewidth=0.8,
            gid=part.name,
        )
        for row in np.flatnonzero(column > 0):
            _tell(ax, part, float(start[row]), float(column[row]), int(row))
        start = start + column
    ax.set(xlim=(0, 100), ylim=(len(shares) - 0.5, -0.5), xticks=[])
    ax.set_yticks(
        rows, names if names is not None else [], fontfamily=FONTS, color=INK, linespacing=0.95, size=10.5
    )
    ax.tick_params(axis="y", length=0)


def _tell(ax: Axes, part: Part, start: float, share: float, row: int) -> None:
    """The share in figures, if they fit into their part of the bar."""
    text = f"{share:.0f} %"
    wide = share / 100 * page_size(ax)[0]
    if text_width(text, 9.5) + 5 > wide:
        text = f"{share:.0f}"
    if text_width(text, 9.5) + 3 > wide:
        return
    ink = PAPER if np.dot([0.3, 0.59, 0.11], to_rgb(part.colour)) < 0.52 else INK
    ax.text(
        start + share / 2, row, text, ha="center", va="center_baseline", size=9.5, color=ink, fontfamily=FONTS
    )


def key_lines(parts: Sequence[Part], wide: float) -> list[list[Part]]:
    """The parts in lines of a key that is so many points wide."""
    lines: list[list[Part]] = [[]]
    used = 0.0
    for part in parts:
        need = text_width(part.name, KEY_SIZE) + 28
        if lines[-1] and used + need > wide + 14:
            lines.append([])
            used = 0.0
        lines[-1].append(part)
        used += need
    return lines


def key(ax: Axes, parts: Sequence[Part], heading: str, *, lines: int | None = None) -> None:
    """Write a heading and a key above bars; lines, if given, is the room kept so that headings of panels are
    level.
    """
    folded = key_lines(parts, page_size(ax)[0])
    room = lines or len(folded)
    for number, line in enumerate(folded):
        x, y = 0.0, 8 + (room - 1 - number) * KEY_LINE
        for part in line:
            _write(ax, "■", x, y, part.colour, 12.0)
            _write(ax, part.name, x + 12, y, SOFT, KEY_SIZE)
            x += text_width(part.name, KEY_SIZE) + 28
    _write(ax, heading, 0, 8 + room * KEY_LINE + 3, INK, 11.5)


def _write(ax: Axes, text: str, x: float, y: float, colour: str, size: float) -> None:
    ax.annotate(
        text,
        (0, 1),
        (x, y),
        xycoords="axes fraction",
        textcoords="offset points",
        color=colour,
        size=size,
        va="center_baseline",
        annotation_clip=False,
        fontfamily=["DejaVu Sans"] if text == "■" else FONTS,
    )


def occurring(shares: Points, parts: Sequence[Part]) -> tuple[Points, list[Part]]:
    """Only the parts that some row has."""
    there = shares.sum(axis=0) > 0
    return shares[:, there], [part for part, kept in zip(parts, there, strict=True) if kept]


def of_codes(codes: Points, order: Sequence[int]) -> Points:
    """The share of worlds (parts,) with each code of an order."""
    return np.array([(np.asarray(codes) == code).mean() for code in order])
