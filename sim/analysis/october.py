"""What each documented pattern of 24-26 October is in a simulated world: (worlds,) numbers read off an
ensemble.

Clock hours are minutes from the start, infinity is never; NaN stands where a question does not arise, and
counts as a miss.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import kendalltau

from sim import clock
from sim.analysis import called

Floats = NDArray[np.float64]
GOVERNMENT, SOVIET = "government", "soviet"
EVENING_BRIDGES = ("liteiny_bridge", "troitsky_bridge", "grenadersky_bridge", "sampsonievsky_bridge")
FIRST_CAPTURES = (  # in their documented order; those in one bracket were simultaneous
    ("central_telegraph",),
    ("telegraph_agency",),
    ("main_post_office",),
    ("power_station", "nikolaevsky_station"),
    ("nikolaevsky_bridge",),
    ("state_bank",),
    ("telephone_exchange",),
    ("warsaw_station",),
)
OUTSIDE = (
    "cad_oranienbaum_rest",
    "cad_peterhof_rest",
    "cad_gatchina",
    "shock_tsarskoye",
    "horse_artillery_pavlovsk",
    "northern_front_troops",
    "krasnov_cossacks",
    "cyclists_3bn",
    "cyclists_5bn",
)
FRONT = ("northern_front_troops", "krasnov_cossacks", "cyclists_3bn", "cyclists_5bn")
RED_GUARDS = (
    "rg_vyborg",
    "rg_narva",
    "rg_vasilevsky",
    "rg_petrograd",
    "rg_moscow_gate",
    "rg_nevsky",
    "rg_rozhdestvensky",
    "rg_okhta",
    "rg_kolomna",
)
DELEGATES = 670
ARRESTED = 3


def at(hour: str) -> float:
    """Minutes from the start of the three days to an hour of them."""
    return clock.minutes(clock.parse(hour), clock.START)


def taken(data: xr.Dataset, place: str, side: str = SOVIET) -> Floats:
    """When a side first took a place (worlds,)."""
    return data["captured_at"].sel(place=place, side=side).values.astype(float)


def captures(data: xr.Dataset) -> Floats:
    """When the Soviet first took each objective (worlds, objectives)."""
    return data["captured_at"].sel(side=SOVIET).values[:, data["objective"].values > 0].astype(float)


def wave(data: xr.Dataset, first: str, last: str) -> Floats:
    """How many objectives the Soviet first took between two hours (worlds,)."""
    when = captures(data)
    return ((when >= at(first)) & (when < at(last))).sum(axis=1).astype(float)


def waves(data: xr.Dataset) -> Floats:
    """The four waves of captures (4, worlds): afternoon, night, daylight, last evening."""
    hours = (
        ("24 Oct 15:00", "24 Oct 22:00"),
        ("25 Oct 00:00", "25 Oct 08:15"),
        ("25 Oct 08:15", "25 Oct 18:00"),
        ("25 Oct 18:00", "26 Oct 06:00"),
    )
    return np.array([wave(data, *pair) for pair in hours])


def night_ahead(data: xr.Dataset) -> Floats:
    """By how many objectives the night's wave exceeds the largest other (worlds,)."""
    each = waves(data)
    return np.asarray(each[1] - np.delete(each, 1, axis=0).max(axis=0))


def order(data: xr.Dataset) -> Floats:
    """Kendall's tau-b between the documented order of first captures and a world's (worlds,); what is never
    taken comes last.
    """
    places = [place for rank in FIRST_CAPTURES for place in rank]
    documented = [k for k, rank in enumerate(FIRST_CAPTURES) for _ in rank]
    when = np.stack([np.minimum(taken(data, place), 1e6) for place in places], axis=1)
    return np.nan_to_num(np.array([kendalltau(documented, row).statistic for row in when]))


def held(data: xr.Dataset, hour: str, *, quarter: bool) -> Floats:
    """Objectives the Soviet holds at an hour (worlds,): places of the palace quarter, or the share of the
    others.
    """
    row = data.sel(time=pd.Timestamp(clock.parse(hour)), side=SOVIET)
    quarters = row["held_quarter"].values.astype(float)
    if quarter:
        return np.asarray(quarters)
    return np.asarray((row["held"].values - quarters) / (data["objective"].values == 1).sum())


