"""The typical history: of many that end as most do and are no bloodier, the one least far from the others,
whatever the record says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim import clock, history

WORLDS = 200
APART = ("palace_falls", "congress_opens", "walkout")  # hours beside those of captures
CAP = 6.0  # hours: further apart is as far as one that happens from one that does not


@dataclass(frozen=True)
class Typical:
    """A history chosen out of many: its world, how far it lies from the others on average, and how far the
    others do, in hours.
    """

    world: int
    hours: float
    usual: float
    measures: int

    def __str__(self) -> str:
        return (
            f"World {self.world} of {WORLDS} under seed 1917, chosen as the least far from the others of "
            "those that end as most do and cost as many lives as their middle half, "
            f"whatever the record says: {self.hours:.2f} h on average over {self.measures} hours "
            f"(documented captures, fall of the palace, congress, walk-out; {CAP:g} h at most), where the "
            f"middle history lies {self.usual:.2f} h apart."
        )


def event_of(data: xr.Dataset) -> str:
    """The event whose histories they are, by its first minute."""
    start = data.attrs["start"]
    return next(name for name, (first, _) in clock.EVENTS.items() if first.isoformat() == start)


def captures_of(event: str) -> list[tuple[str, str]]:
    """The places that the record of an event has taken, and by which side."""
    tokens = {
        token
        for row in history.load(event=event).record.values()
        for token in row.observable
        if token.startswith("capture:") and row.start >= clock.EVENTS[event][0]
    }
    return sorted((place, side) for _, place, side in (token.split(":") for token in tokens))


def hours_of(data: xr.Dataset) -> NDArray[np.float64]:
    """The hours that histories are told apart by: (worlds, hours), minutes from the start / 60, inf for
    never.
    """
    sides = {"government": 0, "soviet": 1}
    places = [str(name) for name in data["place"].values]
    captures = sorted((places.index(place), sides[side]) for place, side in captures_of(event_of(data)))
    taken = [data["captured_at"].values[:, place, side] for place, side in captures]
    apart = [data[name].values for name in APART]
    return np.stack([*taken, *apart], axis=1).astype(float) / 60


def documented_of(data: xr.Dataset, hours: Mapping[str, datetime]) -> NDArray[np.float64]:
    """The same hours as the record has them (hours,), out of the documented ones by token; inf for never."""
    event = event_of(data)
    places, start = [str(name) for name in data["place"].values], clock.EVENTS[event][0]
    captures = sorted((places.index(place), side) for place, side in captures_of(event))
    seats = [p.id for p in history.load(event=event).places.values() if "seat_government" in p.roles]
    tokens = [f"capture:{places[place]}:{side}" for place, side in captures]
    tokens += [f"capture:{seats[0]}:soviet", "event:congress_open", "event:walkout"]
    found = [hours.get(token) for token in tokens]
    return np.array([np.inf if when is None else clock.minutes(when, start) / 60 for when in found])


def typical(data: xr.Dataset) -> Typical:
    """The world of an ensemble whose hours lie least far, on average, from those of the others, out of those
    that end as most do and whose killed lie between the quartiles.

    Two hours that lie more than CAP apart, or of which one never comes, count as CAP.
    """
    hours = np.minimum(hours_of(data), 1e6)  # never: further than the cap from any hour, and not from itself
    apart = np.zeros((len(hours), len(hours)))
    for column in hours.T:
        apart += np.minimum(np.abs(column[:, None] - column[None, :]), CAP)
    mean = apart.sum(axis=1) / (max(len(hours) - 1, 1) * hours.shape[1])
    chosen = int(np.argmin(np.where(usual_of(data), mean, np.inf)))
    world = int(data["world"].values[chosen])
    return Typical(world, float(mean[chosen]), float(np.median(mean)), hours.shape[1])


def usual_of(data: xr.Dataset) -> NDArray[np.bool_]:
    """Which histories end as most do, and cost as many lives as the middle half of those: (worlds,)."""
    endings, counts = np.unique(data["ending"].values, return_counts=True)
    ends = data["ending"].values == endings[np.argmax(counts)]
    killed = data["killed_soviet"].values + data["killed_government"].values
    low, high = np.quantile(killed[ends], (0.25, 0.75))
    return np.asarray(ends & (killed >= low) & (killed <= high))
