"""Marches: from place to place along open edges, in exact minutes (ODD 7.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.agents.unit import Duty
from sim.city import RAIL_SPEED
from sim.columns import found
from sim.luck import Process
from sim.rules import leaving
from sim.rules.messages import all_happened
from sim.script import NEVER, Purpose

if TYPE_CHECKING:
    from sim.model import Petrograd

PACE_SPREAD = 0.2
HELD_SPREAD = 0.5
WAIT_AT_WATER = 10.0  # minutes before a unit that finds no way looks again


def marches(m: Petrograd) -> None:
    """Set out, walk the minutes of this pulse, and arrive."""
    c = m.columns
    _set_out(m)
    _bars(m)
    walking = np.flatnonzero(c.duty == Duty.UNDER_WAY)
    left, duty = c.left.reshape(-1), c.duty.reshape(-1)
    left[walking] -= m.pulse
    for _ in range(400):
        walking = walking[(duty.take(walking) == Duty.UNDER_WAY) & (left.take(walking) <= 0)]
        if not len(walking):
            return
        world = walking // c.duty.shape[1]
        _step(m, world, walking - world * c.duty.shape[1])


def _bars(m: Petrograd) -> None:
    """Strength of the guards that let nobody of the other side past: cordons, and posts on movable bridges."""
    c, s, tasks = m.columns, m.setting, m.script.tasks
    row = np.flatnonzero((c.duty == Duty.ON_POST) & (c.stance != 0) & (c.task >= 0))
    place, task = c.place.take(row), c.task.take(row)
    bars = (s.places.span[place] | m.bars[task]) & (c.men.take(row) > 0)
    row, place, task = row[bars], place[bars], task[bars]
    world = row // c.duty.shape[1]
    strength = m.unit_strength(world, row - world * c.duty.shape[1])
    m.bar_strength[m.barred_at] = 0
    m.barred_at = world, place, (c.stance.take(row) > 0).astype(np.intp)
    np.add.at(m.bar_strength[..., 0], m.barred_at, strength)
    np.add.at(m.bar_strength[..., 1], m.barred_at, strength * ~tasks.armed_only[task])


def _set_out(m: Petrograd) -> None:
    c, s, tasks = m.columns, m.setting, m.script.tasks
    world, unit = found((c.sets_out_at <= m.now) & (c.task >= 0) & (c.duty < Duty.BESIEGED))
    if not len(world):
        return
    late = np.minimum(m.now - c.sets_out_at[world, unit], m.pulse)
    task = c.task[world, unit]
    c.sets_out_at[world, unit] = NEVER
    _detach(m, world, unit)
    c.goal[world, unit] = tasks.place[task]
    rings = tasks.purpose[task] == Purpose.RING
    c.goal[world[rings], unit[rings]] = _ring_post(m, world[rings], unit[rings], tasks.place[task[rings]])
    c.duty[world, unit] = Duty.UNDER_WAY
    c.to[world, unit] = -1
    c.left[world, unit] = m.pulse - late
    factor = m.luck.at(world, Process.TRAVEL, luck.join(s.units.keys[unit], tasks.keys[task]), 0)
    c.pace[world, unit] = luck.lognormal(factor, PACE_SPREAD)


def _detach(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """From quarters no more men set out than are wanted; the rest stay in."""
    c = m.columns
    men = c.men[world, unit]
    out = np.where(c.duty[world, unit] == Duty.IN_QUARTERS, np.minimum(c.party[world, unit], men), men)
    c.rest[world, unit] += men - out
    c.men[world, unit] = out


def _ring_post(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], place: NDArray[np.intp]) -> NDArray[np.intp]:
    """The post of the ring round a place that a unit reaches first."""
    best = np.empty(len(world), np.intp)
    for target in np.unique(place):
        rows = np.flatnonzero(place == target)
        posts = m.ring_posts[int(target)]
        best[rows] = posts[np.argmin(m.city.table("foot")[m.columns.place[world[rows], unit[rows]]][:, posts], axis=1)]
    return best


def _step(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Reach the next place, and go on or stop there."""
    c = m.columns
    reached = c.to[world, unit] >= 0
    c.place[world[reached], unit[reached]] = c.to[world[reached], unit[reached]]
    _enter(m, world[reached], unit[reached])
    c.to[world, unit] = -1
    barred = _barred(m, world[reached], unit[reached])
    world, unit = _drop(world, unit, reached, barred)
    there = c.place[world, unit] == c.goal[world, unit]
    _arrive(m, world[there], unit[there])
    _next_leg(m, world[~there], unit[~there])


