"""The key to the map, and its tally: every sign with what it stands for and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.path import Path

from sim.plots.men import IN_QUARTERS, IN_QUARTERS_EDGE, arrow
from sim.plots.moment import Moment
from sim.plots.sheet import Sheet
from sim.plots.style import PAPER, QUIET, SIDES, page_size
from sim.plots.symbols import (
    BURST,
    FIRE,
    FIRE_EDGE,
    SHAPES,
    SOLDIERS,
    SOLDIERS_OF_GOVERNMENT,
    draw_sign,
    draw_signs,
    draw_span,
    radius_of_men,
    span,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE, INDENT, STRIP, WIDE = 13.0, 27.0, 32.0, 215.0
Draw = Callable[["Axes", float, float], None]


@dataclass(frozen=True)
class Entry:
    """A line of the key; a heading has no sign."""

    text: str
    draw: Draw | None = None


def draw_legend(ax: Axes, moment: Moment) -> None:
    """Fill axes with the whole key, in one column or, where they are wide, in two."""
    width, height = page_size(ax)
    left, right = [*_holders(moment), *_men(moment)], [*_signs(), *_others()]
    wide = width > WIDE
    line = min(LINE, height / (max(len(left), len(right)) if wide else len(left) + len(right)))
    _open(ax, width, height)
    for number, entry in enumerate(left + right):
        second = wide and number >= len(left)
        row = number - len(left) if second else number
        _draw(ax, entry, width * 0.515 if second else 0.0, height - (row + 0.6) * line)


def draw_strip(sheet: Sheet) -> float:
    """Put a short key, holders and men, under a map that stands alone; return how deep it is in points."""
    west, south, east, north = sheet.frame * sheet.scale
    width = east - west
    strip = sheet.ax.inset_axes((0, -STRIP / (north - south), 1, STRIP / (north - south)))
    _open(strip, width, STRIP)
    entries = [*_holders(sheet.moment)[1:], *_men(sheet.moment)[1:4]]
    for number, entry in enumerate(entries):
        x = (0.0, 0.31, 0.69)[number % 3] * width
        _draw(strip, entry, x, STRIP - 12 - number // 3 * LINE, size=min(9.0, width / 38))
    return STRIP


def _open(ax: Axes, width: float, height: float) -> None:
    ax.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
    ax.set_axis_off()


def _draw(ax: Axes, entry: Entry, x: float, y: float, size: float = 8.8) -> None:
    if entry.draw is None:
        ax.text(x, y, entry.text, size=9.5, style="italic", color=QUIET, va="center_baseline")
        return
    entry.draw(ax, x + INDENT / 2, y)
    ax.text(x + INDENT, y, entry.text, size=size, va="center_baseline")


def _place(name: str, side: int, radius: float = 5.2) -> Draw:
    def draw(ax: Axes, x: float, y: float) -> None:
        draw_sign(ax, SHAPES[name], np.array([[x, y]]), np.array([radius]), side)

    return draw


def _disc(path: Path, face: str, edge: str, *men: int) -> Draw:
    def draw(ax: Axes, x: float, y: float) -> None:
        for number, radius in enumerate(radius_of_men(np.array(men, float), 1.0)):
            spot = np.array([[x + (number - (len(men) - 1) / 2) * 7 - 1, y]])
            draw_signs(ax, path, spot, np.array([radius]), face, edge, line=0.6)

    return draw


def _holders(moment: Moment) -> list[Entry]:
    of, quarter = moment.count(), moment.count(2)
    rows = [Entry("Holders: city, palace quarter")]
    for side, who in ((1, "Soviet"), (-1, "government"), (0, "neither")):
        text = f"{who}: {moment.held(side)} of {of}, {moment.held(side, 2)} of {quarter}"
        rows.append(Entry(text, _place("palace, ministry, staff", side)))
    return rows


def _men(moment: Moment) -> list[Entry]:
    def march(ax: Axes, x: float, y: float) -> None:
        shape = arrow(np.array([x + 7, y]), np.array([1.0, 0]), 600, 0.9)
        ax.add_collection(PolyCollection([shape], facecolor=SIDES[1], edgecolor=PAPER, linewidths=0.8))

    def willing(ax: Axes, x: float, y: float) -> None:
        _disc(SOLDIERS, IN_QUARTERS, SIDES[1], 1000)(ax, x - 4, y)
        _disc(SOLDIERS_OF_GOVERNMENT, IN_QUARTERS, SIDES[-1], 1000)(ax, x + 4, y)

    return [
        Entry("Men, in the city"),
        Entry(f"for the Soviet: {moment.men(1):,}", _disc(SOLDIERS, SIDES[1], PAPER, 1000)),
        Entry(
            f"for the government: {moment.men(-1):,}", _disc(SOLDIERS_OF_GOVERNMENT, SIDES[-1], PAPER, 1000)
        ),
        Entry(f"in quarters: {moment.men(0):,}", _disc(SOLDIERS, IN_QUARTERS, IN_QUARTERS_EDGE, 1000)),
        Entry("willing, but in quarters", willing),
        Entry("100, 500, 2,000 men", _disc(SOLDIERS, IN_QUARTERS, IN_QUARTERS_EDGE, 100, 500, 2000)),
        Entry("on the march", march),
    ]


def _signs() -> list[Entry]:
    small = {"barracks", "school"}
    return [Entry(name, _place(name, 0, 2.6 if name in small else 5.2)) for name in SHAPES if name != "other"]


def _others() -> list[Entry]:
    def bridge(up: bool) -> Draw:
        def draw(ax: Axes, x: float, y: float) -> None:
            lines = span(np.array([[x - 9, y - 1.5], [x + 9, y - 1.5]]), up, 0.0)
            draw_span(ax, lines, PAPER, 0, 0.6)

        return draw

    def fire(ax: Axes, x: float, y: float) -> None:
        draw_signs(ax, BURST, np.array([[x, y]]), np.array([6.0]), FIRE, FIRE_EDGE)

    return [
        Entry("bridge down", bridge(False)),
        Entry("bridge raised", bridge(True)),
        Entry("under fire", fire),
    ]