def engaged(data: xr.Dataset, forces: tuple[str, ...], side: str) -> Floats:
    """Men of some forces in units that were ever active for a side (worlds,)."""
    return np.asarray(
        data["engaged_men"].sel(force=list(forces), side=side).sum("force").values.astype(float)
    )


def came(data: xr.Dataset, forces: tuple[str, ...], side: str, by: str) -> Floats:
    """Men of some forces from outside that were in the city by an hour, and ever active for a side
    (worlds,).
    """
    here = data["arrived_at"].sel(force=list(forces)).values <= at(by)
    return np.asarray(
        (data["engaged_men"].sel(force=list(forces), side=side).values * here).sum(axis=1), float
    )


def arrested(data: xr.Dataset, *names: str) -> Floats:
    """How many of some people are held at the end (worlds,)."""
    return np.asarray((data["liberty"].sel(person=list(names)).values == ARRESTED).sum(axis=1), float)


def after(later: Floats, earlier: Floats, unit: float = 1.0) -> Floats:
    """Later minus earlier, in minutes or so many minutes; NaN where the earlier never was."""
    with np.errstate(invalid="ignore"):
        return np.where(
            np.isfinite(earlier), (later - np.where(np.isfinite(earlier), earlier, 0.0)) / unit, np.nan
        )


def turned_out(data: xr.Dataset) -> Floats:
    """Share of the city's Red Guards that were ever active for the Soviet (worlds,)."""
    men = data["force_men"].sel(force=list(RED_GUARDS)).sum("force").values
    return np.asarray(engaged(data, RED_GUARDS, SOVIET) / np.maximum(men, 1))


def ratio(soviet: Floats, government: Floats) -> Floats:
    """So many for the Soviet to one for the government; one man at least is reckoned for each."""
    return np.asarray(np.maximum(soviet, 1) / np.maximum(government, 1))


def _marched(data: xr.Dataset) -> Floats:
    return np.isfinite(data["stopped_at"].sel(force="duma_march").values).astype(float)


def _siege(data: xr.Dataset, name: str) -> Floats:
    return data[name].values.astype(float)


def _active(data: xr.Dataset, hour: str) -> Floats:
    men = data["active_men"].sel(time=pd.Timestamp(clock.parse(hour))).values.astype(float)
    return ratio(men[:, 1], men[:, 0])


def _garrison(data: xr.Dataset) -> tuple[str, ...]:
    return tuple(data["force"].values[data["garrison"].values])


