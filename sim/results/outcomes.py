"""Outcomes in words: how histories end, and the table that people read."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim import history
from sim.counterfactual.scenario import from_toml
from sim.names import Names, conjugated

ENDINGS = (
    "still open",
    "{government} is|are arrested in its|their {house}",
    "{government} surrenders|surrender or flees|flee",
    "{government} holds|hold the city",
    "relief reaches the city",
    "a settlement holds",
    "nothing is decided",
)
# The same as measures.endings has them: an undecided history also by who has the seat of government.
ENDINGS_APART = (
    *ENDINGS[:-1],
    "nothing is decided, the {house} held",
    "nothing is decided, the {house} lost",
)
ENDING_NAMES = ("open", "stormed", "yielded", "restored", "relieved", "settled", "undecided")
CONGRESS = ("does not meet", "becomes a one-party assembly", "stays a broad coalition", "is adjourned")
CONGRESS_NAMES = ("not met", "one-party", "coalition", "adjourned")
SIDES = ("government", "soviet")


def ended(code: int, names: Names, endings: tuple[str, ...] = ENDINGS) -> str:
    """An ending in words, with the names that its event has for the government and its seat."""
    government = names.side(-1)
    house = names.house.removeprefix("the ")
    return conjugated(endings[code].format(government=government.text, house=house), government.many)


@lru_cache(maxsize=64)
def names_of(scenario_toml: str) -> Names:
    """What is what in the tables of a scenario, as it is kept beside results; those of its event, where its
    own are not as they were.
    """
    scenario = from_toml(scenario_toml)
    try:
        return Names(scenario.record)
    except ValueError:
        return Names(history.load(event=scenario.opening))


def versions() -> dict[str, str]:
    """The versions that a saved result names."""
    return {"petrograd": version("petrograd"), "mesa": version("mesa"), "numpy": np.__version__}


def table(data: xr.Dataset) -> pd.DataFrame:
    """The outcomes as people read them, a row a world: ending and congress in words, hours as dates, and
    hours from the start.
    """
    start = datetime.fromisoformat(data.attrs["start"])
    columns: dict[str, Any] = {
        "ending": np.array(ENDING_NAMES)[data["ending"].values],
        "palace_falls": _dates(data["palace_falls"].values, start),
    }
    columns["palace_hours"] = np.where(
        np.isfinite(data["palace_falls"].values), data["palace_falls"].values / 60, np.nan
    )
    for name in ("killed_soviet", "killed_government"):
        columns[name] = data[name].values
    columns["congress"] = np.array(CONGRESS_NAMES)[data["congress"].values]
    for name in ("congress_opens", "walkout", "ended_at"):
        columns[name] = _dates(data[name].values, start)
    for name in (
        "votes_for",
        "delegates_present",
        "ministers_arrested",
        "garrison_active",
        "cossacks_active",
    ):
        columns[name] = data[name].values
    for side, name in enumerate(SIDES):
        columns[f"most_active_{name}"] = data["most_active"].values[:, side]
    return pd.DataFrame(columns, index=pd.Index(data["world"].values, name="world"))


def _dates(minutes: NDArray[Any], start: datetime) -> Any:
    """Minutes from the start as dates, to the minute; NaT for never."""
    happened = np.isfinite(minutes)
    dates = pd.Timestamp(start + timedelta(0)) + pd.to_timedelta(np.where(happened, minutes, 0.0), unit="m")
    return pd.Series(dates).where(happened).to_numpy()
