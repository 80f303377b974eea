"""The page of the map: the panels and their places on it, frames, the scale bar, the towns beyond the rim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke

from sim.history.geometry import Points, project
from sim.plots.background import EXTENTS, LAND, Extent
from sim.plots.labels import wrapped
from sim.plots.moment import Moment, short_name
from sim.plots.sheet import Sheet
from sim.plots.style import INK, PAPER, SIDES, blend, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, MARGIN, GUTTER = 12.0, 0.3, 0.22
HEAD, FOOT = 0.98, 0.52
TALLEST, WIDEST = 7.55, 8.2

# Which panels go beside which map.
BESIDE: dict[str, tuple[str, ...]] = {"centre": ("palace", "city"), "city": ("palace",), "palace": ("city",)}
TOWNS = ["outlying_town", "naval_base", "district", "headquarters"]
VERST_M = 1066.8
TITLES = {"palace": "The palace quarter", "city": "The city and its outskirts"}


@dataclass(frozen=True)
class Plate:
    """A page with its main map, the maps beside it by extent, and room for the legend."""

    figure: Figure
    main: Axes
    extent: str | Extent
    beside: dict[str, Axes]
    legend: Axes


def plate(extent: str | Extent) -> Plate:
    """Lay out a page twelve inches wide around a main map of the given extent. All sizes here are inches."""
    width, height = _fitted(extent, WIDEST, TALLEST)
    page = height + HEAD + FOOT
    figure = new_figure((WIDTH, page))
    main = figure.add_axes((MARGIN / WIDTH, FOOT / page, width / WIDTH, height / page))
    left = MARGIN + width + GUTTER
    column = WIDTH - MARGIN - left
    top, beside = FOOT + height, {}
    for name in BESIDE.get(extent, ("city",)) if isinstance(extent, str) else ("city",):
        _, tall = _fitted(name, column, TALLEST)
        top -= tall
        beside[name] = figure.add_axes((left / WIDTH, top / page, column / WIDTH, tall / page))
        top -= GUTTER * 0.7
    legend = figure.add_axes((left / WIDTH, FOOT / page, column / WIDTH, (top - FOOT) / page))
    return Plate(figure, main, extent, beside, legend)


def _fitted(extent: str | Extent, widest: float, tallest: float) -> tuple[float, float]:
    lon0, lon1, lat0, lat1 = EXTENTS.get(extent, EXTENTS["centre"]) if isinstance(extent, str) else extent
    across, up = project(lon1, lat1) - project(lon0, lat0)
    shape = float(across / up)
    return min(widest, tallest * shape), min(tallest, widest / shape)


def neatline(sheet: Sheet, *, heavy: bool = True) -> None:
    """Frame a map as printed maps are: a line, and if heavy a second inside it with a white strip between."""
    for spine in sheet.ax.spines.values():
        spine.set(visible=True, color=INK, linewidth=1.5 if heavy else 0.8, zorder=20)
    for inset, width, colour in ((1.9, 3.4, PAPER), (3.8, 0.6, INK)) if heavy else ():
        gap = inset / sheet.scale
        low, high = sheet.frame[:2] + gap, sheet.frame[2:] - gap
        sheet.ax.add_patch(Rectangle(tuple(low), *(high - low), fill=False, ec=colour, lw=width, zorder=19))


def frame_of(ax: Axes, extent: str | Extent) -> tuple[Points, Points]:
    """Show on one map what another shows larger; return its south-west and north-east corners in metres."""
    lon0, lon1, lat0, lat1 = EXTENTS[extent] if isinstance(extent, str) else extent
    low, high = project(lon0, lat0), project(lon1, lat1)
    ax.add_patch(Rectangle(tuple(low), *(high - low), fill=False, edgecolor=INK, linewidth=0.9, zorder=7.5))
    return low, high


def caption(sheet: Sheet, text: str) -> Points:
    """A heading on a tab in the upper left corner; returns the room it takes, as `outskirts` does."""
    tab = {"facecolor": PAPER, "edgecolor": INK, "linewidth": 0.6, "boxstyle": "square,pad=0.3"}
    west, _, _, north = sheet.frame
    x, y = west + 7.5 / sheet.scale, north - 7.5 / sheet.scale
    sheet.ax.text(x, y, text, va="top", size=9.5, style="italic", bbox=tab, zorder=14)
    return _dots(_tab(sheet), sheet.scale)


def _tab(sheet: Sheet) -> Points:
    west, _, _, north = sheet.frame
    return np.array([west, north - 23 / sheet.scale, west + 128 / sheet.scale, north])


def scale_bar(sheet: Sheet) -> None:
    """A bar of kilometres with its length in versts, at the lower left."""
    west, south, east, _ = sheet.frame
    scale, ax = sheet.scale, sheet.ax
    length = max(step for step in (50, 100, 250, 500, 1000, 2000, 5000) if step <= max((east - west) / 5, 50))
    x, y = west + 16 / scale, south + 24 / scale
    for part in range(4):
        colour = INK if part % 2 == 0 else PAPER
        ax.add_patch(
            Rectangle(
                (x + part * length / 4, y), length / 4, 3.6 / scale, fc=colour, ec=INK, lw=0.6, zorder=11
            )
        )
    halo = [withStroke(linewidth=2.5, foreground=blend(LAND, sheet.moment.light))]
    metres = f"{length} m" if length < 1000 else f"{length // 1000} km"
    ax.text(x, y + 5.5 / scale, metres, size=8.5, va="bottom", path_effects=halo, zorder=11)
    versts = f"{length / VERST_M:.2g} versts"
    ax.text(x, y - 2 / scale, versts, size=8.5, va="top", style="italic", path_effects=halo, zorder=11)


def outskirts(sheet: Sheet, *, most: int = 9) -> Points:
    """Point from the rim of a map to the towns beyond it, nearest first, with the men there who act.

    Returns the room taken, (n, 3): x, y in metres and a radius in points.
    """
    places, frame, scale = sheet.moment.places, sheet.frame, sheet.scale
    away = places.xy - (frame[:2] + frame[2:]) / 2
    half = (frame[2:] - frame[:2]) / 2
    share = np.abs(away / half).max(axis=1)
    beyond = np.flatnonzero((share > 1.0) & np.isin(places.kinds, TOWNS))
    boxes = [_tab(sheet)]
    for index in beyond[np.argsort(np.hypot(*away[beyond].T))]:
        tip = places.xy[index] - away[index] + away[index] / share[index] * (1 - 8 / scale / half)
        name = wrapped(_with_men(sheet.moment, int(index)), 13)
        box = _beside(tip, away[index], name, scale, frame)
        apart = all(np.any((box[:2] > other[2:]) | (box[2:] < other[:2])) for other in boxes)
        if apart and len(boxes) < 2 * most:
            boxes += [box, np.concatenate([tip - 6 / scale, tip + 6 / scale])]
            _point_out(sheet, tip, away[index], int(places.holder[index]))
            _write_in(sheet, box, name)
    return np.concatenate([_dots(box, scale) for box in boxes])


def _with_men(moment: Moment, place: int) -> str:
    there = (moment.units.place == place) & (moment.units.side != 0)
    men = int(moment.units.men[there].sum())
    return short_name(moment.places.names[place]) + (f" {men:,}" if men else "")


def _beside(tip: Points, away: Points, name: str, scale: float, frame: Points) -> Points:
    """The box of a town's name, in metres: inward of its arrow, and inside the frame."""
    lines = name.split("\n")
    size = np.array([3.9 * max(map(len, lines)) + 4, 9.0 * len(lines)]) / scale
    inward = -np.sign(away) * np.where(np.abs(away) == np.abs(away).max(), 1, 0)
    centre = tip + inward * (size / 2 + 5.5 / scale)
    edge = size / 2 + 6 / scale
    centre = np.clip(centre, frame[:2] + edge, frame[2:] - edge)
    return np.concatenate([centre - size / 2, centre + size / 2])


