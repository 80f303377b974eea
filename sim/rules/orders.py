"""Orders: two headquarters, each with a desk that gets out only so many in an hour (ODD 7.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.agents.people import Liberty
from sim.agents.unit import Duty, Group
from sim.columns import found
from sim.luck import Process
from sim.script import NEVER, Purpose
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

WAITING, GIVEN, OVER = 1, 2, 3
ONE_TELEGRAM = (Purpose.CALL, Purpose.MUSTER, Purpose.ARREST, Purpose.RING)
MOST_TRIES = 3
RETRY = 30.0  # minutes before a desk comes back to a task that found nobody
RING_AGAIN = 45.0  # minutes before it calls more men to a ring
DOUBTFUL = 0.3  # share of the men a headquarters expects from a unit that has not declared for it
UNKNOWN_GUARD = 20  # men a headquarters expects on a hostile post it knows nothing of


def orders(m: Petrograd) -> None:
    """Close and reopen tasks, give out what is most wanted, arm those who were called out."""
    _expire(m)
    _follow_up(m)
    m.beat(m.columns.desk_clock_at, m.columns.desk_beats, m.setting.audiences.keys[m.setting.audiences.staff], m.orders_an_hour)
    for side in (0, 1)[:: m.setting.sense]:  # the same headquarters first, whichever way the city is turned
        _desk(m, side)
    _on_the_spot(m)
    _arm(m)


def _expire(m: Petrograd) -> None:
    """An order from which nothing comes dies; so does the pull of a call, and of all orders of a side with nobody to give them."""
    c = m.columns
    for side in (0, 1):
        c.bid[~led(m, side), :, side] = 0.0
    life = 60.0 * m.p.order_life[:, None]
    dead = (c.task >= 0) & (c.duty == Duty.IN_QUARTERS) & ~np.isfinite(c.sets_out_at) & (m.now - c.order_at > life)
    c.task[dead] = -1
    c.bid[(m.now - c.bid_at > life[:, :, None]) & ~_serving(m)[:, :, None]] = 0.0


def _serving(m: Petrograd) -> NDArray[np.bool_]:
    """Units that are doing what they were told, or stand on a post."""
    return m.columns.duty != Duty.IN_QUARTERS


def busy(m: Petrograd, world: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Units (n, u) of some worlds that a headquarters cannot take for something else."""
    c, tasks = m.columns, m.script.tasks
    told = c.told[world]
    task = np.where(told >= 0, told, c.task[world])
    free = tasks.frees[task] & (c.duty[world] == Duty.ON_POST) & (told < 0)
    return (task >= 0) & ~free


def _committed(m: Petrograd) -> NDArray[np.int64]:
    """Men (w, t) who go, or have gone, to each task and have not refused it."""
    c, tasks = m.columns, m.script.tasks
    task = np.where(c.told >= 0, c.told, c.task)
    world, unit = found((task >= 0) & ~c.spent)
    task = task[world, unit]
    counts = ~np.isfinite(c.refused_at[world, unit, tasks.side[task]]) | np.isfinite(c.sets_out_at[world, unit])
    flat = np.ravel_multi_index((world[counts], task[counts]), (m.worlds, len(tasks.place)))
    return np.bincount(flat, weights=c.men[world[counts], unit[counts]], minlength=m.worlds * len(tasks.place)).astype(np.int64).reshape(m.worlds, -1)


def _follow_up(m: Petrograd) -> None:
    """A task is over when its place is heard to be won, and waits again when nobody is left on it."""
    c, tasks, s = m.columns, m.script.tasks, m.setting
    if not len(tasks.place):
        return
    m.committed = _committed(m)  # in every pulse: what a world reckons with must not hang on its neighbours in a batch
    given = c.task_state == GIVEN
    if not given.any():
        return
    sign = np.array(SIDES)[tasks.side]
    heard = c.heard[:, s.audiences.staff[tasks.side], tasks.place]
    aims = np.isin(tasks.purpose, (Purpose.SEIZE, Purpose.GUARD, Purpose.RAISE, Purpose.CLOSE, Purpose.RING))
    over = given & aims & (heard == sign) & ~((tasks.purpose == Purpose.RAISE) & ~_raised(m))
    c.task_state[over] = OVER
    again = given & ~over & aims & ~tasks.whole & (m.committed == 0) & (m.now - c.task_since > RETRY)
    more = given & ~over & (tasks.purpose == Purpose.RING) & tasks.open & (m.now - c.task_since > RING_AGAIN)
    c.tries += again
    c.task_state[again & (c.tries > MOST_TRIES)] = OVER
    again &= c.tries <= MOST_TRIES
    c.task_state[again | more] = WAITING
    c.task_since[again | more] = m.now


