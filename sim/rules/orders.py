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
ONE_TELEGRAM = (Purpose.CALL, Purpose.MUSTER, Purpose.ARREST, Purpose.RING)  # goes to all whom a decision names
AIMS = (Purpose.SEIZE, Purpose.GUARD, Purpose.RAISE, Purpose.CLOSE, Purpose.RING)  # over when the place is won
MOST_TRIES = 3
RETRY = 30.0  # minutes before a desk comes back to a task that found nobody
RING_AGAIN = 45.0  # minutes before it calls more men to a ring
DOUBTFUL = 0.3  # share of the men a headquarters expects from a unit that has not declared for it
LEAST_PARTY = 20  # men, a platoon: fewer are not sent alone
UNKNOWN_GUARD = 40  # men a headquarters expects on a hostile post it knows nothing of
AT_DESK = np.uint64(9)  # luck key of the time a task takes at the desk


def orders(m: Petrograd) -> None:
    """Close and reopen tasks, give out what is most wanted, arm those who were called out."""
    _expire(m)
    _follow_up(m)
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
    if m.now > life.min():
        idle = c.duty == Duty.IN_QUARTERS  # the others serve, or stand on a post
        for side in (0, 1):
            c.bid[(m.now - c.bid_at[:, :, side] > life) & idle & (c.bid[:, :, side] != 0), side] = 0.0


