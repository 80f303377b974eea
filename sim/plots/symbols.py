"""The signs of the map: a shape for each kind of place, bridges up or down, fire, and the marks for men."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from sim.history.geometry import Points, geometry, project
from sim.plots.background import STREET
from sim.plots.moment import Bools, Moment, Places
from sim.plots.style import INK, PAPER, SIDES, blend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIRE, FIRE_EDGE = "#f4b731", "#7c2d10"
SPAN_REACH_M = 350.0


def _polygon(points: list[tuple[float, float]] | Points) -> Path:
    return Path(np.asarray([*points, points[0]], float), closed=True)


def _star(tips: int, inner: float) -> Path:
    turns = np.linspace(0, 2 * np.pi, 2 * tips, endpoint=False) + np.pi / 2
    radius = np.where(np.arange(2 * tips) % 2, inner, 1.0)
    return _polygon(np.stack([radius * np.cos(turns), radius * np.sin(turns)], axis=1))


def _shed() -> Path:
    arch = np.linspace(0, np.pi, 13)
    return _polygon([(1, -0.7), *zip(np.cos(arch), np.sin(arch) * 1.05 - 0.1, strict=True), (-1, -0.7)])


SHAPES: dict[str, Path] = {
    "palace, ministry, staff": _polygon([(-0.95, -0.85), (0.95, -0.85), (0.95, 0.25), (0, 1), (-0.95, 0.25)]),
    "telegraph, telephone, post": _polygon([(0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0)]),
    "bank, treasury": _polygon([(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]),
    "railway station": _shed(),
    "fortress, arsenal, prison": _star(6, 0.62),
    "works, press": Path.unit_regular_polygon(6),
    "barracks": _polygon([(-1, -0.55), (1, -0.55), (1, 0.55), (-1, 0.55)]),
    "school": _polygon([(-1, -0.7), (1, -0.7), (0, 0.95)]),
    "other": Path.unit_circle(),
}
GROUPS: dict[str, str] = {
    "palace": "palace, ministry, staff",
    "headquarters": "palace, ministry, staff",
    "telegraph": "telegraph, telephone, post",
    "telephone": "telegraph, telephone, post",
    "post": "telegraph, telephone, post",
    "bank": "bank, treasury",
    "railway_station": "railway station",
    "fortress": "fortress, arsenal, prison",
    "arsenal": "fortress, arsenal, prison",
    "prison": "fortress, arsenal, prison",
    "power_station": "works, press",
    "press": "works, press",
    "barracks": "barracks",
    "school": "school",
}
BURST = _star(9, 0.58)
HULL = _polygon([(-1.5, -0.35), (-1.1, 0.45), (1.0, 0.45), (1.7, -0.05), (1.0, -0.45), (-1.1, -0.6)])
SOLDIERS, SOLDIERS_OF_GOVERNMENT = (
    Path.unit_circle(),
    _polygon([(-0.89, -0.89), (0.89, -0.89), (0.89, 0.89), (-0.89, 0.89)]),
)
EDGES = {1: PAPER, -1: PAPER, 0: "#5d574d"}
FACES = {**SIDES, 0: "#f7f4ea"}


def radius_of_places(places: Places, grain: float) -> Points:
    """Half the size of each place's sign in points: by importance, then by kind; 0 for what has none."""
    great = np.isin(places.kinds, ["palace", "headquarters", "fortress"])
    scored = np.where(great, 7.4, 6.4)
    small = np.select([np.isin(places.kinds, ["barracks", "school", "district"])], [2.6], 1.5)
    size: Points = np.where(places.objective > 0, scored, small) * grain
    return np.where(spanned(places) >= 0, 0.0, size)


def spread(places: Places, scale: float, grain: float) -> Places:
    """The places with their signs moved apart where they would lie on one another, by as little as may be."""
    radius = radius_of_places(places, grain)
    rows = np.flatnonzero(radius > 3)
    spots, reach = places.xy[rows] * scale, radius[rows]
    least = (reach[:, None] + reach[None] + 0.5) * (1 - np.eye(len(rows)))
    for _ in range(40):
        apart = spots[:, None] - spots[None]
        away = np.hypot(apart[..., 0], apart[..., 1]) + 1e-6
        push = np.maximum(least - away, 0.0) / 2.2
        spots = spots + (apart / away[..., None] * push[..., None]).sum(axis=1)
    xy = places.xy.copy()
    xy[rows] = spots / scale
    return replace(places, xy=xy)


def radius_of_men(men: Points, grain: float) -> Points:
    """Half the size of a unit's sign in points: the area goes with the men."""
    return np.clip(0.085 * np.sqrt(men), 1.4, 7.5) * grain


