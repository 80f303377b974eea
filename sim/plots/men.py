"""Men on the map: who sits in quarters, who stands to arms, and the columns on the march."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.path import Path

from sim.history.geometry import Points
from sim.plots.moment import Bools, Ints, Moment
from sim.plots.sheet import Sheet
from sim.plots.style import PAPER, SIDES
from sim.plots.symbols import (
    HULL,
    SOLDIERS,
    SOLDIERS_OF_GOVERNMENT,
    draw_signs,
    radius_of_men,
    radius_of_places,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IN_QUARTERS, IN_QUARTERS_EDGE = "#e9e4d6", "#857d6f"


@dataclass(frozen=True)
class Crowd:
    """The units drawn as signs, a row each: metres, radius in points, and which unit it is."""

    xy: Points
    radius: Points
    unit: Ints


def draw_men(sheet: Sheet, which: Bools) -> Crowd:
    """Draw the units chosen by `which`: those that stand, around their places; those that march, as columns.

    Returns all of them, so that labels can keep clear.
    """
    units = sheet.moment.units
    crowd = gather(sheet, which & ~units.marching)
    afloat = units.kinds[crowd.unit] == "ship"
    side = units.side[crowd.unit]
    sympathy = np.where(side == 0, units.stance[crowd.unit], 0)
    for stands, path in ((~afloat, SOLDIERS), (afloat, HULL)):
        for leaning in (0, -1, 1):
            these = stands & (side == 0) & (sympathy == leaning)
            edge = SIDES[leaning] if leaning else IN_QUARTERS_EDGE
            shape = SOLDIERS_OF_GOVERNMENT if leaning == -1 and path is SOLDIERS else path
            line = 0.75 if leaning else 0.5
            _signs(sheet.ax, shape, crowd, these, (IN_QUARTERS, edge), line, f"in quarters:{leaning}")
        for acting in (-1, 1):
            shape = SOLDIERS_OF_GOVERNMENT if acting == -1 and path is SOLDIERS else path
            these = stands & (side == acting)
            _signs(sheet.ax, shape, crowd, these, (SIDES[acting], PAPER), 0.5, f"acting:{acting}")
    columns = np.flatnonzero(which & units.marching)
    draw_columns(sheet, columns)
    ways = units.where(sheet.moment.places)[columns]
    return Crowd(
        np.concatenate([crowd.xy, ways]),
        np.concatenate([crowd.radius, np.full(len(columns), 7.0 * sheet.grain)]),
        np.concatenate([crowd.unit, columns]),
    )


def _signs(
    ax: Axes, path: Path, crowd: Crowd, these: Bools, colours: tuple[str, str], line: float, gid: str
) -> None:
    if these.any():
        face, edge = colours
        z = 5.6 if gid.startswith("acting") else 5.2
        draw_signs(ax, path, crowd.xy[these], crowd.radius[these], face, edge, line=line, z=z).set_gid(gid)


def gather(sheet: Sheet, which: Bools) -> Crowd:
    """Find room around its place for every unit: those in action first, the larger first, near by."""
    units, places, scale = sheet.moment.units, sheet.moment.places, sheet.scale
    chosen = np.flatnonzero(which)
    order = chosen[np.lexsort([-units.men[chosen], units.side[chosen] == 0])]
    radius = radius_of_men(units.men[order].astype(float), sheet.grain)
    home = places.xy[units.place[order]] * scale
    signs = np.maximum(radius_of_places(places, sheet.grain), 1.0)
    taken = np.concatenate([places.xy * scale, np.zeros_like(home)])
    sizes = np.concatenate([signs, np.zeros(len(order))])
    count = len(places.xy)
    for at, own, clear in zip(home, radius, signs[units.place[order]], strict=True):
        taken[count] = _room(at, own + 0.5, clear + 0.8, taken[:count], sizes[:count])
        sizes[count] = own + 0.2
        count += 1
    return Crowd(taken[len(places.xy) :] / scale, radius, order)


_TURN = np.linspace(0, 2 * np.pi, 20, endpoint=False) + np.pi / 2


def _room(at: Points, own: float, clear: float, taken: Points, sizes: Points) -> Points:
    """The free spot nearest to a place for a disc of radius `own`; on the place's rim if there is none."""
    rings = clear + own + np.arange(16) * max(own * 0.9, 1.6)
    spots = at + (rings[:, None, None] * np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)[None]).reshape(
        -1, 2
    )
    near = np.hypot(*(taken - at).T) < rings[-1] + 20
    gap = np.hypot(*(spots[:, None] - taken[None, near]).transpose(2, 0, 1)) - sizes[near] - own
    free = gap.min(axis=1) >= -0.3
    best: Points = spots[int(np.argmax(free))] if free.any() else spots[0]
    return best


def draw_columns(sheet: Sheet, rows: Ints) -> None:
    """March columns: an arrow along the way, larger for more men; units that go together are one column."""
    units, places = sheet.moment.units, sheet.moment.places
    arrows: dict[int, list[Points]] = {-1: [], 0: [], 1: []}
    spots = units.where(places)
    for group in _together(sheet.moment, rows):
        first = group[0]
        way = places.xy[units.target[first]] - places.xy[units.place[first]]
        shape = arrow(spots[first], way, float(units.men[group].sum()), sheet.grain / sheet.scale)
        arrows[int(np.sign(units.stance[first]))].append(shape)
    for side, shapes in arrows.items():
        if shapes:
            column = PolyCollection(
                shapes, facecolor=SIDES[side], edgecolor=PAPER, linewidths=0.9, zorder=6.6
            )
            column.set_gid(f"march:{side}")
            sheet.ax.add_collection(column)


def _together(moment: Moment, rows: Ints) -> list[Ints]:
    """The marching units in groups that share a way, a side and, within a sixth of the way, a place on it."""
    units = moment.units
    if not rows.size:
        return []
    key = np.stack([units.place, units.target, units.stance, np.floor(units.along * 6).astype(int)], axis=1)
    _, group = np.unique(key[rows], axis=0, return_inverse=True)
    return [rows[group == number] for number in range(int(group.max()) + 1)]


def arrow(head: Points, way: Points, men: float, point: float) -> Points:
    """The outline of a march column, (corners, 2), its head at a spot; `point` is the length of a point."""
    forward = way / max(float(np.hypot(*way)), 1e-9)
    across = np.array([-forward[1], forward[0]])
    length = float(np.clip(9 + 0.3 * np.sqrt(men), 11, 28))
    half = float(np.clip(1.1 + 0.03 * np.sqrt(men), 1.4, 3.2))
    outline = np.array([(3.0, 0), (-3.0, 2.3 * half + 0.9), (-1.8, half), (-length, half * 0.8)]) * point
    upper = head + outline[:, :1] * forward + outline[:, 1:] * across
    lower = head + outline[:0:-1, :1] * forward - outline[:0:-1, 1:] * across
    return np.concatenate([upper, lower])
