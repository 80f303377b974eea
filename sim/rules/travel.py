"""Journeys of people: ministers to the cabinet, commissars to their posts, a man in a wig through the patrols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.people import Liberty
from sim.agents.unit import Duty
from sim.city import GRAPHS, LAND_SPEED
from sim.columns import found
from sim.luck import Process
from sim.rules.messages import happened
from sim.script import NEVER

if TYPE_CHECKING:
    from sim.model import Petrograd

Rows = NDArray[np.intp]
RAIL = list(GRAPHS).index("rail")
CARRIAGE = 9.0  # km/h by cab, tram or car through the streets
CAR = 0.3  # what a fast car leaves of it
STOPPED_WITHIN = 30.0  # minutes in which a patrol of the city stops whom it stops
DISGUISE = 0.3  # what a disguise leaves of the chance to be stopped


def minutes(m: Petrograd, world: Rows, start: Rows, goal: Rows) -> NDArray[np.float64]:
    """Minutes of a person's journey, by rows (n,): by cab in town, at the pace of trains out of it; infinite if no way is open."""
    row = m.city.rows(np.full(len(world), RAIL), m.true_mask(world))
    in_town = m.setting.places.in_city[start] & m.setting.places.in_city[goal]
    return m.city.minutes[row, start, goal].astype(float) * np.where(in_town, LAND_SPEED / CARRIAGE, 1.0)


def send(m: Petrograd, world: Rows, person: int, goal: int, *, disguised: bool = False, wait: Any = 0.0, by_car: bool = False, because: Any = -1) -> None:
    """Let a free person set out, after a wait; a post of the other side on the way may stop him."""
    c, s = m.columns, m.setting
    free = np.flatnonzero(((c.liberty[world, person] == Liberty.FREE) | (c.liberty[world, person] == Liberty.HIDDEN)) & (c.where[world, person] >= 0) & (c.where[world, person] != goal))
    if not len(free):
        return
    because, wait = np.broadcast_to(because, world.shape)[free], np.broadcast_to(wait, world.shape)[free]
    world = world[free]
    start = c.where[world, person]
    takes = minutes(m, world, start, np.full(len(world), goal))
    posts = _hostile_posts(m, world, person, start, goal)
    stop = m.p.patrol_stop[world] * (DISGUISE if disguised else CAR if by_car else 1.0)
    caught = _draw(m, world, person, 1) > (1 - stop) ** posts
    name = s.people.ids[person]
    kind = "departure" if disguised or by_car else "journey"
    event = m.note(world, kind, place=s.places.ids[goal], side=s.people.side[person], actors=[(name,)] * len(world), token=f"depart:{name}",
                   text=f"{m.name_of(name)} sets out for {m.name_of(s.places.ids[goal])}", because=[because])
    c.liberty[world, person] = Liberty.TRAVELLING
    c.bound_for[world, person] = np.where(caught, -2, goal)
    c.arrives_at[world, person] = m.now + wait + np.where(caught, np.minimum(takes * 0.6, STOPPED_WITHIN), takes)
    c.person_cause[world, person] = event
    m.columns.disguised[world, person] = disguised


def _draw(m: Petrograd, world: Rows, person: int, pulse: int) -> NDArray[np.float64]:
    return m.luck.at(world, Process.PEOPLE, np.broadcast_to(m.setting.people.keys[person], world.shape), pulse)


def _hostile_posts(m: Petrograd, world: Rows, person: int, start: Rows, goal: int) -> NDArray[np.int64]:
    """How many places on the way (n,) have armed men of the other side on post."""
    c, side = m.columns, int(m.setting.people.side[person])
    if not side:
        return np.zeros(len(world), np.int64)
    row, unit = found((c.duty[world] == Duty.ON_POST) & (c.stance[world] == -side) & (c.men[world] > 0))
    hostile = np.zeros((len(world), len(m.setting.places.ids)), bool)
    hostile[row, c.place[world[row], unit]] = True
    ways = [m.city.path(int(a), goal, "rail", int(mask)) for a, mask in zip(start, m.true_mask(world), strict=True)]
    return np.array([hostile[k, way[1:-1]].sum() for k, way in enumerate(ways)], np.int64)


