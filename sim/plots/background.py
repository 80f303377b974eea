"""The city itself, as an atlas draws it: land and water, streets and railways, and the names on them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.textpath import TextPath

from sim.history.geometry import Area, Name, Points, geometry, project
from sim.plots.style import FONTS, blend, page_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Extent = tuple[float, float, float, float]

EXTENTS: dict[str, Extent] = {
    "city": (30.152, 30.498, 59.8615, 59.9985),
    "centre": (30.2690, 30.4075, 59.9030, 59.9722),
    "palace": (30.2850, 30.3240, 59.9297, 59.9434),
}
LEVELS = {"city": 1, "centre": 2, "palace": 3}
FRAME = (30.151, 30.499, 59.861, 59.9995)

# Below this light the map is lettered for the night; above this scale (points a metre) larger.
DUSKY, CLOSE = 0.4, 0.15

# Each as it is by day and by night.
LAND = ("#f3ecdb", "#aba9b4")
WATER = ("#bcd3de", "#5f7891")
SHORE = ("#5f8497", "#33495f")
LINING = ("#8fb4c5", "#48617b")
STREET = ("#fffefa", "#c9c7cf")
KERB = ("#d8ccb2", "#8f8d99")
RAIL = ("#5f574b", "#45434c")
PARK = ("#dbe0bd", "#8f9c94")
BUILDING = ("#e2c9a6", "#96897f")
WALL = ("#b08f62", "#6d635f")
QUARTER = ("#a08f6f", "#5f5b68")
WATER_NAME = ("#3a647e", "#dde7ef")
BESIDE_WATER = ("#3a647e", "#24405c")


def draw_city(
    ax: Axes, *, extent: str | Extent = "city", light: float = 1.0, bridges: bool = True, names: bool = True
) -> Axes:
    """Draw the city of 1917 on axes in metres (see `project`), and return them.

    extent is "city", "centre", "palace" or (lon0, lon1, lat0, lat1); light is 1 by day and 0 at night. The
    land won from the sea since 1917 is drawn as water. Raises ValueError for an extent it does not know.
    """
    frame = set_extent(ax, extent)
    points = points_per_metre(ax)
    ax.set_facecolor(blend(LAND, light))
    _draw_water(ax, light, points)
    _draw_grounds(ax, light, points)
    _draw_streets(ax, light, points)
    _draw_rails(ax, light)
    if bridges:
        _draw_spans(ax, light)
    if names:
        _draw_names(ax, frame, LEVELS.get(extent, 2) if isinstance(extent, str) else 2, light, points)
    return ax


def set_extent(ax: Axes, extent: str | Extent) -> Extent:
    """Fit axes to an extent, true to scale; return it as (west, east, south, north) in metres."""
    if isinstance(extent, str) and extent not in EXTENTS:
        raise ValueError(
            f"extent: wanted one of {', '.join(EXTENTS)} or (lon0, lon1, lat0, lat1), got {extent!r}"
        )
    lon0, lon1, lat0, lat1 = EXTENTS[extent] if isinstance(extent, str) else extent
    (west, south), (east, north) = project([lon0, lon1], [lat0, lat1])
    ax.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.set_aspect("equal", adjustable="box")
    ax.apply_aspect()
    return float(west), float(east), float(south), float(north)


def points_per_metre(ax: Axes) -> float:
    """How many points of the page a metre of the city takes on these axes."""
    west, east = ax.get_xlim()
    return page_size(ax)[0] / (east - west)


def _metres(degrees: Points) -> Points:
    return project(degrees[:, 0], degrees[:, 1])


@cache
def _basins() -> tuple[Path, ...]:
    """A closed path for each body of water, its islands as holes."""
    return tuple(_closed(water) for water in geometry().water)


def _closed(area: Area) -> Path:
    return Path.make_compound_path(*(Path(_metres(ring), closed=True) for ring in area.rings))


@cache
def _shores() -> tuple[Points, ...]:
    """The outlines of the water, without the seams between its bodies and without the map's own edge."""
    shores: list[Points] = []
    for index, water in enumerate(geometry().water):
        others = [basin for other, basin in enumerate(_basins()) if other != index]
        for ring in water.rings:
            shores += _coast(_metres(ring), others)
    return tuple(shores)


