"""Who was called and came, who declared himself, who left, and who ended how: (worlds,) numbers read off an
ensemble.

Who comes is who stands, willing, where he was wanted; who was sent back, refused or stayed has not come.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import kendalltau

from sim import clock
from sim.history import load

Floats = NDArray[np.float64]
# Whom the staff called on 24 and 25 October.
FORCES_CALLED = (
    "cos_don_1",
    "cos_don_4",
    "cos_don_14",
    "shock_tsarskoye",
    "horse_artillery_pavlovsk",
    "cad_oranienbaum_rest",
    "cyclists_3bn",
    "northern_front_troops",
)
AT_LEAST = 0.5  # of its men, for a force to have come
# The sorts of defenders in the order in which they left the palace; those in one bracket at one time. The
# women were disarmed there.
DEFENDERS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("cyclists_palace",),),
    (("cad_mikhailovsky",),),
    (("shock_palace",), ("cos_don_14",)),
    (("cad_peterhof", "cad_oranienbaum", "cad_engineer_ensigns"),),
    (("womens_company",),),
)
GUNNERS, HELD = "fortress_artillery", ("arrested", "captured")
SEAT, STAFF, SOVIET, ARRESTED = "winter_palace", "general_staff_hq", "soviet", 3
LATE = 1e6  # minutes: later than anything, where hours are ranked


def share_come(data: xr.Dataset, force: str, side: str = "government") -> Floats:
    """The share of a force's men who came where a side called them (worlds,)."""
    it = data.sel(force=force)
    called = it["asked_men"].sel(side=side).values
    men = np.maximum(np.maximum(it["force_men"].values, called), 1)
    return np.asarray(it["came_men"].sel(side=side).values / men)


def share_of_asked(data: xr.Dataset, force: str, side: str = SOVIET) -> Floats:
    """The share of the men a side asked a force for who came; NaN if it asked for none (worlds,)."""
    asked, came = (data[name].sel(force=force, side=side).values for name in ("asked_men", "came_men"))
    return np.where(asked > 0, came / np.maximum(asked, 1), np.nan)


def forces_come(data: xr.Dataset) -> Floats:
    """How many of the forces that the staff called came, at least half of their men (worlds,)."""
    return np.sum([share_come(data, force) >= AT_LEAST for force in FORCES_CALLED], axis=0, dtype=float)


def is_held(data: xr.Dataset, place: str, side: int) -> Floats:
    """Whether a side, -1 or 1, has a place at the end (worlds,)."""
    return np.asarray(data["holder_end"].sel(place=place).values == side, dtype=float)


def declared(data: xr.Dataset, hour: str, side: str = SOVIET) -> Floats:
    """The share of the garrison's men whose units stand for a side at an hour, active or not (worlds,)."""
    men = data["force_men"].values[:, data["garrison"].values].sum(axis=1)
    stand = data["declared"].sel(time=pd.Timestamp(clock.parse(hour)), side=side).values
    return np.asarray(stand / np.maximum(men, 1))


def workers_out(data: xr.Dataset, hour: str) -> Floats:
    """Thousands of the workers' guard under arms in the city at an hour (worlds,)."""
    return np.asarray(data["workers_out"].sel(time=pd.Timestamp(clock.parse(hour))).values / 1000)


def others_serve(data: xr.Dataset) -> Floats:
    """Whether live shells were fired though less than half of the gunners ever acted for the Soviet
    (worlds,).
    """
    gunners = data.sel(force=GUNNERS)
    acted = gunners["engaged_men"].sel(side=SOVIET).values / np.maximum(gunners["force_men"].values, 1)
    return np.asarray((data["shells"].values > 0) & (acted < AT_LEAST), dtype=float)


def order_of_leaving(data: xr.Dataset) -> Floats:
    """Kendall's tau-b between the documented order in which sorts of defenders left and a world's (worlds,);
    who never leaves comes last. Of several forces of a sort the middle one counts.
    """
    sorts = [(rank, sort) for rank, together in enumerate(DEFENDERS) for sort in together]
    hours = [np.median(_left(data, sort), axis=1) for _, sort in sorts]
    return tau([rank for rank, _ in sorts], hours)


def _left(data: xr.Dataset, forces: Sequence[str]) -> Floats:
    return np.minimum(data["left_seat"].sel(force=list(forces)).values.astype(float), LATE)


def order_of_evening(data: xr.Dataset) -> Floats:
    """Kendall's tau-b between the documented order of the last evening and a world's (worlds,): the term is
    out, the staff falls, the congress opens, the palace falls, the proclamation; never comes last.
    """
    taken = data["captured_at"].sel(side=SOVIET)
    hours = [
        data["term_at"].values,
        taken.sel(place=STAFF).values,
        data["congress_opens"].values,
        taken.sel(place=SEAT).values,
        data["proclaimed"].values,
    ]
    return tau(range(5), hours)


def tau(documented: Sequence[int], hours: Sequence[NDArray[np.float64]]) -> Floats:
    """Kendall's tau-b of ranks (things,) and hours (things, worlds) in every world (worlds,); 0 where all
    hours are one.
    """
    ranked = np.minimum(np.asarray(hours, dtype=float), LATE).T
    found = np.array([kendalltau(documented, row).statistic for row in ranked])
    return np.round(np.nan_to_num(found), 9)  # four in five is 0.8, whatever the last digits


def fates_met(data: xr.Dataset) -> Floats:
    """The share of the people whose fate is known who are held at the end, or not, as they were (worlds,)."""
    fates = {str(name): fate for name, fate in load().fates.items() if name in data["person"].values}
    was = [any(word in fate.outcome_26oct for word in HELD) for fate in fates.values()]
    held = data["liberty"].sel(person=list(fates)).values == ARRESTED
    return np.asarray((held == np.array(was)).mean(axis=1))
