"""The reduced city: Petrograd with every unit and place of its record, in which three rules are at work.

Stances, marches and stand-offs (sim/rules) run as they are; the other nine rules of a pulse are off. What
those would have brought is laid down at the opening, as it came in a history of the whole model with the same
seed and number: the orders of both headquarters, each with the minute in which it reaches its unit; when
commissars come to places and are accepted by units; who has been told to stand ready or to stay in. What is
believed, declared and reported of others stays as it is at the opening. Nobody stops because his cause is
lost, no party is sent out from a post, and of a levy called to its muster only the first come.

It is what the compiled rules and the peer of `idiomatic.py` are compared on, pulse by pulse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

import sim
from sim.plan.layout import Layout, Stage, layout
from sim.records import Record, blank, f8, i2, i4
from sim.rules.marches import marches
from sim.rules.stances import stances
from sim.rules.standoffs import bears, standoffs

SEED = 1917
# Parameters of a city in which much blood is shed, so that the rules of losses are seen at work too.
BITTER = {"shot_rate": 20.0, "hostility_calm": 1.0, "loss_rate": 0.01, "switch_rate": 2.0, "yield_rate": 0.3}
FIELDS = ("place", "stance", "duty", "men")  # of a unit, what two histories are compared by
LAID = ("commissar_at", "confined", "ready")  # of a unit, as it stood at the end of the whole history
compiled = numba.njit(error_model="numpy", nogil=True)  # not kept: the cache knows of changes in `sim` alone


class Order(Record):
    """An order, and the minute in which it reaches its unit."""

    minute: f8
    unit: i2
    task: i2
    party: i4


@dataclass(frozen=True, eq=False)
class Reduced:
    """A history of the reduced city before its first pulse: the record of its world, and its orders."""

    layout: Layout
    start: NDArray[Any]  # (1,)
    ways: NDArray[Any]  # (1,)
    orders: NDArray[Any]  # (orders,), by minute

    @property
    def pulses(self) -> int:
        """How many pulses it has."""
        clock = self.start[0]["clock"]
        return int(clock["horizon"] // clock["pulse"]) + 1

    @property
    def units(self) -> int:
        """How many units it has."""
        return len(self.layout.cast.units.ids)


@cache
def stage(scenario: str) -> Stage:
    """A city to play on, made once."""
    return Stage(layout(sim.scenario(scenario)))


def reduced(
    number: int, *, values: Mapping[str, float] | None = None, seed: int = SEED, scenario: str = "historical"
) -> Reduced:
    """The reduced city in world `number` under a seed; `values` sets parameters."""
    on = stage(scenario)
    on.open(seed, number, {**on.layout.scenario.settings, **(values or {})})
    start, given = on.worlds.copy(), []
    w, units = on.worlds[0], len(on.layout.cast.units.ids)
    told = np.full(units, -1)
    while w["clock"]["now"] <= w["clock"]["horizon"]:
        on.play(float(w["clock"]["now"]))
        it = w["units"][:units]
        new = np.flatnonzero((it["told"] >= 0) & (it["told"] != told) & ~it["is_party"])
        given += [(it["told_at"][u], u, it["told"][u], it["party"][u]) for u in new]
        told = it["told"].copy()
    for name in LAID:
        start[0]["units"][name] = w["units"][name]
    start[0]["places"]["envoy_at"], start[0]["tasks"]["first"] = w["places"]["envoy_at"], w["tasks"]["first"]
    draw_losses_borne(start)
    orders = blank(Order, len(given), {})
    orders[:] = sorted(given)
    return Reduced(on.layout, start, on.ways, orders)


@compiled
def draw_losses_borne(worlds: Any) -> None:
    """What each side bears at every place, which the model draws when it is first asked for."""
    w = worlds[0]
    for at in w.places:
        for column in range(2):
            bears(w, at, column)


@compiled
def hand_out(w: Any, orders: Any, handed: Any) -> None:
    """The orders that are due reach their units, which make up their minds in this pulse."""
    for unit in w.units:
        unit.ordered = False
    while handed[0] < len(orders) and orders[handed[0]].minute <= w.clock.now:
        order = orders[handed[0]]
        unit, task = w.units[order.unit], w.tasks[order.task]
        unit.ordered, unit.task, unit.party, unit.order_at = True, order.task, order.party, w.clock.now
        unit.bid[task.side], unit.bid_at[task.side] = 1.0, w.clock.now
        handed[0] += 1


@compiled
def play(worlds: Any, cities: Any, orders: Any, handed: Any, until: float) -> None:
    """All pulses up to a minute: the orders that are due, and the project's own three rules."""
    w, ways = worlds[0], cities[0]
    while w.clock.now <= until:
        hand_out(w, orders, handed)
        stances(w, ways)
        marches(w, ways)
        standoffs(w, ways)
        w.clock.number += 1
        w.clock.now = w.clock.number * w.clock.pulse


class Compiled:
    """The reduced city played by the compiled rules."""

    def __init__(self, city: Reduced) -> None:
        self.city, self.worlds, self.handed = city, city.start.copy(), np.zeros(1, np.int64)

    def restart(self) -> None:
        """Back to the first pulse."""
        self.worlds[:], self.handed[0] = self.city.start, 0

    def play(self, until: float = np.inf) -> None:
        """Play all pulses up to a minute, or to the end."""
        until = min(until, float(self.worlds[0]["clock"]["horizon"]))
        play(self.worlds, self.city.ways, self.city.orders, self.handed, until)

    def step(self) -> None:
        """Play one pulse."""
        self.play(float(self.worlds[0]["clock"]["now"]))

    def state(self) -> NDArray[np.int64]:
        """Place, stance, duty and men of every unit, then the holder of every place."""
        w, n = self.worlds[0], self.city.units
        held = w["places"]["holder"][: len(self.city.layout.cast.places.ids)]
        return np.concatenate([*(w["units"][name][:n] for name in FIELDS), held]).astype(np.int64)

    def journal(self) -> list[tuple[float, int, int, int]]:
        """What has happened: minute, kind, place and side of every event."""
        w = self.worlds[0]
        lines = w["events"][: w["clock"]["events"]]
        return [(float(e["minute"]), int(e["kind"]), int(e["place"]), int(e["side"])) for e in lines]


def dock(city: Reduced, peer: Any) -> list[str]:
    """Where two ways of playing one history differ, pulse by pulse: nothing if they are equal."""
    mine = Compiled(city)
    for pulse in range(city.pulses):
        mine.step()
        peer.step()
        apart = np.flatnonzero(mine.state() != peer.state())
        if len(apart):
            return [f"pulse {pulse}: {_what(city, int(k))}" for k in apart]
    here, there = mine.journal(), peer.journal()
    return [] if here == there else [f"the journals: {sorted(set(here) ^ set(there))[:5]}"]


def _what(city: Reduced, k: int) -> str:
    """What a number of a state is of."""
    field, row = divmod(k, city.units)
    if field < len(FIELDS):
        return f"{FIELDS[field]} of {city.layout.cast.units.ids[row]}"
    return f"holder of {city.layout.cast.places.ids[k - len(FIELDS) * city.units]}"