def _coast(ring: Points, others: list[Path]) -> list[Points]:
    """The stretches of a ring that are shore: no water on the other side."""
    steps = np.diff(ring, axis=0)
    middles = (ring[1:] + ring[:-1]) / 2
    length = np.maximum(np.hypot(*steps.T), 1e-9)
    outward = np.stack([steps[:, 1], -steps[:, 0]], axis=1) / length[:, None]
    shore = _inside_frame(middles)
    for reach in (4.0, 14.0, 30.0):
        for basin in others:
            shore &= ~basin.contains_points(middles + reach * outward)
    cuts = np.flatnonzero(np.diff(np.concatenate([[False], shore, [False]]).astype(int)))
    return [ring[start : stop + 1] for start, stop in zip(cuts[::2], cuts[1::2], strict=True)]


def _inside_frame(points: Points) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    (west, south), (east, north) = project(FRAME[:2], FRAME[2:])
    x, y = points.T
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (x > west) & (x < east) & (y > south) & (y < north)
    return inside


def _draw_water(ax: Axes, light: float, points: float) -> None:
    basins, shores = list(_basins()), list(_shores())
    canals = [_metres(canal.points) for canal in geometry().canals]
    widths = np.array([max(canal.width_m * points, 0.7) for canal in geometry().canals])
    water, shore = blend(WATER, light), blend(SHORE, light)
    ax.add_collection(
        LineCollection(canals, colors=shore, linewidths=widths + 1.1, capstyle="round", zorder=1)
    )
    ax.add_collection(LineCollection(shores, colors=shore, linewidths=1.4, capstyle="round", zorder=1))
    ax.add_collection(PathCollection(basins, facecolor=water, edgecolor=water, linewidths=0.6, zorder=1.1))
    everything = Path.make_compound_path(*basins)
    for width, weight in ((13.0, 0.10), (8.5, 0.16), (4.5, 0.26)):
        lining = LineCollection(
            shores, colors=blend(LINING, light), alpha=weight, linewidths=width, zorder=1.2
        )
        ax.add_collection(lining)
        lining.set_clip_path(everything, ax.transData)
    ax.add_collection(LineCollection(canals, colors=water, linewidths=widths, capstyle="round", zorder=1.3))


def _draw_grounds(ax: Axes, light: float, points: float) -> None:
    for kind, colours, edges in (("park", PARK, PARK), ("building", BUILDING, WALL)):
        areas = [_closed(area) for area in geometry().grounds if area.kind == kind]
        fill, edge = blend(colours, light), blend(edges, light)
        width = min(0.8, 6 * points)
        ax.add_collection(PathCollection(areas, facecolor=fill, edgecolor=edge, linewidths=width, zorder=1.6))


def _draw_streets(ax: Axes, light: float, points: float) -> None:
    streets = sorted(geometry().streets, key=lambda street: -street.rank)
    lines = [_metres(street.points) for street in streets]
    widths = np.array([{1: 30.0, 2: 22.0, 3: 15.0}[street.rank] for street in streets]) * points
    widths = np.clip(widths, [{1: 1.3, 2: 0.8, 3: 0.5}[street.rank] for street in streets], 7.0)
    ax.add_collection(LineCollection(lines, colors=blend(KERB, light), linewidths=widths + 0.9, zorder=2))
    ax.add_collection(LineCollection(lines, colors=blend(STREET, light), linewidths=widths, zorder=2.1))