def _enter(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Write down when a force from outside is first in the city."""
    c, s = m.columns, m.setting
    new = np.flatnonzero(~s.units.in_city[unit] & s.places.in_city[c.place[world, unit]])
    np.minimum.at(c.first_arrival, (world[new], s.units.force[unit[new]]), m.now)


def _drop(
    world: NDArray[np.intp], unit: NDArray[np.intp], reached: NDArray[np.bool_], barred: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    keep = np.ones(len(world), bool)
    keep[np.flatnonzero(reached)[barred]] = False
    return world[keep], unit[keep]


def _barred(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Units that a cordon or a bridge guard of the other side, stronger than they, does not let pass; they turn back."""
    c, s = m.columns, m.setting
    stopped = np.zeros(len(world), bool)
    place, side = c.place[world, unit], np.where(c.stance[world, unit] > 0, 1, 0)
    guard = m.bar_strength[world, place, 1 - side, s.units.civilian[unit].astype(np.intp)]
    candidates = np.flatnonzero((guard > 0) & (c.goal[world, unit] != place) & (c.goal[world, unit] != s.units.home[unit]) & (c.stance[world, unit] != 0))
    if not len(candidates):
        return stopped
    w, i = world[candidates], unit[candidates]
    own = np.where(s.units.civilian[i], 0, m.unit_strength(w, i))
    weaker = candidates[guard[candidates] > own]
    stopped[weaker] = True
    w, i, p = world[weaker], unit[weaker], place[weaker]
    np.minimum.at(c.first_stopped, (w, s.units.force[i]), m.now)
    if m.chronicle.keep:
        _note_block(m, w, i, p)
    leaving.go_home(m, w, i)
    return stopped


def _note_block(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], place: NDArray[np.intp]) -> None:
    c, s = m.columns, m.setting
    names, places = [s.forces.ids[f] for f in s.units.force[unit]], [s.places.ids[p] for p in place]
    tokens = [f"block:{name}:{at}" for name, at in zip(names, places, strict=True)]
    for k in m.chronicle.first(world, tokens):
        m.note(world[k : k + 1], "block", place=places[k], side=c.holder[world[k], place[k]], actors=[(s.units.ids[unit[k]],)], token=tokens[k],
               text=f"{m.name_of(names[k])}: stopped at {m.name_of(places[k])} and turned back", because=[c.cause[world[k : k + 1], unit[k]]])


def _arrive(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Come to the goal: stand there, or be home again."""
    c, s = m.columns, m.setting
    if not len(world):
        return
    home = c.task[world, unit] < 0
    c.duty[world, unit] = np.where(home, Duty.IN_QUARTERS, Duty.ON_POST)
    c.goal[world, unit] = -1
    c.left[world, unit] = 0.0
    c.fed_at[world, unit] = np.where(home, m.now, c.fed_at[world, unit])
    leaving.rejoin(m, world[home], unit[home])
    w, i = world[~home], unit[~home]
    place = c.place[w, i]
    event = _note_arrival(m, w, i, place) if m.chronicle.keep else m.untold(w)
    all_happened(m, m.arrival_fact[s.units.force[i], place], w, place, event)


def _note_arrival(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], place: NDArray[np.intp]) -> NDArray[np.int64]:
    """Write down the first unit of each force that reaches a place; the numbers of the lines, -1 for none."""
    s, c = m.setting, m.columns
    names, places = [s.forces.ids[f] for f in s.units.force[unit]], [s.places.ids[p] for p in place]
    tokens = [f"arrive:{name}:{at}" for name, at in zip(names, places, strict=True)]
    new, event = m.chronicle.first(world, tokens), m.untold(world)
    event[new] = m.note(
        world[new], "arrive", place=[places[k] for k in new], side=c.stance[world[new], unit[new]], actors=[(s.units.ids[unit[k]],) for k in new],
        text=[f"{m.name_of(names[k])}: a detachment reaches {m.name_of(places[k])}" for k in new], token=[tokens[k] for k in new],
        because=[c.cause[world[new], unit[new]]])
    return event


def _next_leg(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Take the next edge of the fastest way that is believed open; at a raised bridge one sees that it is raised."""
    c, city = m.columns, m.city
    if not len(world):
        return
    here, goal, graph = c.place[world, unit], c.goal[world, unit], m.graph_code[unit]
    audience = m.setting.places.audience[here]
    row = city.rows(graph, m.heard_mask(world, audience))
    following = city.hop[row, here, goal].astype(np.intp)
    up = m.columns.raised[world, here]
    shut = (following < 0) | up | (m.is_shut(world, graph, here, following) & (following != goal))
    if shut.any():
        seen = np.flatnonzero(shut)
        _learn_bridges(m, world[seen], audience[seen])
        mask = m.true_mask(world[seen]) & ~_lets_off(m, world[seen], unit[seen], here[seen])
        seen_rows = city.rows(graph[seen], mask)
        following[seen] = city.hop[seen_rows, here[seen], goal[seen]]
    stuck = following < 0
    c.left[world[stuck], unit[stuck]] = WAIT_AT_WATER
    world, unit, here, following, graph = (x[~stuck] for x in (world, unit, here, following, graph))
    minutes, by_rail = _leg_minutes(m, world, unit, here, following, graph)
    c.to[world, unit] = following
    c.leg[world, unit] = minutes
    c.left[world, unit] += minutes
    _trains(m, world[by_rail], unit[by_rail], following[by_rail])


def _lets_off(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], here: NDArray[np.intp]) -> NDArray[np.int64]:
    """The bit of the raised bridge a unit stands on, if it may come off it: its own side holds it, or it is going home."""
    c = m.columns
    free = (c.holder[world, here] == c.stance[world, unit]) | (c.task[world, unit] < 0)
    return np.where(c.raised[world, here] & free, m.bit_of[here], 0)


