"""Outcomes: what came of each world of a model, as a labelled dataset, and as a table that people read."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim.agents import Cossacks
from sim.agents.people import Liberty
from sim.agents.unit import Group

if TYPE_CHECKING:
    from sim.model import Petrograd

ENDINGS = (
    "still open", "the government is arrested in its palace", "the government surrenders or flees", "the government holds the city",
    "relief reaches the city", "a settlement holds", "nothing is decided",
)
ENDING_NAMES = ("open", "stormed", "yielded", "restored", "relieved", "settled", "undecided")
CONGRESS = ("does not meet", "becomes a one-party assembly", "stays a broad coalition", "is adjourned")
CONGRESS_NAMES = ("not met", "one-party", "coalition", "adjourned")
SIDES = ("government", "soviet")
FIRSTS = {"arrived_at": "first_arrival", "left_at": "first_leaving", "stopped_at": "first_stopped"}  # of a force: in the city, from a post, by a guard
SIEGE = {  # of the seat of government
    "term_at": "term_at", "blank_at": "first_blank", "shelled_at": "first_shell", "shells": "shells", "hits": "hits",
    "entered_at": "first_inside", "disarming_at": "first_disarming", "left_inside": "left_inside",
}


def outcomes(model: Petrograd) -> xr.Dataset:
    """What came of each world: a Dataset over (world), with captured_at (world, place, side) in minutes from the start, inf for never."""
    c, s, scenario = model.columns, model.setting, model.script.scenario
    seat = s.audiences.place[s.audiences.seat[0]]
    ministers = np.array([g == "minister" for g in s.people.group]) & (s.people.side == -1)
    met, broke, told = np.isfinite(c.opened_at), np.isfinite(c.walkout_at), np.isfinite(c.proclaimed_at)
    garrison = s.units.in_city & (s.units.group == Group.GARRISON)
    of_world = {
        "ending": c.ending.astype(np.int8), "ended_at": c.ended_at, "palace_falls": c.taken_at[:, seat, 1], "palace_holder": c.holder[:, seat].astype(np.int8),
        "killed_soviet": c.killed[:, 1].astype(np.int32), "killed_government": c.killed[:, 0].astype(np.int32),
        "congress": np.where(~met, 0, np.where(broke, 1, np.where(told, 2, 3))).astype(np.int8), "congress_opens": c.opened_at, "walkout": c.walkout_at,
        "congress_planned": c.planned_at, "motion": c.motion_at, "votes_for": c.votes_for.astype(np.int32), "delegates_present": c.present.astype(np.int32),
        "ministers_arrested": (c.liberty[:, ministers] == Liberty.ARRESTED).sum(axis=1).astype(np.int32),
        "garrison_active": _share(model, garrison, c.engaged.max(axis=2)), "cossacks_active": _share(model, _of(model, Cossacks) & s.units.in_city, c.engaged[:, :, 0]),
    }
    return xr.Dataset(
        {name: ("world", values) for name, values in of_world.items()}
        | {
            "captured_at": (("world", "place", "side"), c.taken_at.astype(np.float32)), "most_active": (("world", "side"), c.peak.astype(np.int32)),
            "fallen": (("world", "place", "side"), c.fallen), "holder_end": (("world", "place"), c.holder.astype(np.int8)),
            "fallen_before": (("world", "place", "side"), c.fallen_before), "most_taken": (("world", "side"), c.most_taken),
            "shots_at": (("world", "place"), c.first_shots.astype(np.float32)), "raised_at": (("world", "place"), c.first_raised.astype(np.float32)), "liberty": (("world", "person"), c.liberty.astype(np.int8)),
            "engaged_men": (("world", "force", "side"), _engaged(model)), "force_men": (("world", "force"), _men(model)),
        }
        | {name: (("world", "force"), getattr(c, column).astype(np.float32)) for name, column in FIRSTS.items()}
        | {name: (("world", "side"), getattr(c, name)[:, s.audiences.staff].astype(np.float32)) for name in ("line_off", "line_on")}
        | {name: ("world", _of_siege(model, column, int(seat))) for name, column in SIEGE.items()},
        coords={"world": np.asarray(model.world_numbers, np.int64), "side": list(SIDES), "force": s.forces.ids, "garrison": ("force", _of_garrison(model)), "person": s.people.ids, **place_coords(model)},
        attrs={
            "scenario": scenario.name, "question": scenario.question, "scenario_toml": scenario.toml(), "seed": model.seed, "start": scenario.start.isoformat(),
            "horizon_minutes": model.horizon, "pulse_minutes": model.pulse, "version": version("petrograd"),
        },
    )


def _of_siege(model: Petrograd, column: str, place: int) -> NDArray[Any]:
    """What a column says (worlds,) of the siege of a place; never, or none, of a place that cannot be besieged."""
    values = np.asarray(getattr(model.columns, column))
    k = np.flatnonzero(model.setting.places.besieged == place)
    return values[:, k[0]] if len(k) else np.full(len(values), np.inf if values.dtype.kind == "f" else 0, values.dtype)


def _of(model: Petrograd, sort: type) -> NDArray[np.bool_]:
    rows = model.setting.units.rows[sort]
    return np.isin(np.arange(len(model.setting.units.ids)), rows)


def _of_garrison(model: Petrograd) -> NDArray[np.bool_]:
    """The forces that belong to the city's garrison: (forces,)."""
    s = model.setting
    return np.asarray(np.isin(np.arange(len(s.forces.ids)), s.units.force[s.units.in_city & (s.units.group == Group.GARRISON)]))


