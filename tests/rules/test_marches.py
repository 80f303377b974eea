"""Marches: exact minutes, whatever the pulse, and bridges that only ever delay."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from rules.scenes import Scene
from sim.agents import RedGuards
from sim.city.streets import GRAPHS, LAND_SPEED
from sim.history import load
from sim.state import IN_QUARTERS, ON_POST, SEIZE, UNDER_WAY

HISTORY = load()
SPANS = ["nikolaevsky_bridge", "palace_bridge", "troitsky_bridge", "liteiny_bridge"]
FOOT, RAIL = list(GRAPHS).index("foot"), list(GRAPHS).index("rail")


def marching(
    goal: str, *, pulse: float = 5.0, world: int = 0, sets_out: float = 3.0, up: tuple[str, ...] = ()
) -> Scene:
    """A city in which every unit on foot has had orders for one place; bridges may be up, which nobody has
    heard.
    """
    scene = Scene(pulse=pulse, world=world)
    task = int(np.flatnonzero(scene.plan.tasks.purpose == SEIZE)[0])
    scene.w["tasks"][task]["place"] = scene.place(goal)
    on_foot = np.flatnonzero((scene.units["graph"] == FOOT) & scene.units["in_city"])
    for name, value in (("task", task), ("sets_out_at", sets_out), ("duty", IN_QUARTERS)):
        scene.units[name][on_foot] = value
    scene.places["raised"][[scene.place(b) for b in up]] = True
    return scene


def arrivals(scene: Scene, hours: float = 30.0) -> NDArray[np.float64]:
    """The minute (units,) of the pulse in which each unit came to its post, or infinity."""
    units = scene.units
    came, waiting = np.full(scene.count, np.inf), np.isfinite(units["sets_out_at"])
    while scene.now <= 60 * hours:
        scene.rule("marches")
        came[waiting & (units["duty"] == ON_POST) & ~np.isfinite(came)] = scene.now
        scene.tick()
    return came


@cache
def reached(goal: str, up: tuple[str, ...] = ()) -> NDArray[np.float64]:
    """The same in four worlds (worlds, units), with some bridges up."""
    return np.stack([arrivals(marching(goal, world=world, up=up)) for world in range(4)])


@pytest.mark.parametrize("pulse", [1.0, 5.0, 20.0])
def test_exact_minutes(pulse: float) -> None:
    """A unit arrives in the pulse in which its setting out, the legs of its way, its speed and its luck add
    up to.
    """
    scene = marching("smolny", pulse=pulse)
    start = scene.units["place"].copy()
    came = arrivals(scene)
    walked = np.flatnonzero(np.isfinite(came))
    way = scene.cast.city.table("foot")[start[walked], scene.place("smolny")]
    minutes = 3.0 + way * LAND_SPEED / scene.units["speed"][walked] * scene.units["pace"][walked]
    assert len(walked) > 200
    assert len(set(scene.units["pace"][walked])) > 200
    assert np.abs(came[walked] - np.ceil(minutes / pulse - 1e-4) * pulse).max() < 1e-6


def test_luck_of_a_march_does_not_depend_on_the_pulse() -> None:
    """The same march has the same luck whatever the pulse."""
    fine, coarse = marching("smolny", pulse=1.0), marching("smolny", pulse=10.0)
    arrivals(fine), arrivals(coarse)
    assert np.array_equal(fine.units["pace"], coarse.units["pace"])
    assert (fine.units["pace"] != 1).sum() > 200


@pytest.mark.parametrize("up", [(b,) for b in SPANS] + [tuple(SPANS)], ids="+".join)
@pytest.mark.parametrize("goal", ["smolny", "palace_square", "finland_station"])
def test_raised_bridges_bring_nobody_sooner(goal: str, up: tuple[str, ...]) -> None:
    """With bridges up, heard of or not, nobody arrives earlier than with all bridges down."""
    assert (reached(goal, up) >= reached(goal)).all()
    assert np.isfinite(reached(goal)).sum() > 800


def test_raised_bridges_delay() -> None:
    """With the bridges to the centre up some arrive later than with all bridges down."""
    assert (reached("palace_square", tuple(SPANS)) > reached("palace_square")).any()


def test_nobody_crosses_a_raised_bridge() -> None:
    """With every bridge up nobody comes from another bank; those of the same bank, and who stood on a bridge,
    come as ever.
    """
    scene = marching("smolny", up=tuple(sorted({r.raised_bridge for r in HISTORY.routes if r.raised_bridge})))
    homes = [HISTORY.places[scene.named(p)].bank for p in scene.units["home"]]
    came = np.isfinite(arrivals(scene))
    assert {homes[u] for u in np.flatnonzero(came)} == {"admiralty_side", "river"}
    assert all(
        came[u]
        for u, bank in enumerate(homes)
        if bank == "admiralty_side" and scene.units["graph"][u] == FOOT
    )


def test_who_finds_a_bridge_raised_tells_his_quarter() -> None:
    """A unit that comes to a raised bridge sees it, and its quarter knows."""
    scene = marching("smolny", up=("liteiny_bridge",))
    bridge, quarter = scene.place("liteiny_bridge"), scene.places["audience"][scene.place("finland_station")]
    assert not scene.w["news"]["raised"][:, bridge].any()
    arrivals(scene, 10)
    assert scene.w["news"]["raised"][quarter, bridge]


def trains(stops: float) -> NDArray[np.float64]:
    """When the units that travel by rail reach one station, if every leg has such a chance of being stopped:
    (worlds, units).
    """
    came = []
    for world in range(3):
        scene = Scene(world=world, railway_stop=stops)
        rail = np.flatnonzero((scene.units["graph"] == RAIL) & ~scene.units["is_party"])
        scene.units["task"][rail], scene.units["sets_out_at"][rail] = 0, 0.0
        scene.w["tasks"][0]["place"] = scene.place("nikolaevsky_station")
        came.append(arrivals(scene, 120)[rail])
    return np.stack(came)


def test_stopped_trains_are_late() -> None:
    """Trains that are stopped come later than those that are not; nobody comes sooner for a greater chance to
    be stopped.
    """
    free, some, every = trains(0.0), trains(0.4), trains(1.0)
    assert np.isfinite(free).all()
    assert ((free <= some) & (some <= every)).all()
    assert (free < every).all()


def test_committees_send_trains_back_and_railwaymen_hold_them() -> None:
    """Where every soldier of a town is of the other mind its committees send back what they can; railwaymen
    who hold nobody do not change that, and committees who let pass leave the railwaymen's work as it was.
    """

    def sent_back(**values: float) -> int:
        back = 0
        for world in range(6):
            scene = Scene(world=world, train_held=0.1, **values)
            rail = np.flatnonzero((scene.units["graph"] == RAIL) & ~scene.units["is_party"])
            scene.units["task"][rail], scene.units["sets_out_at"][rail] = 0, 0.0
            scene.units["stance"][rail] = -1
            scene.units["loyalty"][~np.isin(np.arange(len(scene.units)), rail)] = 2.0
            scene.w["tasks"][0]["place"] = scene.place("nikolaevsky_station")
            arrivals(scene, 24)
            back += int(scene.units["spent"][rail].sum())
        return back

    assert sent_back(railway_stop=0.0, committee_stop=0.0) == 0
    assert sent_back(railway_stop=0.0, committee_stop=1.0) > 0
    assert sent_back(railway_stop=1.0, committee_stop=0.0) == 0


@pytest.mark.parametrize("pulse", [1.0, 5.0, 20.0])
def test_way_home(pulse: float) -> None:
    """A unit that gives up has not walked a minute before it gave up: it is home no sooner than its way
    takes.
    """
    scene = Scene(pulse=pulse)
    station = scene.place("finland_station")
    unit = next(
        int(u) for u in scene.sort(RedGuards) if scene.named(scene.units["home"][u]) == "vyborg_soviet"
    )
    it = scene.units[unit]
    it["place"], it["duty"], it["stance"], it["loyalty"], it["thinks_at"] = station, ON_POST, 1, -5.0, 0.0
    scene.rule("stances")
    assert it["duty"] == UNDER_WAY
    way = float(scene.cast.city.table("foot")[station, it["home"]] * LAND_SPEED / it["speed"])
    while it["duty"] != IN_QUARTERS:
        scene.rule("marches")
        scene.tick()
    assert scene.now - pulse == np.ceil(way / pulse) * pulse