def _learn_bridges(m: Petrograd, world: NDArray[np.intp], audience: NDArray[np.intp]) -> None:
    """The quarter learns at sight which bridges are up."""
    m.columns.heard_raised[world, audience] = m.columns.raised[world]


def _leg_minutes(
    m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], here: NDArray[np.intp], there: NDArray[np.intp], graph: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    km, pace = m.leg_km[graph, here, there], m.leg_pace[graph, here, there]
    speed = np.where(pace == 1, RAIL_SPEED, np.where(pace == 2, m.setting.units.afloat[unit], m.setting.units.speed[unit]))
    return np.maximum(km / speed * 60, 0.05) * m.columns.pace[world, unit], pace == 1


def _trains(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], ahead: NDArray[np.intp]) -> None:
    """On each leg a train may be stopped by railwaymen or committees, whichever side it serves; each detachment has its own.

    Railwaymen hold it for a while, and one that is held for longer than an order lives goes back; the committees of a town whose
    soldiers are of the other mind send it back.
    """
    c, s = m.columns, m.setting
    if not len(world):
        return
    cause = luck.join(s.units.keys[unit], s.places.keys[ahead])
    stopped = m.luck.at(world, Process.ARRIVAL, cause, 0) < m.p.railway_stop[world]
    w, i = world[stopped], unit[stopped]
    wait = m.p.train_held[w] * 60 * luck.lognormal(m.luck.at(w, Process.ARRIVAL, luck.join(cause[stopped], np.uint64(1)), 0), HELD_SPREAD)
    c.left[w, i] += wait
    back = stopped & (c.task[world, unit] >= 0)
    back[stopped] &= wait > 60 * m.p.order_life[w]
    back |= m.luck.at(world, Process.ARRIVAL, luck.join(cause, np.uint64(2)), 0) < m.p.railway_stop[world] * _against(m, world, unit)
    _sent_back(m, world[back], unit[back])
    names = [s.forces.ids[f] for f in s.units.force[i]] if m.chronicle.keep else []
    tokens = [f"held:{name}" for name in names]
    for k in m.chronicle.first(w, tokens):
        m.note(w[k : k + 1], "train", place=s.places.ids[c.place[w[k], i[k]]], side=c.stance[w[k], i[k]], actors=[(s.units.ids[i[k]],)], token=tokens[k],
               text=f"{m.name_of(names[k])}: their train is held on the line", because=[c.cause[w[k : k + 1], i[k]]])


def _against(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> NDArray[np.float64]:
    """The share (n,) of the soldiers quartered where a unit on an errand boards its train whose minds are with the other side."""
    c, u = m.columns, m.setting.units
    share = np.zeros(len(world))
    for k in np.flatnonzero((c.task[world, unit] >= 0) & (c.stance[world, unit] != 0) & ~m.setting.places.in_city[c.place[world, unit]]):
        w, i = int(world[k]), int(unit[k])
        town = np.flatnonzero((u.home == c.place[w, i]) & (u.force != u.force[i]) & (c.duty[w] == Duty.IN_QUARTERS))
        men = c.men[w, town]
        foes = (c.loyalty[w, town] + c.moved[w, town]) * c.stance[w, i] < 0
        share[k] = men[foes].sum() / max(int(men.sum()), 1)
    return share


def _sent_back(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Units that do not come through; they answer no more calls, and who hoped for them hears of it."""
    c, s = m.columns, m.setting
    if not len(world):
        return
    names = [s.forces.ids[f] for f in s.units.force[unit]] if m.chronicle.keep else []
    tokens = [f"back:{name}" for name in names]
    for k in m.chronicle.first(world, tokens):
        m.note(world[k : k + 1], "train", place=s.places.ids[c.place[world[k], unit[k]]], side=c.stance[world[k], unit[k]], actors=[(s.units.ids[unit[k]],)],
               token=tokens[k], text=f"{m.name_of(names[k])}: their train is sent back", because=[c.cause[world[k : k + 1], unit[k]]])
    leaving.go_home(m, world, unit, spent=True)
