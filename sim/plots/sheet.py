"""A sheet: axes with the city drawn on them at a minute, at a known scale, ready for signs and names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.history.geometry import Points
from sim.plots.background import Extent, draw_city, points_per_metre
from sim.plots.moment import Bools, Moment
from sim.plots.symbols import draw_bridges, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Points of the page to a metre on the map of the centre; signs grow and shrink from there, but more slowly.
CENTRE_SCALE = 0.072


@dataclass(frozen=True)
class Sheet:
    """A drawn map: its axes, the minute it shows, points of the page per metre, and the size of its signs."""

    ax: Axes
    moment: Moment
    scale: float
    grain: float

    @property
    def frame(self) -> Points:
        """West, south, east and north of the sheet, in metres."""
        (west, east), (south, north) = self.ax.get_xlim(), self.ax.get_ylim()
        return np.array([west, south, east, north])

    def shows(self, xy: Points) -> Bools:
        """Which points, (n, 2) in metres, lie on the sheet."""
        frame = self.frame
        return np.asarray(((xy > frame[:2]) & (xy < frame[2:])).all(axis=1))


def lay(ax: Axes, moment: Moment, extent: str | Extent, *, names: bool = True) -> Sheet:
    """Draw the city on axes, light or dark as the hour is, and its bridges as they stand."""
    draw_city(ax, extent=extent, light=moment.light, bridges=False, names=names)
    scale = points_per_metre(ax)
    ratio = scale / CENTRE_SCALE
    grain = float(np.clip(ratio ** (0.35 if ratio < 1 else 0.2), 0.55, 1.4))
    moment = replace(moment, places=spread(moment.places, scale, grain))
    draw_bridges(ax, moment, scale, grain)
    return Sheet(ax, moment, scale, grain)
