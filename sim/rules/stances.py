"""Stance: act for one side, stay in barracks, act for the other (ODD 7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.agents import SORTS
from sim.agents.unit import Duty, Group
from sim.columns import found
from sim.luck import Process
from sim.rules import leaving
from sim.rules.messages import happened
from sim.script import NEVER, Purpose

if TYPE_CHECKING:
    from sim.model import Petrograd

HEADS_DELAY = 0.25  # of the time in which a ring is closed, for every further head of the siege's command
RING_SPREAD = 0.3
MOOD_HOURS = 6.0  # a unit's mood holds for a block of hours: how often it decides must not change what it decides


def inclination(
    loyalty: NDArray[Any], belief: NDArray[Any], peers: NDArray[Any], orders: NDArray[Any], mood: NDArray[Any],
    beta: NDArray[Any], omega: NDArray[Any], gamma: NDArray[Any],
) -> NDArray[Any]:
    """z = d + beta * tanh(b/2) + omega * (q_S - q_G) + gamma * (O_S - O_G) + eps.

    `peers` and `orders` end in a sides axis (government, Soviet); orders are already discounted by commissars.
    Granovetter 1978; Kuran 1991; Singh 2014.
    """
    pull = beta * np.tanh(belief / 2) + omega * (peers[..., 1] - peers[..., 0]) + gamma * (orders[..., 1] - orders[..., 0])
    return np.asarray(loyalty + pull + mood)


def answer(
    z: NDArray[Any], theta: NDArray[Any], stay: NDArray[Any], stance: NDArray[Any], rho: NDArray[Any]
) -> NDArray[np.int8]:
    """+1 if z > theta + stay, -1 if z < -(theta + stay), else 0; a stance once taken is left only rho further in."""
    band = theta + stay
    soviet = z > band - rho * (stance > 0)
    government = z < -(band - rho * (stance < 0))
    return soviet.astype(np.int8) - government.astype(np.int8)


def stances(m: Petrograd) -> None:
    """Units decide on an order, on relevant news, and at their own rate; what they decide they begin to do."""
    c, s = m.columns, m.setting
    wakes = m.beat(c.clock_at, c.clock_beats, s.units.keys, m.p.decision_rate)
    wakes |= m.ordered
    wakes |= c.thinks_at <= m.now
    if c.stirred.any():
        wakes |= m.where_unit_is(c.stirred[:, s.places.audience])
    world, unit = found(wakes & (c.men > 0) & ~c.spent & (c.duty < Duty.BESIEGED))
    if not len(world):
        return
    c.thinks_at[world, unit] = NEVER
    new = decide(m, world, unit, s.places.audience[c.place[world, unit]])
    _commit(m, world, unit, new)


def decide(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], audience: NDArray[np.intp]) -> NDArray[np.int8]:
    """The stance of some units now, by rows (n,) of world and unit, from what their audience knows."""
    c, p, u = m.columns, m.p, m.setting.units
    row = world * len(u.ids) + unit
    gamma = p.order_weight[world]
    accepted = c.commissar_at.reshape(-1, 2).take(row, axis=0) <= m.now
    heeded = 1.0 - p.commissar_discount[world][:, None] * accepted[:, ::-1]
    confined = c.confined.reshape(-1, 2).take(row, axis=0) * heeded
    z = inclination(
        m.loyalty_of(world, unit), m.belief[world, audience], peers(m, world, unit, audience), c.bid.reshape(-1, 2).take(row, axis=0) * heeded,
        moods(m).take(row), p.belief_weight[world] * u.belief_pull[unit], p.peer_weight[world], gamma,
    )
    stay = gamma * np.maximum(confined[:, 0], confined[:, 1])
    new = answer(z, m.band.take(row), stay, c.stance.take(row).astype(np.int64), p.hysteresis[world])
    return _conditions(m, world, unit, audience, new)


def moods(m: Petrograd) -> NDArray[np.float64]:
    """eps of every unit (worlds, units) in this block of hours, worked out when the block begins."""
    block = int(m.now // (MOOD_HOURS * 60))
    if m.mood[0] != block:
        noise = m.luck.signed(m.luck.uniform(Process.NOISE, m.setting.units.keys, block))
        m.mood = block, m.p.block_noise[:, None] * noise
    return m.mood[1]


def peers(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], audience: NDArray[np.intp]) -> NDArray[Any]:
    """Share believed active on each side (n, 2): half one's own group in the city, half one's own quarter."""
    c, group, quarter = m.columns, m.setting.units.group[unit], m.setting.audiences.quarter[audience]
    own = c.known[world, audience, group] / m.group_men[group][:, None]
    a = len(m.setting.audiences.ids)
    men = c.strength.reshape(-1, 10).take((world * a + audience) * a + quarter, axis=0)  # five groups of two sides
    near = (men[:, 0:2] + men[:, 2:4] + men[:, 4:6] + men[:, 6:8] + men[:, 8:10]) / m.quarter_men[quarter][:, None]
    return np.minimum(0.5 * own + 0.5 * near, 1.0)


def _conditions(
    m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], audience: NDArray[np.intp], new: NDArray[np.int8]
) -> NDArray[np.int8]:
    """Ask each sort of unit whether those that want to act are ready to."""
    c, u = m.columns, m.setting.units
    new[(new != 0) & (new * m.setting.sense == -m.sworn[unit])] = 0  # what most sorts ask: not for their foes
    willing = np.flatnonzero((new != 0) & m.conditional[unit])
    for sort in np.unique(u.sort[unit[willing]]):
        rows = willing[u.sort[unit[willing]] == sort]
        w, i, side = world[rows], unit[rows], new[rows].astype(np.int64)
        infantry = c.known[w, audience[rows], int(Group.GARRISON), (side > 0).astype(np.intp)]
        own = m.setting.forces.men[u.force[i]]
        ready = SORTS[sort].ready(side * m.setting.sense, infantry, own, c.infantry_share[w, i])
        new[rows] = np.where(ready, new[rows], 0)
    return new


def _commit(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], new: NDArray[np.int8]) -> None:
    """Take the new stances: obey, refuse, or leave what one was doing."""
    c, u = m.columns, m.setting.units
    old = c.stance[world, unit]
    c.stance[world, unit] = new
    task, told = c.task[world, unit], m.ordered[world, unit]
    side = m.script.tasks.side[task]
    asked = np.flatnonzero(task >= 0)
    obeys = new[asked] == 2 * side[asked] - 1
    idle = ~np.isfinite(c.sets_out_at[world[asked], unit[asked]]) & ((c.duty[world[asked], unit[asked]] == Duty.IN_QUARTERS) | told[asked])
    obey, refuse = asked[obeys & idle], asked[~obeys & told[asked]]
    _obey(m, world[obey], unit[obey])
    _refuse(m, world[refuse], unit[refuse], side[refuse])
    changed = np.flatnonzero((old != 0) & (new != old))
    world, unit, task = world[changed], unit[changed], task[changed]
    active = (c.duty[world, unit] == Duty.UNDER_WAY) | (c.duty[world, unit] == Duty.ON_POST)
    quits = active & ~(u.roster[unit] & (task < 0)) & (c.goal[world, unit] != u.home[unit])
    leaving.go_home(m, world[quits], unit[quits])
    c.left[world[quits], unit[quits]] = m.pulse  # they set out at the end of this pulse's deciding, not at its start
    waits = c.duty[world, unit] == Duty.IN_QUARTERS
    c.sets_out_at[world[waits], unit[waits]] = NEVER


def _obey(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Assemble, if in quarters, and set out."""
    c, u, tasks = m.columns, m.setting.units, m.script.tasks
    if not len(world):
        return
    task = c.task[world, unit]
    errand = luck.join(u.keys[unit], tasks.keys[task])
    factor = luck.lognormal(m.luck.at(world, Process.ASSEMBLY, errand, c.tries[world, task]), 1.0) ** m.p.assembly_spread[world]
    saved = np.where(c.ready[world, unit, tasks.side[task]], m.p.readiness_gain[world], 0.0)
    assembled = c.duty[world, unit] != Duty.IN_QUARTERS
    wait = np.where(assembled, 0.2, 1.0 - saved) * m.p.assembly[world] * factor
    wait += np.where(tasks.purpose[task] == Purpose.RING, _ring_wait(m, world, task), 0.0)
    calls = tasks.purpose[task] == Purpose.CALL  # whoever is called from far does not stand ready in the night for a train or ship of the morning
    c.sets_out_at[world, unit] = np.where(calls, np.maximum(m.now, tasks.leave_at[task]) + wait, np.maximum(m.now + wait, tasks.leave_at[task]))
    c.refused_at[world, unit, tasks.side[task]] = NEVER


