"""The names on the map: which places are named, and what gives way to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.history.geometry import Points, geometry, project
from sim.plots.background import LAND
from sim.plots.labels import Label, Room, place_labels, wrapped
from sim.plots.men import Crowd
from sim.plots.moment import Bools, short_name
from sim.plots.sheet import Sheet
from sim.plots.style import blend
from sim.plots.symbols import radius_of_places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch
    from matplotlib.text import Text

NOTHING: Points = np.empty((0, 3))
SPAN_CLEAR = 6.0
COVERED = 0.06


def letter(
    sheet: Sheet, named: Bools, crowd: Crowd, *, taken: Points | None = None, size: float = 9.5
) -> None:
    """Name places, clear of the signs, of each other and, if it can be, of the men and the names of the map.

    named says of every place whether to name it; taken is room already used, (n, 3): x, y in metres, then
    points.
    """
    places, seen = sheet.moment.places, sheet.shows(sheet.moment.places.xy)
    radius = radius_of_places(places, sheet.grain)
    signs = seen & (radius > 2)
    held = np.column_stack([places.xy[signs], radius[signs]])
    men = np.column_stack([crowd.xy, crowd.radius])
    blocks = np.concatenate([_decks(sheet), NOTHING if taken is None else taken])
    room = Room(held, blocks, np.concatenate([men, _name_dots(sheet)]))
    rows = np.flatnonzero(named & seen).tolist()
    labels = [_label(sheet, row, radius[row] or SPAN_CLEAR, size) for row in rows]
    texts = place_labels(sheet.ax, labels, room, halo=blend(LAND, sheet.moment.light), scale=sheet.scale)
    _hide_covered_names(sheet, texts, np.concatenate([held, men]))


def _label(sheet: Sheet, index: int, clear: float, size: float) -> Label:
    places = sheet.moment.places
    great = places.objective[index] > 0 or sheet.scale < 0.02
    return Label(
        wrapped(short_name(places.names[index])),
        (places.xy[index, 0], places.xy[index, 1]),
        clear=float(clear),
        weight=float(clear) + 10 * (places.objective[index] == 1),
        size=size * sheet.grain**0.5 * (1.0 if great else 0.84),
        far=bool(great),
        slant=not great,
    )


def _decks(sheet: Sheet) -> Points:
    """The bridges as rows of dots, from bank to bank."""
    steps = np.linspace(0, 1, 5)[:, None]
    ends = [project(*bridge.points.T) for bridge in geometry().bridges]
    dots = np.concatenate([start + steps * (stop - start) for start, stop in ends])
    return np.column_stack([dots, np.full(len(dots), 3.2 * sheet.grain)])


def _outline(patch: Patch) -> Points:
    return np.asarray(patch.get_path().vertices, float)


def _name_dots(sheet: Sheet) -> Points:
    """The names of the map as dots that labels had better not cover."""
    step = 6 / sheet.scale
    dots = [np.unique(np.round(_outline(patch) / step), axis=0) * step for patch in _names(sheet.ax)]
    return np.concatenate([NOTHING, *(np.column_stack([spots, np.full(len(spots), 2.5)]) for spots in dots)])


def _hide_covered_names(sheet: Sheet, labels: Sequence[Text], signs: Points) -> None:
    """Take away the names of the map that a label, or signs enough, have had to cover."""
    back = sheet.ax.transData.inverted()
    texts = np.array([label.get_window_extent().transformed(back).extents for label in labels]).reshape(-1, 4)
    reach = signs[:, 2:] / sheet.scale
    boxes = np.concatenate([texts, np.concatenate([signs[:, :2] - reach, signs[:, :2] + reach], axis=1)])
    for patch in _names(sheet.ax):
        spots = _outline(patch)[:, None]
        covered = ((spots > boxes[None, :, :2]) & (spots < boxes[None, :, 2:])).all(axis=2).any(axis=1)
        patch.set_visible(bool(covered.mean() < COVERED))


def _names(ax: Axes) -> list[Patch]:
    return [patch for patch in ax.patches if str(patch.get_gid()).startswith("name:")]