def busy(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Units, by rows (n,), that a headquarters cannot take for something else."""
    c, tasks = m.columns, m.script.tasks
    told = c.told[world, unit]
    task = np.where(told >= 0, told, c.task[world, unit])
    free = tasks.frees[task] & (c.duty[world, unit] == Duty.ON_POST) & (told < 0)
    return (task >= 0) & ~free


def _committed(m: Petrograd) -> NDArray[np.int64]:
    """Men (w, t) who go, or have gone, to each task and have not refused it."""
    c, tasks = m.columns, m.script.tasks
    row = np.flatnonzero(((c.told >= 0) | (c.task >= 0)) & ~c.spent)
    told, world = c.told.take(row), row // c.task.shape[1]
    task = np.where(told >= 0, told, c.task.take(row))
    counts = ~np.isfinite(c.refused_at.take(2 * row + tasks.side[task])) | np.isfinite(c.sets_out_at.take(row))
    idle = c.duty.take(row) == Duty.IN_QUARTERS
    men = np.where(counts, np.where(idle, np.minimum(c.party.take(row), c.men.take(row)), c.men.take(row)), 0)
    return np.bincount(world * len(tasks.place) + task, weights=men, minlength=m.worlds * len(tasks.place)).astype(np.int64).reshape(m.worlds, -1)


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
    over = given & m.has_aim & (heard == sign) & ~((tasks.purpose == Purpose.RAISE) & ~_raised(m))
    c.task_state[over] = OVER
    again = given & ~over & m.has_aim & ~tasks.whole & (m.committed == 0) & (m.now - c.task_since > RETRY)
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
    waiting = (c.task_state == WAITING) & (c.task_since <= m.now) & (tasks.side == side)
    waiting[:, m.staged] &= c.term_at[:, tasks.staged[m.staged]] <= m.now
    return waiting


def led(m: Petrograd, side: int) -> NDArray[np.bool_]:
    """Whether (w,) a headquarters still has somebody free in its hall or at its seat to give orders, and holds the seat."""
    c, s = m.columns, m.setting
    seat, staff = (int(s.audiences.place[a[side]]) for a in (s.audiences.seat, s.audiences.staff))
    there = (c.where == seat) | (c.where == staff)
    free = there & (c.liberty == Liberty.FREE) & (s.people.side == SIDES[side])
    return free.any(axis=1) & (c.holder[:, seat] == SIDES[side])


def _desk(m: Petrograd, side: int) -> None:
    """One headquarters gives out the task it wants most, if its desk is free; the desk is busy with it for an exponential time."""
    c = m.columns
    free = (c.desk_free_at[:, side] <= m.now) & led(m, side)
    waiting = _waiting(m, side) & m.script.tasks.desk & free[:, None]
    world = np.flatnonzero(waiting.any(axis=1))
    if not len(world):
        return
    task = np.argmin(np.where(waiting[world], m.task_rank[side], NEVER), axis=1)
    luck_of_it = m.luck.at(world, Process.DECISION, luck.join(m.script.tasks.keys[task], AT_DESK), c.handled[world, task])
    c.handled[world, task] += 1
    before = c.desk_free_at[world, side]
    _telegram(m, world, task, waiting)
    written = c.task_state[world, task] == GIVEN  # a task for which nobody is found leaves the desk to the next
    c.desk_free_at[world, side] = np.where(written, m.now - np.log(luck_of_it) / m.orders_an_hour[world, side] * 60, before)


def _telegram(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp], waiting: NDArray[np.bool_]) -> None:
    """Give out a task; what a decision wants of the same forces goes with one telegram, and a call, a muster or a ring to all it names."""
    tasks = m.script.tasks
    same = waiting[world] & m.one_telegram[task] & (tasks.decision == tasks.decision[task][:, None])
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
        some = np.flatnonzero(waiting.any(axis=0))
        for task in some[np.argsort(m.task_order[some])]:
            world = np.flatnonzero(waiting[:, task])
            give_out(m, world, np.full(len(world), task))


def give_out(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp]) -> None:
    """Choose units for tasks, by rows (n,), and send them their orders."""
    c, tasks, s = m.columns, m.script.tasks, m.setting
    row, unit, party = _choose(m, world, task)
    manned = np.bincount(row, minlength=len(world)) > 0
    c.task_state[world, task] = np.where(manned, GIVEN, WAITING)
    c.task_since[world, task] = np.where(manned, m.now, m.now + RETRY)
    if not len(row):
        return
    w, t = world[row], task[row]
    causes = luck.join(tasks.keys[t], s.units.keys[unit])
    there = s.places.audience[c.place[w, unit]]
    median = c.delay[w, there, tasks.origin[t]]
    c.told[w, unit], c.party[w, unit] = t, party
    c.told_at[w, unit] = m.now + median * luck.lognormal(m.luck.at(w, Process.MESSAGE, causes, c.tries[w, t]), 0.5)


def _choose(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]:
    """Rows of the tasks (n,), units for them and men wanted of each: the nearest of those named, then others believed willing, until the men suffice."""
    c, tasks = m.columns, m.script.tasks
    row, unit = found(tasks.by[task] | tasks.open[task][:, None] & m.in_city_armed)
    able = _able(m, world[row], unit, task[row])
    row, unit = row[able], unit[able]
    w, named = world[row], tasks.by[task[row], unit]
    willing = believed_willing(m, w, unit, np.array(SIDES)[tasks.side[task[row]]])
    minutes = m.minutes_to(w, unit, tasks.place[task[row]])
    reach = np.flatnonzero(np.isfinite(minutes) & (named | willing))
    row, unit, named, willing = row[reach], unit[reach], named[reach], willing[reach]
    rank = np.where(named, np.where(willing, 0.0, 5e5), 1e6) + minutes[reach] + m.unit_order[unit] * 1e-6
    order = np.lexsort((rank, row))
    men = c.men[world[row], unit]
    reckoned = np.where(willing, 1.0, DOUBTFUL) * np.maximum(c.arms[world[row], unit], m.p.unarmed[world[row]])  # rifles count, not heads
    before = np.empty(len(row))
    before[order] = _running(row[order], (reckoned * men)[order], len(world))
    lacking = np.where(tasks.whole[task[row]], np.inf, _men_wanted(m, world, task)[row] - before)
    chosen = np.flatnonzero(lacking > 0)
    party = np.minimum(np.maximum(np.ceil(lacking / reckoned), LEAST_PARTY), men)
    return row[chosen], unit[chosen], party[chosen].astype(np.int64)


def _able(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], task: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Units, by rows (n,), that can be sent on a task: armed men there, at its side's disposal, who have not just refused.

    What waits for the term of a siege may be done by men of its ring.
    """
    c, tasks = m.columns, m.script.tasks
    row, side = world * c.men.shape[1] + unit, tasks.side[task]
    has = c.task.take(row)
    rings = (has >= 0) & (tasks.purpose[has] == Purpose.RING) & (tasks.side[has] == side) & (c.duty.take(row) == Duty.ON_POST) & (c.told.take(row) < 0)
    answered = c.refused_at.take(2 * row + side)
    recent = np.isfinite(answered) & (m.now - answered < 60.0 * m.p.order_life[world])
    armed = (c.arms.take(row) > 0) | m.setting.units.civilian[unit]
    return (c.men.take(row) > 0) & ~c.spent.take(row) & (c.duty.take(row) < Duty.BESIEGED) & (~busy(m, world, unit) | rings & (tasks.staged[task] >= 0)) & ~recent & armed


def _running(row: NDArray[np.intp], men: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """The sum of the men who stand before each in its row; `row` (n,) rises."""
    first = np.searchsorted(row, np.arange(rows))
    column = np.arange(len(row)) - first[row]
    table = np.zeros((rows, int(column.max(initial=-1)) + 1))
    table[row, column] = men
    return (np.cumsum(table, axis=1) - table)[row, column]


def believed_willing(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], sign: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Units, by rows (n,), a headquarters counts on: its own kinds, and whoever has declared for it."""
    c, u = m.columns, m.setting.units
    return (u.trusted[unit] == sign) & (u.group[unit] != Group.FRONT) | (c.stance[world, unit] == sign)


def _men_wanted(m: Petrograd, world: NDArray[np.intp], task: NDArray[np.intp]) -> NDArray[np.float64]:
    """Men a task takes: as many as the decision says, and odds enough over the guard it knows of, or hears of in a hall of the other side."""
    c, tasks, s = m.columns, m.script.tasks, m.setting
    side, place = tasks.side[task], tasks.place[task]
    hostile = c.heard[world, s.audiences.staff[side], place] == -np.array(SIDES)[side]
    guard = np.where(hostile, np.maximum(s.places.guard_known[place], UNKNOWN_GUARD), 0)
    there = c.strength[world, s.audiences.staff[side], s.places.audience[place], :, 1 - side].sum(axis=1)
    hall = s.audiences.side[s.places.audience[place]] != 0
    guard = np.where(hall & hostile, np.maximum(guard, there), guard)
    wanted = np.maximum(tasks.men[task], m.caution[world, side] * guard) * (1 + c.tries[world, task])
    ring = tasks.purpose[task] == Purpose.RING
    if not ring.any():
        return wanted
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
    share = luck.chance(m.p.arming_rate, m.pulse)
    for side, sign in enumerate(SIDES):
        held = (c.holder[:, s.places.roles["arsenal"]] == sign).any(axis=1)
        row = np.flatnonzero((c.bid[:, :, side] > 0) & (c.stance == sign) & m.in_city_armed & held[:, None] & (c.arms < 0.9))
        arms = c.arms.take(row)
        c.arms.ravel()[row] = arms + (0.9 - arms) * share[row // c.arms.shape[1]]
