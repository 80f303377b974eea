"""What each documented pattern of the cadets' rising of 29 October is in a simulated world: (worlds,) numbers
read off an ensemble.

Three of them are fitted to: what it cost in blood. A yes is 1, a no 0; NaN stands where a question does not
arise, and counts as a miss.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from sim.analysis.october import GOVERNMENT, SOVIET, Floats, after, engaged, taken

CASTLE, VLADIMIRSKOE, PAVLOVSKOE = "engineers_castle", "vladimirsky_school", "pavlovsky_school"
EXCHANGE, MANEGE = "telephone_exchange", "armoured_manege"
OCTOBER_DEAD = 6
IN_EARNEST = 10  # dead at a school that fights in earnest


def dead(data: xr.Dataset) -> Floats:
    """Killed of both sides (worlds,)."""
    return np.asarray(data["killed_soviet"].values + data["killed_government"].values, dtype=float)


def dead_at(data: xr.Dataset, place: str) -> Floats:
    """Killed of both sides at a place (worlds,)."""
    return np.asarray(data["fallen"].sel(place=place).sum("side").values.astype(float))


def nothing_left(data: xr.Dataset) -> Floats:
    """Whether nothing that the rising took is its own at the end (worlds,)."""
    mine = (data["holder_end"].values < 0) & np.isfinite(data["captured_at"].sel(side=GOVERNMENT).values)
    return np.asarray(~mine.any(axis=1), dtype=float)


def kept_out(data: xr.Dataset) -> Floats:
    """Whether the rising never takes the other side's seat or fortress (worlds,)."""
    return np.asarray(
        ~np.isfinite(taken(data, "smolny", GOVERNMENT))
        & ~np.isfinite(taken(data, "peter_paul_fortress", GOVERNMENT)),
        dtype=float,
    )


def exchange_held(data: xr.Dataset) -> Floats:
    """Hours the rising holds the exchange, to the end at most; NaN if it never has it (worlds,)."""
    until = np.minimum(taken(data, EXCHANGE), float(data.attrs["horizon_minutes"]))
    return after(until, taken(data, EXCHANGE, GOVERNMENT), 60)


def dead_in_surprise(data: xr.Dataset) -> Floats:
    """Killed at exchange and manege before the rising has them; NaN if it never has either (worlds,)."""
    places = [EXCHANGE, MANEGE]
    had = np.isfinite(data["captured_at"].sel(place=places, side=GOVERNMENT).values)
    return np.where(
        had.any(axis=1),
        (data["fallen_before"].sel(place=places, side=GOVERNMENT).values * had).sum(axis=1),
        np.nan,
    )


def schools_in_earnest(data: xr.Dataset) -> Floats:
    """Schools at which ten or more are killed (worlds,)."""
    fallen = data["fallen"].sum("side").values[:, data["place_kind"].values == "school"]
    return np.asarray((fallen >= IN_EARNEST).sum(axis=1), dtype=float)


def no_later(first: Floats, second: Floats) -> Floats:
    """Whether one thing happens no later than another; NaN if neither does (worlds,)."""
    return np.where(np.isfinite(first) | np.isfinite(second), (first <= second).astype(float), np.nan)


def _garrison(data: xr.Dataset) -> tuple[str, ...]:
    return tuple(data["force"].values[data["garrison"].values])


def _garrison_share(data: xr.Dataset) -> Floats:
    men = data["force_men"].sel(force=list(_garrison(data))).sum("force").values
    return np.asarray(engaged(data, _garrison(data), SOVIET) / np.maximum(men, 1))


MEASURES: dict[str, Callable[[xr.Dataset], Floats]] = {
    "Q01a": lambda d: (np.isfinite(taken(d, CASTLE)) & np.isfinite(taken(d, VLADIMIRSKOE))).astype(float),
    "Q01b": nothing_left,
    "Q02a": lambda d: d["most_taken"].sel(side=GOVERNMENT).values.astype(float),
    "Q02b": kept_out,
    "Q03": exchange_held,
    "Q04": dead_in_surprise,
    "Q05": lambda d: dead(d) / OCTOBER_DEAD,
    "Q06": lambda d: np.where(dead(d) > 0, dead_at(d, VLADIMIRSKOE) / np.maximum(dead(d), 1), np.nan),
    "Q07": schools_in_earnest,
    "Q08": lambda d: engaged(d, _garrison(d), GOVERNMENT),
    "Q09": _garrison_share,
    "Q10a": lambda d: after(
        taken(d, VLADIMIRSKOE), d["shots_at"].sel(place=VLADIMIRSKOE).values.astype(float), 60
    ),
    "Q11a": lambda d: no_later(taken(d, VLADIMIRSKOE), taken(d, CASTLE)),
    "Q11b": lambda d: no_later(taken(d, PAVLOVSKOE), taken(d, VLADIMIRSKOE)),
}
