"""Policies: what the two headquarters do by themselves where the record's decisions are not given (ODD 7.6).

Each judges by what its own audience has heard, and wants tasks put on its own desk; nothing here reads the true state of the city
beyond what it has itself done. The committee comes to power against a government; the staff defends one: that is all the two differ in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.luck import Process
from sim.rules import effects
from sim.rules.orders import led
from sim.script import Purpose
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

Rows = NDArray[np.intp]
Bools = NDArray[np.bool_]
REVIEW = 15.0  # minutes between two reviews of the position
AGAIN = 180.0  # minutes before a task that is over may be wanted again
WIRES = 6  # weight from which a point counts as a nerve of the city: telegraph, exchange, staff
TERM = 40.0  # minutes that an ultimatum leaves
SALVO = 30  # shells meant when fire is opened
MOBILISE, TURN, SUMMON, FIRE, OPEN_WAY = (np.uint64(k) for k in range(71, 76))  # luck keys


def policies(m: Petrograd) -> None:
    """Let the headquarters review their position, if anything is left to them."""
    left = m.script.left
    if left is None or m.now < left.since or m.number % max(round(REVIEW / m.pulse), 1):
        return
    if left.city:
        for side in (0, 1)[:: m.setting.sense]:
            policy = COMMITTEE if SIDES[side] * m.setting.sense > 0 else STAFF
            policy.review(m, side)
    if left.siege:
        for k, place in enumerate(m.setting.places.besieged):
            _besiege(m, k, int(place))


class Policy:
    """How a headquarters left to itself works; what both do alike."""

    def review(self, m: Petrograd, side: int) -> None:
        """Look at what is known, and want what follows from it."""
        acts = np.flatnonzero(led(m, side))
        if len(acts):
            view = View(m, side, acts)
            self.mobilise(m, view)
            self.want(m, view)

    def mobilise(self, m: Petrograd, view: View) -> None:
        """Some time after the first alarm all who are its own are called to arms."""
        side = view.side
        new = view.strikes(m, MOBILISE, m.columns.alarmed[view.world, side] & ~m.columns.mobilised[view.world, side], 1 / m.p.alarm_lag[view.world])
        if len(new):
            m.columns.mobilised[new, side] = True
            _say(m, new, side, "the headquarters calls its men to arms", "mobilised")
            effects.stand_ready(m, new, side)

    def want(self, m: Petrograd, view: View) -> None:
        """What this headquarters wants done now."""
        raise NotImplementedError


class View:
    """What one headquarters has heard, in the worlds (n,) in which it can act."""

    def __init__(self, m: Petrograd, side: int, world: Rows) -> None:
        s, c = m.setting, m.columns
        self.side, self.sign, self.world = side, SIDES[side], world
        staff = int(s.audiences.staff[side])
        self.holds = c.heard[world, staff] == self.sign  # (n, places) as heard
        self.foe_holds = c.heard[world, staff] == -self.sign
        self.raised = c.heard_raised[world, staff]
        men = c.known[world, staff].sum(axis=1)
        self.own, self.foes = men[:, side], men[:, 1 - side]
        self.belief = self.sign * m.belief[world, staff]  # log-odds that its own side prevails
        self.mobilised = c.mobilised[world, side]
        self.seat, self.enemy_seat = (int(s.audiences.place[a]) for a in (s.audiences.seat[side], s.audiences.seat[1 - side]))
        home = int(s.places.audience[self.seat])
        coming = m.committed[world][:, _tasks(m, side, Purpose.CALL)].sum(axis=1)
        self.reserve = np.maximum(c.strength[world, staff, home, :, side].sum(axis=1), coming)

    def strikes(self, m: Petrograd, tag: np.uint64, where: Bools, rate: NDArray[np.float64]) -> Rows:
        """The worlds, of those where (n,), in which something that comes at a rate (n,) an hour comes in this review."""
        key = luck.join(np.full(len(self.world), m.setting.audiences.keys[int(m.setting.audiences.staff[self.side])]), tag)
        drawn = m.luck.at(self.world, Process.PEOPLE, key, m.number)
        return np.asarray(self.world[where & (drawn < luck.chance(rate, REVIEW))])


class Committee(Policy):
    """Comes to power against a government: calls out its own, takes what troops and orders come by, and at some point turns to the offensive."""

    def want(self, m: Petrograd, view: View) -> None:
        """Muster, hold the spans, send commissars; on the offensive take what is not its own, and ring the seat."""
        c, s, p = m.columns, m.setting, m.setting.places
        turned = view.strikes(m, TURN, view.mobilised & (c.posture[view.world, view.side] == 0), m.p.offensive_rate[view.world] * np.exp(np.clip(view.belief, -2, 2)))
        effects.turn(m, turned, view.side)
        _say(m, turned, view.side, "the headquarters goes over to the offensive", "offensive")
        offensive = c.posture[view.world, view.side] > 0
        _want(m, view, Purpose.MUSTER, view.mobilised)
        _want(m, view, Purpose.CALL, view.mobilised)
        threatened = view.mobilised & (view.foe_holds & p.span | view.raised).any(axis=1)
        _want(m, view, Purpose.GUARD, threatened[:, None] & (p.span & p.in_city)[None, :] & ~view.foe_holds)
        for place in np.flatnonzero((p.weight >= WIRES) & p.in_city):
            _send(m, view, int(place), (view.mobilised | offensive) & ~view.holds[:, place])
        shield = (p.weight >= WIRES) | np.isin(np.arange(len(p.ids)), p.roles["gate"]) | p.span  # what troops and orders come by
        _want(m, view, Purpose.SEIZE, (offensive[:, None] | view.mobilised[:, None] & shield[None, :] & view.foe_holds) & ~view.holds)
        city = p.weight * p.in_city
        ahead = (view.holds * city).sum(axis=1) > (view.foe_holds * city).sum(axis=1)
        _want(m, view, Purpose.RING, (offensive & ahead)[:, None] & view.foe_holds & (np.arange(len(s.places.ids)) == view.enemy_seat)[None, :])


class DistrictStaff(Policy):
    """Defends a government: a reserve at its seat first, then wires and spans, then what can be spared to strike back."""

    def want(self, m: Petrograd, view: View) -> None:
        """Call in who can be trusted, guard, raise the spans, cut the other side's lines, ask for relief, strike back."""
        c, s, p = m.columns, m.setting, m.setting.places
        first = view.world[view.mobilised & ~c.confined[view.world, :, view.side].any(axis=1)]
        effects.keep_in(m, first, view.side)
        lines = sorted({int(s.audiences.staff[1 - view.side]), int(s.audiences.seat[1 - view.side])})
        live = view.world[view.mobilised & c.line[view.world][:, lines].any(axis=1)]
        effects.cut_off(m, live, view.side, lines, None, np.full(m.worlds, -1, np.int64))
        short = view.reserve < m.p.reserve_men[view.world]
        inside = s.units.in_city
        _want(m, view, Purpose.CALL, short & view.mobilised, whom=inside & (s.units.trusted == view.sign))
        for task, forces in _garrison_calls(m, view.side):  # whoever has no commissar of the other side may still be its own
            refused = np.isfinite(c.commissar_at[view.world][:, forces, 1 - view.side]).any(axis=1)
            _want_one(m, view, task, short & view.mobilised & ~refused)
        _want(m, view, Purpose.CALL, view.mobilised & (view.belief < m.p.relief_bound[view.world]), whom=~inside)
        _want(m, view, Purpose.MUSTER, view.mobilised)
        spare = view.own > m.p.reserve_men[view.world]
        wires, lost = p.weight >= WIRES, (p.holder[None, :] * view.sign >= 0) & view.foe_holds
        strong = view.own > m.caution[view.world, view.side] * np.maximum(view.foes, 1)
        enemy = np.arange(len(s.places.ids)) == view.enemy_seat
        _want(m, view, Purpose.GUARD, (view.mobilised & spare)[:, None] & ~view.foe_holds & (p.weight > 0)[None, :])
        _want(m, view, Purpose.RAISE, (view.mobilised & spare)[:, None] & ~view.foe_holds)
        _want(m, view, Purpose.SEIZE, spare[:, None] & lost & (wires | p.span)[None, :] | (view.mobilised & strong)[:, None] & enemy[None, :])


