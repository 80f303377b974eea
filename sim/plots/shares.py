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
from sim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

ROW, KEY_SIZE, KEY_LINE, KEY_GAP = 0.46, 10.0, 14.5, 13.0
# The points that a square of the key takes, by how much letters may be wider where they are drawn, and the
# points that a title of one line has above axes.
SQUARE, LOOSE, TITLE = 12.5, 1.03, 30.0
FULL, HATCHED, HATCH = "■", "▨", "////"
# The letters of a share in a bar, in points, the largest that fit.
SIZES = (9.5, 8.5, 7.5)


@dataclass(frozen=True)
class Part:
    """A part of every bar: its words, its colour, and whether it is hatched: what stands at the other end of
    a scale looks the same in grey.
    """

    name: str
    colour: str
    hatched: bool = False


def stack(ax: Axes, shares: Points, parts: Sequence[Part], *, names: Sequence[str] | None) -> None:
    """Draw shares (rows, parts), each row adding up to 1, as bars in per cent; names stand at the left."""
    ax.grid(visible=False)
    ax.spines[["top", "right", "left", "bottom"]].set_visible(False)
    rows = np.arange(len(shares))
    told = [[percent(share) for share in row] for row in shares.tolist()]
    start = np.zeros(len(shares))
    for number, (part, column) in enumerate(zip(parts, 100 * shares.T, strict=True)):
        ax.barh(
            rows,
            column,
            left=start,
            height=0.66,
            color=part.colour,
            edgecolor=PAPER,
            linewidth=0.8,
            hatch=HATCH if part.hatched else None,
            gid=part.name,
        )
        for row in np.flatnonzero(column >= 0.5):
            _tell(ax, part, told[row][number], float(start[row]), float(column[row]), int(row))
        start = start + column
    ax.set(xlim=(0, 100), ylim=(len(shares) - 0.5, -0.5), xticks=[])
    ax.set_yticks(
        rows, names if names is not None else [], fontfamily=FONTS, color=INK, linespacing=0.95, size=10.5
    )
    ax.tick_params(axis="y", length=0)


def _tell(ax: Axes, part: Part, text: str, start: float, share: float, row: int) -> None:
    """The share in figures, if they fit into their part of the bar."""
    wide = share / 100 * page_size(ax)[0]
    size = next((size for size in SIZES if text_width(text, size) + 0.3 * size <= wide), None)
    if size is None:
        return
    ink = PAPER if np.dot([0.3, 0.59, 0.11], to_rgb(part.colour)) < 0.52 else INK
    ax.text(
        start + share / 2,
        row,
        text,
        ha="center",
        va="center_baseline",
        size=size,
        color=ink,
        fontfamily=FONTS,
        bbox={"facecolor": part.colour, "edgecolor": "none", "pad": 1.5} if part.hatched else None,
    )


def key_lines(parts: Sequence[Part], wide: float) -> list[list[Part]]:
    """The parts in lines of a key that is so many points wide: as few lines as will do, and those as even as
    can be.
    """
    lines = _filled(parts, wide)
    while len(lines) > 1 and wide > 0 and len(closer := _filled(parts, wide - 4)) == len(lines):
        lines, wide = closer, wide - 4
    return lines


def _filled(parts: Sequence[Part], wide: float) -> list[list[Part]]:
    """The parts in lines, each as full as it can be."""
    lines: list[list[Part]] = [[]]
    used = 0.0
    for part in parts:
        need = LOOSE * text_width(part.name, KEY_SIZE) + SQUARE + KEY_GAP
        if lines[-1] and used + need > wide:
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
        y, before = 8 + (room - 1 - number) * KEY_LINE, None
        for part in line:
            mark = HATCHED if part.hatched else FULL
            square = _write(ax, mark, KEY_GAP if before else 0.0, y, part.colour, 12.0, after=before)
            before = _write(ax, part.name, 3.0, y, SOFT, KEY_SIZE, after=square)
    _write(ax, heading, 0, 8 + room * KEY_LINE + 3, INK, 11.5)


def make_room(ax: Axes, high: float) -> None:
    """Lower the top of axes that were given, so that a heading so many points high does not stand out of
    their place; a title of one line has room without it.
    """
    deep = page_size(ax)[1]
    spare = min(max(high - TITLE, 0.0), deep / 2)
    box = ax.get_position()
    ax.set_position((box.x0, box.y0, box.width, box.height * (1 - spare / deep)))


def _write(
    ax: Axes, text: str, x: float, y: float, colour: str, size: float, *, after: Annotation | None = None
) -> Annotation:
    """Write above axes, so many points right and up of their corner, or right of what stands before it:
    whatever the letters measure where the figure is drawn, they do not touch.
    """
    return ax.annotate(
        text,
        (1 if after else 0, 1),
        (x, y),
        xycoords=(after or "axes fraction", "axes fraction"),
        textcoords="offset points",
        color=colour,
        size=size,
        va="center_baseline",
        annotation_clip=False,
        fontfamily=["DejaVu Sans"] if text in (FULL, HATCHED) else FONTS,
    )


def occurring(shares: Points, parts: Sequence[Part]) -> tuple[Points, list[Part]]:
    """Only the parts that some row has."""
    there = shares.sum(axis=0) > 0
    return shares[:, there], [part for part, kept in zip(parts, there, strict=True) if kept]


def of_codes(codes: Points, order: Sequence[int]) -> Points:
    """The share of worlds (parts,) with each code of an order."""
    return np.array([(np.asarray(codes) == code).mean() for code in order])