def _ring_wait(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp]) -> NDArray[np.float64]:
    """Minutes (n,) left until the ring of a siege is agreed on: it stands ready so long after it was ordered, later under many heads."""
    c, tasks = m.columns, m.script.tasks
    key = luck.join(m.setting.places.keys[tasks.place[task]], np.uint64(41))
    heads = 1 + HEADS_DELAY * (c.troika[world].max(axis=1) - 1.0)
    ready = 60 * m.p.ring_readiness[world] * heads * luck.lognormal(m.luck.at(world, Process.ASSEMBLY, key, 0), RING_SPREAD)
    return np.maximum(c.task_first[world, task] + ready - m.now, 0.0)


def _refuse(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], side: NDArray[np.intp]) -> None:
    """Say no; a force is known to refuse when at least half of the men it was asked for have said no."""
    c, s = m.columns, m.setting
    if not len(world):
        return
    c.refused_at[world, unit, side] = m.now
    for f, sign in sorted(set(zip(s.units.force[unit].tolist(), side.tolist(), strict=True))):
        w = np.unique(world[(s.units.force[unit] == f) & (side == sign)])
        rows = w[:, None], m.units_of[f][None, :], sign
        asked = (c.bid[rows] >= 1.0) * c.men[rows[:2]]
        said_no = asked * np.isfinite(c.refused_at[rows])
        most = w[said_no.sum(axis=1) * 2 >= np.maximum(asked.sum(axis=1), 1)]
        _refusal_known(m, most, f, sign)


def _refusal_known(m: Petrograd, world: NDArray[np.intp], force: int, side: int) -> None:
    s, c = m.setting, m.columns
    token = f"refuse:{s.forces.ids[force]}"
    new = world[~m.already(token, world, side)]
    if not len(new):
        return
    event = m.note(new, "refuse", side=1 - 2 * side, place=s.places.ids[s.forces.home[force]], actors=[(s.forces.ids[force],)] * len(new),
                   text=f"{m.name_of(s.forces.ids[force])}: will not go", token=token,
                   because=[c.cause[new, np.flatnonzero(s.units.force == force)[0]]])
    happened(m, token, new, int(s.forces.home[force]), event)
    if not s.places.in_city[s.forces.home[force]]:
        c.relief[new[:, None], np.unique([s.audiences.staff[side], s.audiences.seat[side]])[None, :], side] *= 0.0