MEASURES: dict[str, Callable[[xr.Dataset], Floats]] = {
    "P01": lambda d: after(captures(d).min(axis=1), taken(d, "trud_press", GOVERNMENT)),
    "P02": lambda d: taken(d, "trud_press"),
    "P03a": lambda d: (
        np.isfinite(d["captured_at"].sel(side=GOVERNMENT).values[:, d["place_kind"].values == "bridge"])
        .sum(axis=1)
        .astype(float)
    ),
    "P03b": lambda d: np.isfinite(d["raised_at"].values).sum(axis=1).astype(float),
    "P03c": lambda d: d["raised_at"].values.min(axis=1).astype(float),
    "P04": lambda d: np.stack([taken(d, bridge) for bridge in EVENING_BRIDGES]).max(axis=0),
    "P05": order,
    "P06a": lambda d: waves(d)[0],
    "P06b": lambda d: waves(d)[1],
    "P06c": lambda d: waves(d)[2],
    "P06d": lambda d: waves(d)[3],
    "P06e": night_ahead,
    "P07a": lambda d: held(d, "24 Oct 12:00", quarter=False),
    "P07b": lambda d: held(d, "24 Oct 16:00", quarter=False),
    "P07c": lambda d: held(d, "24 Oct 19:00", quarter=False),
    "P07d": lambda d: held(d, "24 Oct 23:00", quarter=False),
    "P07e": lambda d: held(d, "25 Oct 04:00", quarter=False),
    "P07f": lambda d: held(d, "25 Oct 08:00", quarter=False),
    "P07g": lambda d: held(d, "25 Oct 13:30", quarter=False),
    "P07h": lambda d: held(d, "25 Oct 10:00", quarter=True),
    "P07i": lambda d: held(d, "25 Oct 13:30", quarter=True),
    "P07j": lambda d: held(d, "25 Oct 20:00", quarter=True),
    "P07k": lambda d: held(d, "26 Oct 02:15", quarter=True),
    "P09": lambda d: _siege(d, "palace_falls"),
    "P10": lambda d: after(taken(d, "general_staff_hq"), _siege(d, "term_at")),
    "P11a": lambda d: after(_siege(d, "palace_falls"), _siege(d, "congress_opens"), 60),
    "P11b": lambda d: after(_siege(d, "congress_opens"), _siege(d, "congress_planned"), 60),
    "P12": lambda d: after(_siege(d, "blank_at"), _siege(d, "term_at")),
    "P13a": lambda d: after(
        d["line_on"].sel(side=SOVIET).values.astype(float),
        d["line_off"].sel(side=SOVIET).values.astype(float),
        60,
    ),
    "P13b": lambda d: d["line_off"].sel(side=GOVERNMENT).values.astype(float),
    "P14": lambda d: _siege(d, "garrison_active"),
    "P15": lambda d: ratio(engaged(d, _garrison(d), SOVIET), engaged(d, _garrison(d), GOVERNMENT)),
    "P18": turned_out,
    "P19": lambda d: came(d, ("kronstadt_sailors",), SOVIET, "25 Oct 18:00"),
    "P20a": lambda d: d["arrived_at"].sel(force="helsingfors_trains").values.astype(float),
    "P20b": lambda d: d["arrived_at"].sel(force="helsingfors_ships").values.astype(float),
    "P22": lambda d: (
        (engaged(d, ("city_militia",), SOVIET) + engaged(d, ("city_militia",), GOVERNMENT))
        / np.maximum(d["force_men"].sel(force="city_militia").values, 1)
    ),
    "P23": lambda d: came(d, OUTSIDE, GOVERNMENT, "26 Oct 02:10"),
    "P24": lambda d: d["left_at"].sel(force="cyclists_palace").values.astype(float),
    "P25": lambda d: d["most_active"].sel(side=GOVERNMENT).values.astype(float),
    "P26": lambda d: _active(d, "25 Oct 12:00"),
    "P30": lambda d: _siege(d, "disarming_at"),
    "P31a": lambda d: _siege(d, "shells"),
    "P31b": lambda d: _siege(d, "hits"),
    "P32a": lambda d: d["fallen"].sel(place="winter_palace", side=SOVIET).values.astype(float),
    "P32b": lambda d: d["fallen"].sel(place="winter_palace", side=GOVERNMENT).values.astype(float),
    "P34a": lambda d: _siege(d, "ministers_arrested"),
    "P34b": lambda d: arrested(d, "kerensky", "prokopovich"),
    "P35a": _marched,
    "P35b": lambda d: d["fallen"].sel(place="kazan_square").sum("side").values.astype(float),
    "P37": lambda d: np.where(_siege(d, "votes_for") > 0, _siege(d, "votes_for") / DELEGATES, np.nan),
    "P38": lambda d: after(_siege(d, "walkout"), _siege(d, "motion"), 60),
    "P39": lambda d: came(d, FRONT, GOVERNMENT, "26 Oct 03:00"),
    "R01a": called.forces_come,
    "R01b": lambda d: called.share_come(d, "shock_tsarskoye"),
    "R01c": lambda d: called.share_come(d, "horse_artillery_pavlovsk"),
    "R01d": lambda d: called.share_come(d, "cad_oranienbaum_rest"),
    "R02a": lambda d: called.share_of_asked(d, "pavlovsky_regt"),
    "R02b": lambda d: called.share_of_asked(d, "kexholm_regt"),
    "R02c": lambda d: called.share_of_asked(d, "grenadier_regt"),
    "R03a": lambda d: called.is_held(d, "central_telegraph", -1),
    "R03b": lambda d: called.is_held(d, "nikolaevsky_bridge", -1),
    "R03c": lambda d: called.is_held(d, "telephone_exchange", -1),
    "R04": called.others_serve,
    "R05": called.order_of_leaving,
    "R06": called.fates_met,
    "R07": called.order_of_evening,
    "R08": lambda d: called.declared(d, "24 Oct 13:00"),
    "R09a": lambda d: called.workers_out(d, "24 Oct 12:00"),
    "R09b": lambda d: called.workers_out(d, "25 Oct 12:00"),
}