def _men(model: Petrograd) -> NDArray[np.int32]:
    """Men of each force at the end, wherever they are: (worlds, forces)."""
    men = np.zeros((model.worlds, len(model.setting.forces.ids)), np.int32)
    np.add.at(men.T, model.setting.units.force, (model.columns.men + model.columns.rest).T.astype(np.int32))
    return men


def _engaged(model: Petrograd) -> NDArray[np.int32]:
    """Most men of the units of each force that were active at once for a side: (worlds, forces, sides)."""
    c, force = model.columns, model.setting.units.force
    men = np.zeros((model.worlds, len(model.setting.forces.ids), 2), np.int32)
    for side in (0, 1):
        np.add.at(men[:, :, side].T, force, c.engaged[:, :, side].T)
    return men


def _share(model: Petrograd, who: NDArray[np.bool_], acted: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """The men of some units that acted, out of all of theirs: (worlds,)."""
    men = (model.columns.men + model.columns.rest)[:, who]
    return np.asarray(np.minimum(acted[:, who], men).sum(axis=1) / np.maximum(men.sum(axis=1), 1))


def place_coords(model: Petrograd) -> dict[str, Any]:
    """The coordinates of the places of a model, for a Dataset."""
    places = list(model.setting.history.places.values())
    return {
        "place": model.setting.places.ids, "place_name": ("place", [p.name for p in places]), "place_kind": ("place", [p.kind for p in places]),
        "lat": ("place", model.city.lat), "lon": ("place", model.city.lon), "bank": ("place", [p.bank for p in places]),
        "objective": ("place", [p.objective for p in places]),
    }


def versions() -> dict[str, str]:
    """The versions that a saved result names."""
    return {"petrograd": version("petrograd"), "mesa": mesa.__version__, "numpy": np.__version__}


def table(data: xr.Dataset) -> pd.DataFrame:
    """The outcomes as people read them, a row a world: ending and congress in words, hours as dates, and hours from the start."""
    start = datetime.fromisoformat(data.attrs["start"])
    columns: dict[str, Any] = {"ending": np.array(ENDING_NAMES)[data["ending"].values], "palace_falls": _dates(data["palace_falls"].values, start)}
    columns["palace_hours"] = np.where(np.isfinite(data["palace_falls"].values), data["palace_falls"].values / 60, np.nan)
    for name in ("killed_soviet", "killed_government"):
        columns[name] = data[name].values
    columns["congress"] = np.array(CONGRESS_NAMES)[data["congress"].values]
    for name in ("congress_opens", "walkout", "ended_at"):
        columns[name] = _dates(data[name].values, start)
    for name in ("votes_for", "delegates_present", "ministers_arrested", "garrison_active", "cossacks_active"):
        columns[name] = data[name].values
    for side, name in enumerate(SIDES):
        columns[f"most_active_{name}"] = data["most_active"].values[:, side]
    return pd.DataFrame(columns, index=pd.Index(data["world"].values, name="world"))


def _dates(minutes: NDArray[Any], start: datetime) -> Any:
    """Minutes from the start as dates, to the minute; NaT for never."""
    happened = np.isfinite(minutes)
    dates = pd.Timestamp(start + timedelta(0)) + pd.to_timedelta(np.where(happened, minutes, 0.0), unit="m")
    return pd.Series(dates).where(happened).to_numpy()
