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
from sim.script import NEVER

if TYPE_CHECKING:
    from sim.model import Petrograd

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
    audience = s.places.audience[c.place]
    stirred = c.stirred.ravel()[m.audience_base + audience]
    able = (c.men > 0) & ~c.spent & (c.duty != Duty.BESIEGED) & (c.duty != Duty.GONE)
    ticks = m.beat(c.clock_at, c.clock_beats, s.units.keys, m.p.decision_rate)
    world, unit = found((m.ordered | stirred | ticks | (c.thinks_at <= m.now)) & able)
    if not len(world):
        return
    c.thinks_at[world, unit] = NEVER
    new = decide(m, world, unit, audience[world, unit])
    _commit(m, world, unit, new)


def decide(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], audience: NDArray[np.intp]) -> NDArray[np.int8]:
    """The stance of some units now, by rows (n,) of world and unit, from what their audience knows."""
    c, p, u = m.columns, m.p, m.setting.units
    chi = p.commissar_discount[world]
    accepted = c.commissar_at[world, unit] <= m.now
    orders = c.bid[world, unit] * (1.0 - chi[:, None] * accepted[:, ::-1])
    stay = p.order_weight[world] * (c.confined[world, unit] * (1.0 - chi[:, None] * accepted[:, ::-1])).max(axis=1)
    block = int(m.now // (MOOD_HOURS * 60))
    mood = p.block_noise[world] * m.luck.signed(m.luck.at(world, Process.NOISE, u.keys[unit], block))
    z = inclination(
        m.loyalty_of(world, unit), m.belief[world, audience], peers(m, world, unit, audience), orders, mood,
        p.belief_weight[world] * u.belief_pull[unit], p.peer_weight[world], p.order_weight[world],
    )
    old = c.stance[world, unit].astype(np.int64)
    new = answer(z, m.band[world, unit], stay, old, p.hysteresis[world])
    return _conditions(m, world, unit, audience, new)


def peers(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], audience: NDArray[np.intp]) -> NDArray[Any]:
    """Share believed active on each side (n, 2): half one's own group in the city, half one's own quarter."""
    c, group, quarter = m.columns, m.setting.units.group[unit], m.setting.audiences.quarter[audience]
    own = c.known[world, audience, group] / m.group_men[group][:, None]
    near = c.strength[world, audience, quarter].sum(axis=1) / m.quarter_men[quarter][:, None]
    return np.minimum(0.5 * own + 0.5 * near, 1.0)


def _conditions(
    m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], audience: NDArray[np.intp], new: NDArray[np.int8]
) -> NDArray[np.int8]:
    """Ask each sort of unit whether those that want to act are ready to."""
    c, u = m.columns, m.setting.units
    willing = np.flatnonzero(new)
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
    task = c.task[world, unit]
    side = m.script.tasks.side[task]
    wanted = np.where(task >= 0, 2 * side - 1, 0)
    obeys = (task >= 0) & (new == wanted)
    idle = ~np.isfinite(c.sets_out_at[world, unit]) & ((c.duty[world, unit] == Duty.IN_QUARTERS) | m.ordered[world, unit])
    _obey(m, world[obeys & idle], unit[obeys & idle])
    refuses = (task >= 0) & ~obeys & m.ordered[world, unit]
    _refuse(m, world[refuses], unit[refuses], side[refuses])
    active = (c.duty[world, unit] == Duty.UNDER_WAY) | (c.duty[world, unit] == Duty.ON_POST)
    quits = (old != 0) & (new != old) & active & ~(u.roster[unit] & (task < 0)) & (c.goal[world, unit] != u.home[unit])
    leaving.go_home(m, world[quits], unit[quits])
    c.left[world[quits], unit[quits]] = m.pulse  # they set out at the end of this pulse's deciding, not at its start
    waits = (old != 0) & (new != old) & (c.duty[world, unit] == Duty.IN_QUARTERS)
    c.sets_out_at[world[waits], unit[waits]] = NEVER


def _obey(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Assemble, if in quarters, and set out."""
    c, u, tasks = m.columns, m.setting.units, m.script.tasks
    task = c.task[world, unit]
    errand = luck.join(u.keys[unit], tasks.keys[task])
    factor = luck.lognormal(m.luck.at(world, Process.ASSEMBLY, errand, c.tries[world, task]), 1.0) ** m.p.assembly_spread[world]
    saved = np.where(c.ready[world, unit, tasks.side[task]], m.p.readiness_gain[world], 0.0)
    assembled = c.duty[world, unit] != Duty.IN_QUARTERS
    wait = np.where(assembled, 0.2, 1.0 - saved) * m.p.assembly[world] * factor
    c.sets_out_at[world, unit] = np.maximum(m.now + wait, tasks.leave_at[task])
    c.refused_at[world, unit, tasks.side[task]] = NEVER


def _refuse(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], side: NDArray[np.intp]) -> None:
    """Say no; a force is known to refuse when at least half of the men it was asked for have said no."""
    c, s = m.columns, m.setting
    if not len(world):
        return
    c.refused_at[world, unit, side] = m.now
    force = s.units.force[unit]
    for f in np.unique(force):
        rows = np.flatnonzero(force == f)
        mine = s.units.force == f
        for sign in np.unique(side[rows]):
            w = np.unique(world[rows[side[rows] == sign]])
            asked = (c.bid[w, :, sign] >= 1.0)[:, mine] * c.men[w][:, mine]
            said_no = asked * np.isfinite(c.refused_at[w, :, sign])[:, mine]
            most = w[said_no.sum(axis=1) * 2 >= np.maximum(asked.sum(axis=1), 1)]
            _refusal_known(m, most, int(f), int(sign))


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