def spanned(places: Places) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For every place, which bridge of the geometry it is, or -1."""
    middles = np.stack([project(*bridge.points.T).mean(axis=0) for bridge in geometry().bridges])
    away = np.hypot(*(places.xy[:, None] - middles[None]).transpose(2, 0, 1))
    match = (away.min(axis=1) < SPAN_REACH_M) & (places.kinds == "bridge") & (places.banks == "river")
    found: np.ndarray[tuple[int], np.dtype[np.int64]] = np.where(match, away.argmin(axis=1), -1)
    return found


def draw_signs(
    ax: Axes, path: Path, xy: Points, radius: Points, face: str, edge: str, *, line: float = 0.8, z: float = 6
) -> PathCollection:
    """Draw one sign at many points, its radius in points of the page whatever the scale of the map."""
    shapes = PathCollection(
        [path],
        sizes=np.asarray(radius, float) ** 2,
        offsets=xy,
        offset_transform=ax.transData,
        facecolor=face,
        edgecolor=edge,
        linewidths=line,
        zorder=z,
    )
    shapes.set_transform(IdentityTransform())
    ax.add_collection(shapes)
    return shapes


def draw_places(ax: Axes, moment: Moment, seen: Bools, grain: float) -> None:
    """Every place by kind and holder: solid the Soviet's, white-eyed the government's, else hollow."""
    places, radius = moment.places, radius_of_places(moment.places, grain)
    groups = np.array([GROUPS.get(kind, "other") for kind in places.kinds])
    shown = seen & (radius > 0) & ((places.kinds != "street") | (places.holder != 0))
    for name, path in SHAPES.items():
        for side in (0, -1, 1):
            these = shown & (groups == name) & (places.holder == side)
            if these.any():
                draw_sign(ax, path, places.xy[these], radius[these], side)
    fire = places.firing & seen
    if fire.any():
        burst = np.maximum(radius[fire], 3.0) + 6.5 * grain
        draw_signs(ax, BURST, places.xy[fire], burst, FIRE, FIRE_EDGE, line=0.9, z=5.05).set_gid("fire")


def draw_sign(ax: Axes, path: Path, xy: Points, radius: Points, side: int) -> None:
    """The sign of places in one side's hands."""
    big = bool(np.max(radius) > 3.5)
    z = 6.2 if big else 5.0
    draw_signs(ax, path, xy, radius, FACES[side], EDGES[side], line=1.0 if big else 0.5, z=z).set_gid(
        f"held:{side}"
    )
    if side == -1 and big:
        draw_signs(ax, Path.unit_circle(), xy, 0.34 * radius, PAPER, "none", line=0, z=z + 0.05)


def draw_bridges(ax: Axes, moment: Moment, scale: float, grain: float) -> None:
    """Each span down, or with a gap and its two leaves in the air, in its holder's colour."""
    places, light = moment.places, moment.light
    which = spanned(places)
    held = {int(bridge): index for index, bridge in enumerate(which) if bridge >= 0}
    for number, bridge in enumerate(geometry().bridges):
        index = held.get(number)
        side = int(places.holder[index]) if index is not None else 0
        up = bool(places.raised[index]) if index is not None else False
        lines = span(project(*bridge.points.T), up, 15.0 * grain / scale)
        draw_span(ax, lines, blend(STREET, light) if side == 0 else SIDES[side], side, grain)
        ax.collections[-1].set_gid("span:raised" if up else "span:down")


def span(ends: Points, up: bool, least: float) -> list[Points]:
    """A span's lines in metres: one from bank to bank, or two stubs and two leaves standing open."""
    middle, reach = ends.mean(axis=0), (ends[1] - ends[0]) / 2
    reach = reach * max(1.0, least / 2 / float(np.hypot(*reach)))
    a, b = middle - reach, middle + reach
    if not up:
        return [np.stack([a, b])]
    hinges = middle - 0.42 * reach, middle + 0.42 * reach
    turn = np.radians(62) * (1 if reach[0] >= 0 else -1)
    leaves = [_turned(sign * 0.5 * reach, sign * turn) for sign in (1, -1)]
    return [np.stack([a, hinges[0], hinges[0] + leaves[0]]), np.stack([b, hinges[1], hinges[1] + leaves[1]])]


def _turned(vector: Points, angle: float) -> Points:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([cos * vector[0] - sin * vector[1], sin * vector[0] + cos * vector[1]])


def draw_span(ax: Axes, lines: list[Points], deck: str, side: int, grain: float) -> None:
    """A span's lines in its holder's colour; the government's with a white line along the middle."""
    style = {"capstyle": "butt", "joinstyle": "miter"}
    edge = INK if side == 0 else PAPER
    ax.add_collection(LineCollection(lines, colors=edge, linewidths=5.0 * grain, zorder=4.5, **style))
    if side == -1:
        ax.add_collection(LineCollection(lines, colors=deck, linewidths=3.6 * grain, zorder=4.6, **style))
        ax.add_collection(LineCollection(lines, colors=PAPER, linewidths=0.9 * grain, zorder=4.7, **style))
        return
    ax.add_collection(LineCollection(lines, colors=deck, linewidths=3.6 * grain, zorder=4.6, **style))