def _raised(m: Petrograd) -> NDArray[np.bool_]:
    return m.columns.raised[:, m.script.tasks.place]


def _waiting(m: Petrograd, side: int) -> NDArray[np.bool_]:
    c, tasks = m.columns, m.script.tasks
    term = np.take_along_axis(c.term_at, np.broadcast_to(np.maximum(tasks.staged, 0), (m.worlds, len(tasks.place))), axis=1)
    staged = (tasks.staged < 0) | (term <= m.now)
    return (c.task_state == WAITING) & (c.task_since <= m.now) & (tasks.side == side) & staged


def led(m: Petrograd, side: int) -> NDArray[np.bool_]:
    """Whether (w,) a headquarters still has somebody free in its hall or at its seat to give orders, and holds the seat."""
    c, s = m.columns, m.setting
    seat, staff = (int(s.audiences.place[a[side]]) for a in (s.audiences.seat, s.audiences.staff))
    there = (c.where == seat) | (c.where == staff)
    free = there & (c.liberty == Liberty.FREE) & (s.people.side == SIDES[side])
    return free.any(axis=1) & (c.holder[:, seat] == SIDES[side])


def _desk(m: Petrograd, side: int) -> None:
    """One headquarters gives out the task it wants most, if its desk is free."""
    c, tasks, s = m.columns, m.script.tasks, m.setting
    free = (c.desk_free_at[:, side] <= m.now) & led(m, side)
    waiting = _waiting(m, side) & tasks.desk & free[:, None]
    world = np.flatnonzero(waiting.any(axis=1))
    if not len(world):
        return
    wanted = np.where(tasks.frees, 0, m.priority[side][tasks.place]).astype(float) + m.task_order
    odds = s.places.guard_known[tasks.place] / 1e4
    task = np.argmin(np.where(waiting[world], wanted + odds, NEVER), axis=1)
    c.desk_free_at[world, side] = c.desk_clock_at[world, side]
    _telegram(m, world, task, waiting)


def _telegram(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp], waiting: NDArray[np.bool_]) -> None:
    """Give out a task; a call, a muster or a ring of one decision goes to all it names with one telegram."""
    tasks = m.script.tasks
    one = np.isin(tasks.purpose, ONE_TELEGRAM)
    same = waiting[world] & one & one[task][:, None] & (tasks.decision == tasks.decision[task][:, None])
    same[np.arange(len(world)), task] = True
    row, all_named = found(same & (tasks.whole & ~tasks.open))  # nobody is chosen there: whoever is named goes
    if len(row):
        give_out(m, world[row], all_named)
        same[row, all_named] = False
    while same.any():
        row = np.flatnonzero(same.any(axis=1))
        first = np.argmin(np.where(same[row], m.task_order, NEVER), axis=1)
        give_out(m, world[row], first)
        same[row, first] = False


def _on_the_spot(m: Petrograd) -> None:
    """Orders of people who are with their men need no headquarters."""
    for side in (0, 1)[:: m.setting.sense]:
        waiting = _waiting(m, side) & ~m.script.tasks.desk
        for task in np.flatnonzero(waiting.any(axis=0))[np.argsort(m.task_order[waiting.any(axis=0)])]:
            world = np.flatnonzero(waiting[:, task])
            give_out(m, world, np.full(len(world), task))


def give_out(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp]) -> None:
    """Choose units for tasks, by rows (n,), and send them their orders."""
    c, tasks, s = m.columns, m.script.tasks, m.setting
    chosen = _choose(m, world, task)
    manned = chosen.any(axis=1)
    c.task_state[world, task] = np.where(manned, GIVEN, WAITING)
    c.task_since[world, task] = np.where(manned, m.now, m.now + RETRY)
    row, unit = found(chosen)
    w, t = world[row], task[row]
    causes = luck.join(tasks.keys[t], s.units.keys[unit])
    there = s.places.audience[c.place[w, unit]]
    median = c.delay[w, there, tasks.origin[t]]
    c.told[w, unit] = t
    c.told_at[w, unit] = m.now + median * luck.lognormal(m.luck.at(w, Process.MESSAGE, causes, c.tries[w, t]), 0.5)