def _draw_rails(ax: Axes, light: float) -> None:
    lines = [_metres(rail.points) for rail in geometry().rails]
    ax.add_collection(LineCollection(lines, colors=blend(RAIL, light), linewidths=1.8, zorder=2.2))
    dashes = LineCollection(
        lines, colors=blend(LAND, light), linewidths=0.9, linestyles=(0, (4, 4)), zorder=2.3
    )
    ax.add_collection(dashes)


def _draw_spans(ax: Axes, light: float) -> None:
    lines = [_metres(bridge.points) for bridge in geometry().bridges]
    ax.add_collection(
        LineCollection(lines, colors=blend(RAIL, light), linewidths=3.2, zorder=2.4, capstyle="butt")
    )
    ax.add_collection(
        LineCollection(lines, colors=blend(STREET, light), linewidths=1.8, zorder=2.5, capstyle="butt")
    )


def _draw_names(ax: Axes, frame: Extent, level: int, light: float, points: float) -> None:
    west, east, south, north = frame
    for name in geometry().names:
        line = _metres(name.points)
        inside = (line[:, 0] > west) & (line[:, 0] < east) & (line[:, 1] > south) & (line[:, 1] < north)
        if name.level <= level and inside.all():
            _write_along(ax, name, line, light, points)


def _write_along(ax: Axes, name: Name, line: Points, light: float, points: float) -> None:
    """Bend a name along a line, letter by letter, as engraved maps do."""
    spaced = "  ".join(" ".join(word) for word in name.text.upper().split())
    text = spaced if name.kind == "quarter" else name.text
    size = name.size * (1.25 if points > CLOSE else 1.0) / points
    upright = name.kind in ("quarter", "street")
    font = FontProperties(family=FONTS[0], style="normal" if upright else "italic")
    letters = TextPath((0, 0), text, size=size, prop=font)
    vertices = letters.vertices.copy()
    line = _smooth(line)
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    along = vertices[:, 0] - vertices[:, 0].max() / 2 + lengths[-1] / 2
    above = vertices[:, 1] - 0.31 * size
    bent = np.stack([_reach(along, lengths, column) for column in line.T], axis=1)
    ahead = np.stack([_reach(along + size, lengths, column) for column in line.T], axis=1)
    behind = np.stack([_reach(along - size, lengths, column) for column in line.T], axis=1)
    heading = (ahead - behind) / np.hypot(*(ahead - behind).T)[:, None]
    bent += above[:, None] * np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    # Small rivers are named on land, beside the water.
    # The ink is of day or of night and nothing between: halfway it would vanish in the water.
    ink = {"quarter": QUARTER, "street": RAIL, "canal": BESIDE_WATER}.get(name.kind, WATER_NAME)
    under = WATER if name.kind == "water" else LAND
    patch = PathPatch(Path(bent, letters.codes), zorder=4, linewidth=0, gid=f"name:{name.text}")
    patch.set_facecolor(ink[0] if light > DUSKY else ink[1])
    patch.set_path_effects([withStroke(linewidth=1.6, foreground=blend(under, light), alpha=0.75)])
    ax.add_patch(patch)


def _reach(along: Points, lengths: Points, column: Points) -> Points:
    """Walk along a line, and straight on beyond its ends."""
    before = np.minimum(along, 0.0) * (column[1] - column[0]) / (lengths[1] - lengths[0])
    past = np.maximum(along - lengths[-1], 0.0) * (column[-1] - column[-2]) / (lengths[-1] - lengths[-2])
    reached: Points = np.interp(along, lengths, column) + before + past
    return reached


def _smooth(line: Points, rounds: int = 4) -> Points:
    """Round a line's corners (Chaikin), keeping its ends."""
    for _ in range(rounds):
        cut = np.stack([line[:-1] * 0.75 + line[1:] * 0.25, line[:-1] * 0.25 + line[1:] * 0.75], axis=1)
        line = np.concatenate([line[:1], cut.reshape(-1, 2), line[-1:]])
    return line