COMMITTEE, STAFF = Committee(), DistrictStaff()


def _tasks(m: Petrograd, side: int, purpose: Purpose) -> Rows:
    """The standing tasks of a side for a purpose."""
    tasks, left = m.script.tasks, m.script.left
    assert left is not None
    mine = (tasks.side == side) & (tasks.purpose == purpose)
    mine[: left.first] = False
    return np.flatnonzero(mine)


def _want(m: Petrograd, view: View, purpose: Purpose, where: Bools, *, whom: Bools | None = None) -> None:
    """Put standing tasks on the desk where they are wanted: (n,) for all of a purpose, (n, places) by place; `whom` keeps to some units.

    What lies there and is wanted no longer is taken off.
    """
    tasks = m.script.tasks
    garrison = {task for task, _ in _garrison_calls(m, view.side)}
    for task in _tasks(m, view.side, purpose):
        if int(task) not in garrison and (whom is None or (tasks.by[task] & whom).any()):
            _want_one(m, view, int(task), where if where.ndim == 1 else where[:, tasks.place[task]], again=where.ndim == 2)


def _want_one(m: Petrograd, view: View, task: int, where: Bools, *, again: bool = False) -> None:
    """Put one task on the desk in the worlds where it is wanted (n,), or take it off; one that is over only if it may come again."""
    c = m.columns
    state = c.task_state[view.world, task]
    c.task_state[view.world[~where & (state == effects.WAITING)], task] = 0
    open_ = (state == 0) | ((state == effects.OVER) & again & (m.now - c.task_since[view.world, task] > AGAIN))
    world = view.world[where & open_]
    if len(world):
        c.tries[world, task] = 0
        effects.give_task(m, world, task, m.untold(world))


