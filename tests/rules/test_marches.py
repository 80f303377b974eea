"""Marches: exact minutes, whatever the pulse, and bridges that only ever delay."""

from __future__ import annotations

import numpy as np
import pytest
from likeness import HISTORY, brief
from numpy.typing import NDArray

from sim.agents import SORTS, RedGuards
from sim.agents.unit import Duty
from sim.city import LAND_SPEED
from sim.model import Petrograd
from sim.rules.marches import marches
from sim.rules.stances import stances
from sim.plan import Purpose

SPANS = ["nikolaevsky_bridge", "palace_bridge", "troitsky_bridge", "liteiny_bridge"]


def marching(goal: str, *, pulse: float = 5.0, worlds: int = 1, sets_out: float = 3.0, up: tuple[str, ...] = (), **values: float) -> Petrograd:
    """A city in which every unit on foot has had orders for one place; bridges may be up, which nobody has heard."""
    model = Petrograd(brief(51), pulse=pulse, worlds=range(worlds), values=values)
    c, place = model.columns, model.city.index[goal]
    task = next(t for t in range(len(model.script.tasks.place)) if model.script.tasks.purpose[t] == Purpose.SEIZE)
    model.script.tasks.place[task] = place
    foot = np.array([g == "foot" for g in model.setting.units.graph]) & model.setting.units.in_city
    c.task[:, foot], c.sets_out_at[:, foot], c.duty[:, foot] = task, sets_out, Duty.IN_QUARTERS
    c.raised[:, [model.city.index[b] for b in up]] = True
    return model


def arrivals(model: Petrograd, hours: float = 30.0) -> NDArray[np.float64]:
    """The minute (worlds, units) of the pulse in which each unit came to its post, or infinity."""
    came = np.full(model.columns.men.shape, np.inf)
    waiting = np.isfinite(model.columns.sets_out_at)
    while model.now <= 60 * hours:
        marches(model)
        new = waiting & (model.columns.duty == Duty.ON_POST) & ~np.isfinite(came)
        came[new] = model.now
        model.number += 1
    return came


@pytest.mark.parametrize("pulse", [1.0, 5.0, 20.0])
def test_exact_minutes(pulse: float) -> None:
    """A unit arrives in the pulse in which its setting out, the legs of its way, its speed and its luck add up to."""
    model = marching("smolny", pulse=pulse)
    start = model.columns.place[0].copy()
    came = arrivals(model)[0]
    walked = np.flatnonzero(np.isfinite(came))
    way = model.city.table("foot")[start[walked], model.city.index["smolny"]]
    minutes = 3.0 + way * LAND_SPEED / model.setting.units.speed[walked] * model.columns.pace[0, walked]
    assert len(walked) > 200
    assert np.abs(came[walked] - np.ceil(minutes / pulse - 1e-4) * pulse).max() < 1e-6


def test_luck_of_a_march_does_not_depend_on_the_pulse() -> None:
    """The same march has the same luck whatever the pulse."""
    fine, coarse = marching("smolny", pulse=1.0), marching("smolny", pulse=10.0)
    arrivals(fine), arrivals(coarse)
    assert np.array_equal(fine.columns.pace, coarse.columns.pace)


@pytest.mark.parametrize("up", [(b,) for b in SPANS] + [tuple(SPANS)], ids="+".join)
@pytest.mark.parametrize("goal", ["smolny", "palace_square", "finland_station"])
def test_raised_bridges_bring_nobody_sooner(goal: str, up: tuple[str, ...]) -> None:
    """With bridges up, heard of or not, nobody arrives earlier than with all bridges down."""
    assert (arrivals(marching(goal, worlds=4, up=up)) >= arrivals(marching(goal, worlds=4))).all()


def test_nobody_crosses_a_raised_bridge() -> None:
    """With every bridge up nobody comes from another bank; those of the same bank, and who stood on a bridge, come as ever."""
    spans = tuple(sorted({r.raised_bridge for r in HISTORY.routes if r.raised_bridge}))
    model = marching("smolny", up=spans)
    s = model.setting
    homes = [HISTORY.places[s.places.ids[p]].bank for p in s.units.home]
    came = np.isfinite(arrivals(model)[0])
    assert {homes[u] for u in np.flatnonzero(came)} == {"admiralty_side", "river"}
    assert all(came[u] for u, bank in enumerate(homes) if bank == "admiralty_side" and s.units.graph[u] == "foot")


def test_who_finds_a_bridge_raised_tells_his_quarter() -> None:
    """A unit that comes to a raised bridge sees it, and its quarter knows."""
    model = marching("smolny", up=("liteiny_bridge",))
    bridge = model.city.index["liteiny_bridge"]
    assert not model.columns.heard_raised[0, :, bridge].any()
    arrivals(model, 10)
    assert model.columns.heard_raised[0, model.setting.places.audience[model.city.index["finland_station"]], bridge]


def trains(stops: float) -> NDArray[np.float64]:
    """When the units that travel by rail reach one station, if every leg has such a chance of being stopped."""
    model = Petrograd(brief(51), worlds=range(3), values={"railway_stop": stops})
    c = model.columns
    rail = np.flatnonzero([g == "rail" for g in model.setting.units.graph])
    c.task[:, rail], c.sets_out_at[:, rail] = 0, 0.0
    model.script.tasks.place[0] = model.city.index["nikolaevsky_station"]
    return arrivals(model, 120)[:, rail]


def test_stopped_trains_are_late() -> None:
    """Trains that are stopped come later than those that are not; nobody comes sooner for a greater chance to be stopped."""
    free, some, every = trains(0.0), trains(0.4), trains(1.0)
    assert ((free <= some) & (some <= every)).all()
    assert (free < every).all()


@pytest.mark.parametrize("pulse", [1.0, 5.0, 20.0])
def test_way_home(pulse: float) -> None:
    """A unit that gives up has not walked a minute before it gave up: it is home no sooner than its way takes."""
    model = Petrograd(brief(51), pulse=pulse)
    s, c = model.setting, model.columns
    unit = next(u for u in range(len(s.units.ids)) if s.places.ids[s.units.home[u]] == "vyborg_soviet" and s.units.sort[u] == SORTS.index(RedGuards))
    c.place[:, unit], c.duty[:, unit], c.stance[:, unit] = model.city.index["finland_station"], Duty.ON_POST, 1
    c.loyalty[:, unit], c.thinks_at[:, unit] = -5.0, 0.0
    stances(model)
    assert c.duty[0, unit] == Duty.UNDER_WAY
    way = float(model.city.table("foot")[model.city.index["finland_station"], s.units.home[unit]] * LAND_SPEED / s.units.speed[unit])
    while c.duty[0, unit] != Duty.IN_QUARTERS:
        marches(model)
        model.number += 1
    assert (model.number - 1) * pulse == np.ceil(way / pulse) * pulse
