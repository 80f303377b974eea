"""Measures: what is counted in the outcomes of many histories, and how one says it.

A measure is a number a world: a yes or no (its mean is a chance), hours until something (cut off at the
horizon, so that its mean is a restricted mean), or a count. The hour at which a side first takes a place is a
measure by the name of the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """One measure: its label, its unit ("points", "h" or what is counted), and how it is read from
    outcomes.
    """

    name: str
    label: str
    unit: str
    read: Callable[[xr.Dataset], Any]

    def __call__(self, outcomes: xr.Dataset) -> Values:
        """The measure in every world (worlds,): 1 or 0, hours from the start, or a count."""
        values = np.asarray(self.read(outcomes), dtype=float)
        if self.unit == "h":
            return np.minimum(values, float(outcomes.attrs["horizon_minutes"])) / 60
        return values


def _ends(*codes: int) -> Callable[[xr.Dataset], Any]:
    return lambda o: np.isin(o["ending"].values, codes)


def _stands(o: xr.Dataset) -> Any:
    """E3, E4, or nothing decided with the palace in the government's hands."""
    ending = o["ending"].values
    return np.isin(ending, (3, 4)) | ((ending == 6) & (o["palace_holder"].values < 0))


_TABLE: tuple[Measure, ...] = (
    Measure("palace_taken", "the palace is taken", "points", lambda o: np.isfinite(o["palace_falls"].values)),
    Measure("government_holds", "the government holds", "points", _stands),
    Measure("stormed", "ministers arrested in the palace", "points", _ends(1)),
    Measure("yielded", "surrender or flight", "points", _ends(2)),
    Measure("restored", "the government holds the city again", "points", _ends(3)),
    Measure("relieved", "relief reaches the city", "points", _ends(4)),
    Measure("settled", "a settlement holds", "points", _ends(5)),
    Measure("undecided", "nothing is decided", "points", _ends(6)),
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
MAIN = (
    "palace_taken",
    "government_holds",
    "palace_falls",
    "killed",
    "walkout",
    "coalition",
    "garrison_active",
)


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