def arrivals(m: Petrograd) -> None:
    """People reach where they were going, or are stopped on the way."""
    c, s = m.columns, m.setting
    world, person = found(c.arrives_at <= m.now)
    for n in np.unique(person):
        w = world[person == n]
        goal = c.bound_for[w, n]
        caught = goal == -2
        arrest(m, w[caught], int(n), because=c.person_cause[w[caught], n], text="is stopped by a patrol and held")
        w, goal = w[~caught], goal[~caught]
        c.where[w, n], c.liberty[w, n] = goal, Liberty.FREE
        c.arrives_at[w, n], c.bound_for[w, n] = NEVER, -1
        away = ~s.places.in_city[goal]
        c.liberty[w[away], n] = Liberty.FLED
        _note_arrival(m, w, int(n), goal)


def _note_arrival(m: Petrograd, world: Rows, person: int, goal: Rows) -> None:
    c, s = m.columns, m.setting
    name = s.people.ids[person]
    unseen = m.columns.disguised[world, person]
    if not len(world) or not (m.chronicle.keep or unseen.any()):
        return
    places = [s.places.ids[g] for g in goal]
    told = m.columns.disguised[world, person].any() or not s.places.in_city[goal].all()
    event = m.note(world, "departure" if told else "journey", place=places, side=s.people.side[person], actors=[(name,)] * len(world),
                   token=[f"arrive:{name}:{p}" for p in places], text=[f"{m.name_of(name)} reaches {m.name_of(p)}" for p in places],
                   because=[c.person_cause[world, person]])
    for g in np.unique(goal[unseen]):
        rows = unseen & (goal == g)
        happened(m, f"event:{name}_passes_patrol", world[rows], int(g), event[rows])


def arrest(m: Petrograd, world: Rows, person: int, *, because: Any = -1, text: str = "is arrested") -> NDArray[np.int64]:
    """Arrest a person in some worlds."""
    c, s = m.columns, m.setting
    if not len(world):
        return np.zeros(0, np.int64)
    able = c.liberty[world, person] < Liberty.ARRESTED
    world, because = world[able], np.broadcast_to(because, able.shape)[able]
    c.liberty[world, person] = Liberty.ARRESTED
    c.arrives_at[world, person], c.bound_for[world, person] = NEVER, -1
    if not m.chronicle.keep:
        return m.untold(world)
    name = s.people.ids[person]
    where = [s.places.ids[p] if p >= 0 else "" for p in c.where[world, person]]
    return m.note(world, "arrest", place=where, side=-s.people.side[person], actors=[(name,)] * len(world), token=f"arrest:{name}",
                  text=f"{m.name_of(name)} {text}", because=[because])


def call_cabinet(m: Petrograd, world: Rows, side: int) -> None:
    """Ministers who are free and elsewhere in the city set out for the seat of their government."""
    s = m.setting
    seat = int(s.audiences.place[s.audiences.seat[side]])
    for n, group in enumerate(s.people.group):
        if group == "minister" and s.people.side[n] == 2 * side - 1:
            send(m, world, n, seat)


def mediate(m: Petrograd, world: Rows, person: int, goals: list[int], name: str, because: Any) -> None:
    """Go between the sides: a ring or an armed post of either side lets nobody through."""
    c, s = m.columns, m.setting
    free = np.isin(c.liberty[world, person], (Liberty.FREE, Liberty.TRAVELLING))
    world, because = world[free], np.broadcast_to(because, free.shape)[free]
    posted = (c.duty == Duty.ON_POST) & (c.stance != 0) & (c.men > 0)
    for goal in goals:
        around = np.append(m.ring_posts.get(goal, np.zeros(0, np.intp)), goal)
        guarded = (posted[world] & np.isin(c.place[world], around)).any(axis=1)
        stopped = world[guarded]
        event = m.note(stopped, "block", place=s.places.ids[goal], side=1, actors=[(s.people.ids[person],)] * len(stopped), token=f"block:{name}",
                       text=f"{m.name_of(s.people.ids[person])} and his companions are turned away at {m.name_of(s.places.ids[goal])}", because=[because[guarded]])
        happened(m, f"block:{name}", stopped, int(s.audiences.place[s.places.audience[c.where[stopped, person]]][0]) if len(stopped) else 0, event)
