"""The city at one minute of one history: where everybody and everything is, ready to be drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.clock import TimeError, daylight, label, parse
from sim.history.geometry import Points, project

if TYPE_CHECKING:
    import xarray as xr

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Places:
    """What is known of every place at the minute, a row a place; `xy` in metres."""

    ids: Words
    names: Words
    kinds: Words
    banks: Words
    objective: Ints
    xy: Points
    holder: Ints
    raised: Bools
    firing: Bools

    @cached_property
    def town(self) -> Bools:
        """The places inside the city."""
        return np.asarray(self.banks != "outlying")


@dataclass(frozen=True)
class Units:
    """What every unit is doing at the minute, a row a unit; a unit that is gone has no row."""

    kinds: Words
    men: Ints
    stance: Ints
    active: Bools
    place: Ints
    target: Ints
    along: Points
    duty: Words

    @cached_property
    def side(self) -> Ints:
        """Whom the unit is acting for: 0 for everyone who is not in action, whatever he thinks."""
        return np.where(self.active, self.stance, 0)

    @cached_property
    def marching(self) -> Bools:
        """The units between two places."""
        return self.target >= 0

    def where(self, places: Places) -> Points:
        """Metres, a row a unit: its place, or the point of the way it has reached."""
        start, end = places.xy[self.place], places.xy[np.where(self.marching, self.target, self.place)]
        spot: Points = start + np.clip(self.along, 0, 1)[:, None] * (end - start)
        return spot


@dataclass(frozen=True)
class Moment:
    """One minute of one history."""

    time: datetime
    places: Places
    units: Units

    @property
    def light(self) -> float:
        """Daylight, 0 to 1."""
        return daylight(self.time)

    def held(self, side: int, objective: int = 1) -> int:
        """How many objectives a side holds: 1 in the city, 2 in the palace quarter."""
        return int(np.sum((self.places.objective == objective) & (self.places.holder == side)))

    def count(self, objective: int = 1) -> int:
        """How many objectives there are."""
        return int(np.sum(self.places.objective == objective))

    def men(self, side: int) -> int:
        """How many men inside the city act for a side."""
        inside = self.places.town[self.units.place]
        return int(self.units.men[inside & (self.units.side == side)].sum())

    def headline(self) -> str:
        """The hour, and who holds how much of the city and of the palace quarter at it."""
        city = _much(self.held(1), self.count(), "the city")
        quarter = _much(self.held(-1, 2), self.count(2), "the palace quarter")
        return f"{label(self.time)}: the Soviet holds {city}, the government {quarter}"

    def sentence(self) -> str:
        """The minute in numbers: the objectives, the palace quarter, the men in action, the bridges."""
        quarter = (
            f"The Soviet holds {_share(self.held(1), self.count())} objectives, the government "
            f"{_share(self.held(-1, 2), self.count(2))} places of the palace quarter."
        )
        soviet, government = (f"{self.men(side):,}" if self.men(side) else "no" for side in (1, -1))
        acting = f"{soviet.capitalize()} men act for the Soviet, {government} for the government."
        up = [short_name(name) for name in self.places.names[self.places.raised]]
        bridges = f" Raised: {', '.join(up)}." if up else " All bridges are down."
        return f"{quarter} {acting}{bridges}"


def _much(part: int, of: int, what: str) -> str:
    """How much of something is held, in words."""
    if part == of:
        return what if of else f"nothing of {what}"
    words = ("nothing of", "little of", "a part of", "most of")
    return f"{words[0 if not part else 1 if part <= of / 4 else 2 if part <= of / 2 else 3]} {what}"


def _share(part: int, of: int) -> str:
    return f"all {of}" if part == of else f"none of the {of}" if part == 0 else f"{part} of the {of}"


def look(data: xr.Dataset, time: str | datetime, world: int = 0) -> Moment:
    """Read one minute of one world from a run's data.

    world is a position, not a label. Raises TimeError for a time outside the data, IndexError for a world
    that is not in them.
    """
    when = parse(time)
    first, last = (datetime.fromisoformat(str(data.time.values[end])[:19]) for end in (0, -1))
    if not first <= when <= last:
        raise TimeError(f"wanted a time from '{label(first)}' to '{label(last)}', got {time!r}")
    now = data.isel(world=world).sel(time=np.datetime64(when), method="pad")
    return Moment(when, _places(now), _units(now))


def _places(now: xr.Dataset) -> Places:
    return Places(
        ids=_words(now.place),
        names=_words(now.place_name),
        kinds=_words(now.place_kind),
        banks=_words(now.bank),
        objective=np.asarray(now.objective.values, int),
        xy=project(now.lon.values, now.lat.values),
        holder=np.asarray(now.holder.values, int),
        raised=np.asarray(now.raised.values, bool),
        firing=np.asarray(now.firing.values, bool),
    )


def _units(now: xr.Dataset) -> Units:
    meanings = np.array(str(now.duty.attrs["meanings"]).split())
    duty = meanings[np.asarray(now.duty.values, int)]
    place = np.asarray(now["at"].values, int)
    here = (duty != "gone") & (place >= 0) & (now.men.values > 0)
    return Units(
        kinds=_words(now.kind)[here],
        men=np.asarray(now.men.values, int)[here],
        stance=np.asarray(now.stance.values, int)[here],
        active=np.asarray(now.active.values, bool)[here],
        place=place[here],
        target=np.asarray(now["to"].values, int)[here],
        along=np.asarray(now.along.values, float)[here],
        duty=duty[here],
    )


def _words(values: xr.DataArray) -> Words:
    return np.asarray(values.values).astype(str)


def short_name(name: str) -> str:
    """A place's name as a map has room for it: without what stands in brackets or after a comma or stroke.

    >>> short_name("Tsarskoye Selo (Vitebsk) Station"), short_name("City Prefecture, Gorokhovaya 2")
    ('Tsarskoye Selo Station', 'City Prefecture')
    """
    plain = re.sub(r"\s*\([^)]*\)", "", name)
    return re.split(r"\s*[,/]\s*", plain)[0].strip()