def _choose(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Units (n, u) for tasks: the nearest of those named, then others believed willing, until the men suffice."""
    c, tasks, u = m.columns, m.script.tasks, m.setting.units
    side = tasks.side[task]
    sign = np.array(SIDES)[side]
    answered = c.refused_at[world, :, side]
    recent = np.isfinite(answered) & (m.now - answered < 60.0 * m.p.order_life[world][:, None])
    able = (c.men[world] > 0) & ~c.spent[world] & (c.duty[world] < Duty.BESIEGED) & ~busy(m, world) & ~recent
    able &= (c.arms[world] > 0) | u.civilian
    named = tasks.by[task] & able
    willing = believed_willing(m, world, sign)
    other = tasks.open[task][:, None] & able & willing & ~tasks.by[task] & u.in_city & ~u.civilian
    minutes = m.minutes_to(world, tasks.place[task])
    rank = np.where(named, np.where(willing, 0.0, 5e5) + minutes, np.where(other, 1e6 + minutes, NEVER)) + m.unit_order * 1e-6
    order = np.argsort(rank, axis=1, kind="stable")
    reach = np.isfinite(np.take_along_axis(rank, order, axis=1))
    counted = np.where(willing, c.men[world], DOUBTFUL * c.men[world])
    men = np.take_along_axis(counted, order, axis=1) * reach
    before = np.cumsum(men, axis=1) - men
    take = reach & ((before < _men_wanted(m, world, task)[:, None]) | tasks.whole[task][:, None])
    chosen = np.zeros_like(take)
    np.put_along_axis(chosen, order, take, axis=1)
    return chosen


def believed_willing(m: Petrograd, world: NDArray[np.intp], sign: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Units (n, u) a headquarters counts on: its own kinds, and whoever has declared for it."""
    c, u = m.columns, m.setting.units
    own = u.trusted[None, :] == sign[:, None]
    return own & (u.group != Group.FRONT)[None, :] | (c.stance[world] == sign[:, None])


def _men_wanted(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp]) -> NDArray[np.float64]:
    """Men a task takes: as many as the decision says, and odds enough over the guard it knows of."""
    c, tasks, s = m.columns, m.script.tasks, m.setting
    side, place = tasks.side[task], tasks.place[task]
    hostile = c.heard[world, s.audiences.staff[side], place] == -np.array(SIDES)[side]
    guard = np.where(hostile, np.maximum(s.places.guard_known[place], UNKNOWN_GUARD), 0)
    wanted = np.maximum(tasks.men[task], m.caution[world, side] * guard) * (1 + c.tries[world, task])
    ring = tasks.purpose[task] == Purpose.RING
    there = c.strength[world, s.audiences.staff[side], s.places.audience[place], :, 1 - side].sum(axis=1)
    still = m.caution_palace[world, side] * there - ringed(m, world, place, side)
    return np.where(ring, np.maximum(still, 0), wanted)


def ringed(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp], side: NDArray[np.intp]) -> NDArray[np.int64]:
    """Men (n,) already given to the ring round a place."""
    tasks = m.script.tasks
    same = (tasks.purpose == Purpose.RING) & (tasks.place == place[:, None]) & (tasks.side == side[:, None])
    return np.asarray((m.committed[world] * same).sum(axis=1))


def _arm(m: Petrograd) -> None:
    """Men called out draw rifles while their side holds an arsenal."""
    c, s = m.columns, m.setting
    for side, sign in enumerate(SIDES):
        held = (c.holder[:, s.places.roles["arsenal"]] == sign).any(axis=1)
        share = np.where(held, luck.chance(m.p.arming_rate, m.pulse), 0.0)
        called = (c.bid[:, :, side] > 0) & (c.stance == sign) & ~s.units.civilian & s.units.in_city
        c.arms = np.where(called & (c.arms < 0.9), c.arms + (0.9 - c.arms) * share[:, None], c.arms)