def _dots(box: Points, scale: float) -> Points:
    across = np.arange(box[0], box[2] + 8 / scale, 8 / scale)
    return np.column_stack(
        [across, np.full((len(across), 2), [(box[1] + box[3]) / 2, (box[3] - box[1]) * scale / 2])]
    )


def _point_out(sheet: Sheet, tip: Points, away: Points, side: int) -> None:
    ahead = away / np.hypot(*away)
    across = np.array([-ahead[1], ahead[0]])
    corners = tip + np.array([5 * ahead, 3.6 * across - 3 * ahead, -3.6 * across - 3 * ahead]) / sheet.scale
    colour = SIDES[side] if side else PAPER
    sheet.ax.add_patch(Polygon(corners, facecolor=colour, edgecolor=INK, linewidth=0.6, zorder=13, gid="rim"))


def _write_in(sheet: Sheet, box: Points, name: str) -> None:
    halo = [withStroke(linewidth=2, foreground=blend(LAND, sheet.moment.light))]
    style: dict[str, Any] = {
        "size": 7.8,
        "style": "italic",
        "linespacing": 0.95,
        "ha": "center",
        "va": "center",
    }
    x, y = (box[:2] + box[2:]) / 2
    sheet.ax.text(x, y, name, path_effects=halo, zorder=13, gid="rim", **style)