def _garrison_calls(m: Petrograd, side: int) -> list[tuple[int, Rows]]:
    """The standing calls to forces that a side does not count on by their kind, with the units they go to."""
    tasks, u = m.script.tasks, m.setting.units
    calls = [(int(task), np.flatnonzero(tasks.by[task])) for task in _tasks(m, side, Purpose.CALL)]
    return [(task, units) for task, units in calls if not (u.trusted[units] == SIDES[side]).any()]


def _send(m: Petrograd, view: View, place: int, where: Bools) -> None:
    """Send a commissar to a place where one is wanted and none is on his way."""
    world = view.world[where & ~np.isfinite(m.columns.envoy_at[view.world, place, view.side])]
    if len(world):
        effects.send_commissar(m, world, place, view.side, m.now, np.full(m.worlds, -1, np.int64)[world])


def _say(m: Petrograd, world: Rows, side: int, text: str, token: str) -> None:
    """Write down what a headquarters resolves, and let it be known as its orders are."""
    if len(world):
        place = m.setting.places.ids[int(m.setting.audiences.place[m.setting.audiences.staff[side]])]
        m.note(world, "decision", place=place, side=SIDES[side], text=f"{m.name_of(place)}: {text}", token=f"policy:{token}:{m.side_name(SIDES[side])}")


def _besiege(m: Petrograd, k: int, place: int) -> None:
    """Before a besieged place: a summons once the ring is closed, then a blank, then fire and assault, each when it is ready."""
    c, s = m.columns, m.setting
    under = np.flatnonzero(np.isfinite(c.ring_at[:, k]) & (c.holder[:, place] != 0))
    under = under[led_by_besieger(m, place, under)]
    if not len(under):
        return
    rate = 1 / m.p.gun_readiness[under]
    summons = under[~np.isfinite(c.term_at[under, k]) & _struck(m, place, under, SUMMON, rate)]
    c.term_at[summons, k] = m.now + TERM
    c.siege_cause[summons, k] = m.note(summons, "decision", place=s.places.ids[place], side=-c.holder[summons, place], token=f"policy:summons:{s.places.ids[place]}",
                                       text=f"{m.name_of(s.places.ids[place])} is summoned to surrender")
    out = under[c.term_at[under, k] <= m.now]
    opened = out[(c.way_out[out, k] == 0) & _struck(m, place, out, OPEN_WAY, m.p.parley_rate[out])]
    c.way_out[opened, k] = 1
    guns = _guns_of(m, place, out)
    signal = out[guns & ~np.isfinite(c.first_blank[out, k]) & ~np.isfinite(c.blank_at[out, k]) & ~np.isfinite(c.assault_at[out, k])]
    c.blank_at[signal, k] = m.now + 60 * m.p.gun_readiness[signal] * luck.lognormal(_draw(m, place, signal, FIRE, 0), effects.READY_SPREAD)
    ready = out[(~guns | np.isfinite(c.first_blank[out, k])) & ~np.isfinite(c.assault_at[out, k])]
    ready = ready[_struck(m, place, ready, FIRE, 1 / m.p.gun_readiness[ready])]
    served = ready[_guns_of(m, place, ready)]
    c.fire_at[served, k], c.shells_left[served, k] = m.now, SALVO
    c.assault_at[ready, k] = m.now
    m.note(ready, "decision", place=s.places.ids[place], side=-c.holder[ready, place], text=f"{m.name_of(s.places.ids[place])} is to be stormed", token=f"policy:assault:{s.places.ids[place]}")


def led_by_besieger(m: Petrograd, place: int, world: Rows) -> Bools:
    """Whether (n,) the side that besieges a place has a headquarters that can decide."""
    side = (m.columns.holder[world, place] < 0).astype(np.intp)
    both = np.stack([led(m, 0), led(m, 1)], axis=1)
    return np.asarray(both[world, side])


def _guns_of(m: Petrograd, place: int, world: Rows) -> Bools:
    """Whether (n,) gunners or a ship's company of the besieger's mind are in the city to serve guns."""
    c, u = m.columns, m.setting.units
    crews = np.flatnonzero(np.isin(u.sort, m.gunners))
    sign = -c.holder[world, place]
    mind = c.loyalty[world][:, crews] + c.moved[world][:, crews]
    there = m.setting.places.in_city[c.place[world][:, crews]] & (c.men[world][:, crews] > 0) & ~c.spent[world][:, crews]
    return np.asarray((there & (mind * sign[:, None] > 0)).any(axis=1))


def _draw(m: Petrograd, place: int, world: Rows, tag: np.uint64, turn: int) -> NDArray[np.float64]:
    key = luck.join(np.full(len(world), m.setting.places.keys[place]), tag)
    return np.asarray(m.luck.at(world, Process.PEOPLE, key, turn))


def _struck(m: Petrograd, place: int, world: Rows, tag: np.uint64, rate: NDArray[np.float64]) -> Bools:
    """Whether (n,) what comes at a rate (n,) an hour comes before a place in this review."""
    return np.asarray(_draw(m, place, world, tag, m.number) < luck.chance(rate, REVIEW))
