"""People: the cabinet, the congress, and who is held when a seat of government falls (ODD 7.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.agents.people import Liberty
from sim.agents.unit import Duty
from sim.luck import Process
from sim.rules import travel
from sim.rules.messages import happened
from sim.script import Purpose
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

Rows = NDArray[np.intp]
CHANCED_ON = 0.1  # per hour, that a party meets in its quarter the man it looks for
MOTION_RATE = 1.5  # per hour of session, until a motion for a government of all socialist parties is put
PROCLAIM_RATE = 0.6  # per hour once the congress has heard of the fall
QUIET = 0.02  # walk-out rate per hour in a session that hears no guns


def people(m: Petrograd) -> None:
    """Journeys end, parties make their arrests, the cabinet weighs what it hears, the congress sits."""
    travel.arrivals(m)
    _parties(m)
    _seats(m)
    _cabinet(m)
    _congress(m)


def _parties(m: Petrograd) -> None:
    """A party sent to arrest somebody holds him if he is where it stands; in the streets about it may chance on him."""
    c, s, tasks = m.columns, m.setting, m.script.tasks
    row = np.flatnonzero((c.duty == Duty.ON_POST) & (c.task >= 0) & (c.stance != 0))
    task = c.task.take(row)
    sent = (tasks.purpose[task] == Purpose.ARREST) & (c.stance.take(row) == 2 * tasks.side[task] - 1)
    row, task = row[sent], task[sent]
    for t in np.unique(task):
        world = np.unique(row[task == t] // c.duty.shape[1])
        world = world[c.task_state[world, t] == 2]
        if not len(world):
            continue
        for n in tasks.people[t]:
            where, place, side = c.where[world, n], tasks.place[t], tasks.side[t]
            abroad = (where >= 0) & (s.places.audience[where] == s.places.audience[place]) & (c.liberty[world, n] != Liberty.HIDDEN)
            key = np.broadcast_to(s.people.keys[n], world.shape)
            chance = luck.chance(np.full(len(world), CHANCED_ON), m.pulse)
            met = abroad & (m.luck.at(world, Process.PEOPLE, luck.join(key, np.uint64(5)), m.number) < chance)
            near = ((where == place) | met) & (m.men_there[world, place, 1 - side] == 0)
            travel.arrest(m, world[near], n, because=c.task_cause[world[near], t])


def _seats(m: Petrograd) -> None:
    """Whoever enters the seat of a government, or its staff, holds the people of that side he finds there."""
    c, s = m.columns, m.setting
    side = s.people.side
    halls = np.where(side > 0, 1, 0)
    at_home = (c.where == s.audiences.place[s.audiences.seat][halls]) | (c.where == s.audiences.place[s.audiences.staff][halls])
    there = at_home & (side != 0) & (c.liberty == Liberty.FREE)
    there &= np.take_along_axis(c.holder, np.maximum(c.where, 0), axis=1) == -side
    for n in np.flatnonzero(there.any(axis=0)):
        world = np.flatnonzero(there[:, n])
        travel.arrest(m, world, int(n), because=c.holder_cause[world, c.where[world, n]])


def _cabinet(m: Petrograd) -> None:
    """Once the guns speak or the doors are broken, a cabinet may give up; the more resolute, the later."""
    c, s, p = m.columns, m.setting, m.p
    for k, place in enumerate(s.places.besieged):
        if not np.isfinite(c.ring_at[:, k]).any():
            continue
        for side, sign in enumerate(SIDES):
            if int(s.audiences.place[s.audiences.seat[side]]) != int(place):
                continue
            pressed = np.flatnonzero((c.holder[:, place] == sign) & np.isfinite(c.ring_at[:, k]) & ((c.shells[:, k] > 0) | (c.intruders[:, k] > 0)) & ~c.yielded)
            if not len(pressed):
                continue
            ministers = np.array([n for n, g in enumerate(s.people.group) if g == "minister" and s.people.side[n] == sign])
            present = (c.where[pressed][:, ministers] == place) & (c.liberty[pressed][:, ministers] == Liberty.FREE)
            resolve = np.where(present.any(axis=1), (present * s.people.resolve[ministers]).sum(axis=1) / np.maximum(present.sum(axis=1), 1), 0.5)
            odds = m.ring_strength[pressed, k] / np.maximum(m.inner_strength[pressed, k], 1000.0)
            hopeless = np.log(np.maximum(odds, 1.0)) / 3 + c.hits[pressed, k] / 10 - c.relief[pressed, s.audiences.seat[side], side]
            rate = 0.15 * np.exp(hopeless - 4 * p.resolve_weight[pressed] * resolve)
            key = np.broadcast_to(s.places.keys[place], pressed.shape)
            give_up = pressed[(m.luck.at(pressed, Process.PEOPLE, key, m.number) < luck.chance(rate, m.pulse)) & present.any(axis=1)]
            c.yielded[give_up] = True
            m.note(give_up, "cabinet", place=s.places.ids[place], side=sign, text="the cabinet gives up further defence", token="event:cabinet_yields",
                   because=[c.siege_cause[give_up, k]])


def _congress(m: Petrograd) -> None:
    """The congress opens, puts a motion, may break over the shells, and proclaims when the seat has fallen."""
    c, s = m.columns, m.setting
    if not (c.planned_at <= m.now).any():
        return
    hall = int(s.places.roles["congress"][0])
    audience = s.places.audience[hall]
    seat = int(s.audiences.place[s.audiences.seat[0 if s.sense > 0 else 1]])
    fallen = c.heard[:, audience, seat] == s.sense
    ready = (c.opens_at <= m.now) | (fallen & (c.planned_at <= m.now))
    _opens(m, hall, np.flatnonzero(~np.isfinite(c.opened_at) & ready))
    sitting = np.isfinite(c.opened_at)
    motion = _strikes(m, hall, 1, np.flatnonzero(sitting & ~np.isfinite(c.motion_at) & ~np.isfinite(c.walkout_at)), np.full(m.worlds, MOTION_RATE))
    c.motion_at[motion] = m.now
    m.note(motion, "congress", place=m.setting.places.ids[hall], text="the congress votes for a government of all socialist parties", token="event:coalition_motion")
    guns = (c.shells > 0).any(axis=1) | np.isfinite(c.first_blank).any(axis=1)  # who sits there cannot tell a blank from a shell
    rate = np.where(guns | c.stormed_talk, m.p.walkout_rate, QUIET)
    out = _strikes(m, hall, 2, np.flatnonzero(sitting & ~np.isfinite(c.walkout_at) & ~np.isfinite(c.proclaimed_at)), rate)
    c.walkout_at[out] = m.now
    m.note(out, "congress", place=s.places.ids[hall], text="Mensheviks and right SRs walk out of the congress", token="event:walkout",
           because=[c.siege_cause[out].max(axis=1)])
    c.stormed_talk |= fallen & sitting
    done = _strikes(m, hall, 3, np.flatnonzero(sitting & fallen & ~np.isfinite(c.proclaimed_at)), np.full(m.worlds, PROCLAIM_RATE))
    c.proclaimed_at[done] = m.now
    present, favour = _vote(m, done)
    c.votes_for[done], c.present[done] = favour, present
    m.note(done, "congress", place=s.places.ids[hall], side=s.sense, token="event:proclamation_adopted", because=[c.holder_cause[done, seat]],
           text=[f"the congress proclaims the power of the soviets, {f} of {n} delegates for it" for f, n in zip(favour, present, strict=True)])


def _vote(m: Petrograd, world: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Delegates present and in favour of a transfer of power: each faction divides about its share; who walked out is not there."""
    present, favour = np.zeros(len(world), np.int64), np.zeros(len(world), np.int64)
    if not len(world):
        return present, favour
    for faction in m.setting.history.factions.values():
        stayed = ~(np.isfinite(m.columns.walkout_at[world]) & faction.walks_out)
        key = np.broadcast_to(np.uint64(luck.key(f"faction:{faction.id}")), world.shape)
        spread = 0.05 * luck.standard_normal(m.luck.at(world, Process.PEOPLE, key, 0))
        share = np.clip(faction.for_transfer + spread, 0.0, 1.0)
        present += stayed * faction.delegates
        favour += stayed * np.rint(share * faction.delegates).astype(np.int64)
    return present, favour


def _strikes(m: Petrograd, hall: int, tag: int, world: Rows, rate: NDArray[np.float64]) -> Rows:
    """The worlds among some in which a hazard of the session strikes in this pulse."""
    if not len(world):
        return world
    key = luck.join(np.broadcast_to(m.setting.places.keys[hall], world.shape), np.uint64(tag))
    return world[m.luck.at(world, Process.PEOPLE, key, m.number) < luck.chance(rate[world], m.pulse)]


def _opens(m: Petrograd, hall: int, world: Rows) -> None:
    c, s = m.columns, m.setting
    if not len(world):
        return
    c.opened_at[world] = m.now
    name = s.places.ids[hall]
    event = m.note(world, "congress", place=name, text="the Second Congress of Soviets opens", token="event:congress_open", because=[m.decided_by("open_congress", world)])
    happened(m, "event:congress_open", world, hall, event)

