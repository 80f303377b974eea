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


def send(m: Petrograd, world: Rows, person: int | Rows, goal: int, *, disguised: bool = False, wait: Any = 0.0, by_car: bool = False, because: Any = -1) -> None:
    """Let free people set out, by rows (n,) or one in all worlds, after a wait; a post of the other side on the way may stop them."""
    c, s = m.columns, m.setting
    who, because, wait = (np.broadcast_to(x, world.shape) for x in (person, because, wait))
    liberty, start = c.liberty[world, who], c.where[world, who]
    free = np.flatnonzero(((liberty == Liberty.FREE) | (liberty == Liberty.HIDDEN)) & (start >= 0) & (start != goal))
    if not len(free):
        return
    world, who, start, because, wait = world[free], who[free], start[free], because[free], wait[free]
    takes = minutes(m, world, start, np.full(len(world), goal))
    posts = _hostile_posts(m, world, who, start, goal)
    stop = m.p.patrol_stop[world] * (DISGUISE if disguised else CAR if by_car else 1.0)
    caught = m.luck.at(world, Process.PEOPLE, s.people.keys[who], 1) > (1 - stop) ** posts
    event = m.untold(world)
    if m.chronicle.keep:
        names = [s.people.ids[n] for n in who]
        event = m.note(world, "departure" if disguised or by_car else "journey", place=s.places.ids[goal], side=s.people.side[who], because=[because],
                       actors=[(name,) for name in names], token=[f"depart:{name}" for name in names],
                       text=[f"{m.name_of(name)} sets out for {m.name_of(s.places.ids[goal])}" for name in names])
    c.liberty[world, who] = Liberty.TRAVELLING
    c.bound_for[world, who] = np.where(caught, -2, goal)
    c.arrives_at[world, who] = m.now + wait + np.where(caught, np.minimum(takes * 0.6, STOPPED_WITHIN), takes)
    c.person_cause[world, who] = event
    c.disguised[world, who] = disguised


def _hostile_posts(m: Petrograd, world: Rows, person: Rows, start: Rows, goal: int) -> NDArray[np.int64]:
    """How many places on the way (n,) have armed men of the other side on post; those of no side have no other side."""
    c, side = m.columns, m.setting.people.side[person]
    worlds, at = np.unique(world, return_inverse=True)
    row, unit = found((c.duty[worlds] == Duty.ON_POST) & (c.stance[worlds] != 0) & (c.men[worlds] > 0))
    manned = np.zeros((len(worlds), len(m.setting.places.ids), 2), bool)
    manned[row, c.place[worlds[row], unit], (c.stance[worlds[row], unit] > 0).astype(np.intp)] = True
    mask = m.true_mask(world)
    ways = {way: m.city.path(way[0], goal, "rail", way[1])[1:-1] for way in set(zip(start.tolist(), mask.tolist(), strict=True))}
    posts = [manned[k, ways[a, b], int(s < 0)].sum() if s else 0 for k, a, b, s in zip(at.tolist(), start.tolist(), mask.tolist(), side.tolist(), strict=True)]
    return np.array(posts, np.int64)


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
    """Ministers who are free and elsewhere in the city set out for the seat of their government, unless they have chosen to go elsewhere."""
    c, s = m.columns, m.setting
    seat = int(s.audiences.place[s.audiences.seat[side]])
    ministers = np.array([n for n, group in enumerate(s.people.group) if group == "minister" and s.people.side[n] == 2 * side - 1], np.intp)
    worlds, who = np.tile(world, len(ministers)), np.repeat(ministers, len(world))
    coming = ~c.own_way[worlds, who]
    send(m, worlds[coming], who[coming], seat)


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
