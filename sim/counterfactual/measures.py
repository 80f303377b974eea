"""Measures: what is counted in the outcomes of many histories, how one says it, and what counts as hardly
any change.

A measure is a number a world: a yes or no (its mean is a chance), hours until something, or a count. The hour
at which a side first takes a place is a measure by the name of the place.

What has an hour may never happen. Of two scenarios it is told first in how many histories it happens in
each, then by how many hours it moves in those in which it happens in both. As a number a world, hours are cut
off at the horizon (a restricted mean, which is no hour of the clock).

A history ends as one of ENDINGS. That the government holds is three of them together: the city restored to
it, relief in the city, or nothing decided while it still has its palace. A settlement is counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.wording import scaled

if TYPE_CHECKING:
    import xarray as xr

Values = NDArray[np.float64]
# What counts as hardly any change: an interval that lies wholly so near to nought (of points, the share).
SMALL = {"points": 0.05, "h": 1.0, "killed": 1.0, "men": 500.0, "ministers": 1.0}
VERDICTS = {"yes": "confirmed", "no": "not confirmed", "open": "not settled"}
# How a history ends, by the number in the outcomes; an undecided one also by who has the palace.
ENDINGS = {
    0: "still open",
    1: "stormed",
    2: "yielded",
    3: "restored",
    4: "relieved",
    5: "settled",
    6: "undecided with the palace held",
    7: "undecided with the palace lost",
}
UNDECIDED, LOST = 6, 7
HELD = (3, 4, UNDECIDED)


def hardly(unit: str) -> str:
    """What counts as hardly any change in a unit, in words.

    >>> hardly("points"), hardly("men")
    ('within 5 points', 'within 500 men')
    """
    small = scaled(SMALL.get(unit, 1.0), unit)
    return f"within {small:g} {unit.removesuffix('s') if small == 1 else unit}"


def endings(outcomes: xr.Dataset) -> NDArray[np.int64]:
    """How each world ends (worlds,), as in ENDINGS."""
    ending = outcomes["ending"].values.astype(np.int64)
    return np.where((ending == UNDECIDED) & (outcomes["palace_holder"].values >= 0), LOST, ending)


@dataclass(frozen=True)
class Measure:
    """One measure: its label, its unit ("points", "h" or what is counted), how it is read from outcomes, and
    what there is to explain.
    """

    name: str
    label: str
    unit: str
    read: Callable[[xr.Dataset], Any]
    note: str = ""

    def __call__(self, outcomes: xr.Dataset) -> Values:
        """The measure in every world (worlds,): 1 or 0, hours from the start (cut off at the horizon), or a
        count.
        """
        if self.unit == "h":
            return np.minimum(self.hours(outcomes), float(outcomes.attrs["horizon_minutes"]) / 60)
        return np.asarray(self.read(outcomes), dtype=float)

    def hours(self, outcomes: xr.Dataset) -> Values:
        """Hours from the start in every world (worlds,), infinite where it does not happen by the horizon."""
        minutes = np.asarray(self.read(outcomes), dtype=float)
        return np.where(minutes <= float(outcomes.attrs["horizon_minutes"]), minutes, np.inf) / 60


def _ends(*codes: int) -> Callable[[xr.Dataset], Any]:
    return lambda o: np.isin(endings(o), codes)


_TABLE: tuple[Measure, ...] = (
    Measure("palace_taken", "the palace is taken", "points", lambda o: np.isfinite(o["palace_falls"].values)),
    Measure(
        "government_holds",
        "the government holds",
        "points",
        _ends(*HELD),
        "restored, relieved, or undecided with the palace held; a settlement is none of them",
    ),
    Measure("stormed", "ministers arrested in the palace", "points", _ends(1)),
    Measure("yielded", "surrender or flight", "points", _ends(2)),
    Measure("restored", "the government holds the city again", "points", _ends(3)),
    Measure("relieved", "relief reaches the city", "points", _ends(4)),
    Measure("settled", "a settlement holds", "points", _ends(5)),
    Measure("undecided", "nothing is decided", "points", _ends(UNDECIDED, LOST)),
    Measure("undecided_held", "nothing is decided, the palace held", "points", _ends(UNDECIDED)),
    Measure("palace_falls", "the palace falls", "h", lambda o: o["palace_falls"].values),
    Measure("congress_opens", "the congress opens", "h", lambda o: o["congress_opens"].values),
    Measure(
        "killed", "killed", "killed", lambda o: o["killed_soviet"].values + o["killed_government"].values
    ),
    Measure("killed_soviet", "killed on the Soviet's side", "killed", lambda o: o["killed_soviet"].values),
    Measure(
        "killed_government",
        "killed on the government's side",
        "killed",
        lambda o: o["killed_government"].values,
    ),
    Measure("walkout", "the congress breaks", "points", lambda o: np.isfinite(o["walkout"].values)),
    Measure("one_party", "one-party congress", "points", lambda o: o["congress"].values == 1),
    Measure("coalition", "broad coalition", "points", lambda o: o["congress"].values == 2),
    Measure(
        "garrison_active", "soldiers of the garrison who act", "points", lambda o: o["garrison_active"].values
    ),
    Measure(
        "cossacks_active",
        "Cossacks who ride for the government",
        "points",
        lambda o: o["cossacks_active"].values,
    ),
    Measure(
        "most_soviet",
        "most men active for the Soviet at once",
        "men",
        lambda o: o["most_active"].values[:, 1],
    ),
    Measure(
        "most_government",
        "most men active for the government at once",
        "men",
        lambda o: o["most_active"].values[:, 0],
    ),
    Measure("ministers_arrested", "ministers held", "ministers", lambda o: o["ministers_arrested"].values),
)
MEASURES: dict[str, Measure] = {m.name: m for m in _TABLE}
MAIN = ("palace_falls", "government_holds", "settled", "killed", "walkout", "coalition", "garrison_active")


def names(places: Iterable[str]) -> list[str]:
    """Every measure there is: those of the table, and the hours at which either side takes a place."""
    return [*MEASURES, *(f"{place}{side}" for place in places for side in ("", ":government"))]


def measure(name: str) -> Measure:
    """A measure by its name; that of a place, "place" or "place:government", is the hour a side first takes
    it.
    """
    if name in MEASURES:
        return MEASURES[name]
    from sim import clock
    from sim.history import load

    place, _, side = name.partition(":")
    taker = "the government" if side == "government" else "the Soviet"
    known = next(p[place] for p in (load(event=event).places for event in clock.EVENTS) if place in p)
    return Measure(
        name,
        f"{taker} takes {known.name}",
        "h",
        lambda o: o["captured_at"].sel(place=place, side=side or "soviet").values,
    )
