"""Men counted: how many of each sort of unit act for whom at every minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from sim.clock import label
from sim.history.geometry import Points
from sim.wording import in_digits

if TYPE_CHECKING:
    import xarray as xr

GROUPS: dict[str, tuple[str, ...]] = {
    "Garrison": ("guards_regiment", "garrison_regiment", "armoured_cars", "artillery", "cyclists"),
    "Red Guards and sailors": ("red_guard", "sailors", "ship"),
    "Cadets, officers, volunteers": ("cadets", "officers", "womens_battalion", "shock_battalion"),
    "Cossacks": ("cossacks",),
    "Militia and others": (),
}


@dataclass(frozen=True)
class Stances:
    """Men of a group inside the city, each (times,): acting for the Soviet, for the government, and all."""

    name: str
    soviet: Points
    government: Points
    everyone: Points

    @property
    def staying(self) -> Points:
        """The share that acts for nobody, 0 to 1; nan while there is nobody."""
        with np.errstate(invalid="ignore", divide="ignore"):
            share: Points = 1 - (self.soviet + self.government) / self.everyone
        return share


def count_men(data: xr.Dataset, world: int) -> list[Stances]:
    """Men inside the city by group and stance at every time."""
    now = data.isel(world=world)
    gone = str(now.duty.attrs["meanings"]).split().index("gone")
    town = data.bank.values.astype(str) != "outlying"
    present = (now.duty.values != gone) & town[now["at"].values]
    men = np.where(present, now.men.values, 0)
    acting = np.where(now.active.values, now.stance.values, 0)
    kinds = data.kind.values.astype(str)
    named = [kind for group in GROUPS.values() for kind in group]
    groups = []
    for name, wanted in GROUPS.items():
        rows = np.isin(kinds, wanted) if wanted else ~np.isin(kinds, named)
        theirs = men[:, rows].astype(float)
        soviet, government = ((theirs * (acting[:, rows] == side)).sum(axis=1) for side in (1, -1))
        groups.append(Stances(name, soviet, government, theirs.sum(axis=1)))
    return groups


def finding(whole: Stances) -> str:
    """How many acted when most did."""
    acting = whole.soviet + whole.government
    height = int(np.argmax(acting))
    if not acting[height]:
        return "Nobody acts for either side"
    share = 100 * acting[height] / whole.everyone[height]
    sides = f"{whole.soviet[height]:,.0f} for the Soviet, {whole.government[height]:,.0f} for the government"
    return f"At the height {in_digits(share)} men in 100 act: {sides}"


def height_of(data: xr.Dataset, whole: Stances) -> str:
    """When that was, in words; nothing if nobody ever acted."""
    acting = whole.soviet + whole.government
    if not acting.any():
        return ""
    return f"The height: {label(when(data, int(np.argmax(acting))))}."


def when(data: xr.Dataset, index: int) -> datetime:
    """The minute of a row of the data."""
    return datetime.fromisoformat(str(data.time.values[index])[:19])


def together(groups: list[Stances]) -> Stances:
    """All groups as one."""
    fields = ("soviet", "government", "everyone")
    soviet, government, everyone = (
        np.sum([getattr(group, field) for group in groups], axis=0) for field in fields
    )
    return Stances("All", soviet, government, everyone)
