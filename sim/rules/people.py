"""People: the cabinet, the congress, and who is held when a seat of government falls (ODD 7.9)."""

from __future__ import annotations

from math import exp, isfinite, log

import numpy as np

from sim import luck
from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import CABINET_YIELDS, CONGRESS_OPENS, MOTION, PROCLAMATION, WALKOUT, note
from sim.rules import travel
from sim.rules.messages import happened
from sim.rules.units import government, sign_of
from sim.state import FREE, GIVEN_OUT, HIDDEN, ON_POST, Person, Siege, Task, World

CHANCED_ON = 0.1  # per hour, that a party meets in its quarter the man it looks for
MOTION_RATE = 1.5  # per hour of session, until a motion for a government of all socialist parties is put
PROCLAIM_RATE = 0.6  # per hour once the congress has heard of the fall
QUIET = 0.02  # walk-out rate per hour in a session that hears no guns
GIVE_UP_RATE = 0.15  # per hour, of a cabinet under fire without resolve or doubt
VOTE_SPREAD = 0.05
NOBODY = 0.5  # resolve of a cabinet that is not there
MET_KEY, MOTION_KEY, WALKOUT_KEY, PROCLAIM_KEY = 5, 1, 2, 3


@rule
def people(w: World, ways: Ways) -> None:
    """Journeys end, parties make their arrests, the cabinet weighs what it hears, the congress sits."""
    travel.arrivals(w)
    make_arrests(w)
    seize_seats(w)
    for siege in w.sieges[: w.count.sieges]:
        weigh(w, siege)
    sit(w)


@rule
def make_arrests(w: World) -> None:
    """A party sent to arrest somebody holds him if he is where it stands; in the streets about it may chance
    on him.
    """
    for at in w.arrests[: w.count.arrests]:
        task = w.tasks[at]
        if task.state != GIVEN_OUT:
            continue
        if w.places[task.place].men_there[1 - task.side] == 0:
            for n in range(w.count.people):
                if w.wanted[at, n] and is_met(w, w.people[n], task.place):
                    if not a_party_stands(w, task):
                        break
                    travel.arrest(w, w.people[n], task.cause, False)


@rule
def a_party_stands(w: World, task: Task) -> bool:
    """Whether somebody sent on a task stands where it is to be done, and means to."""
    for unit in w.units[: w.count.units]:
        if unit.task == task.row and unit.duty == ON_POST and unit.stance == sign_of(task.side):
            return True
    return False


@rule
def is_met(w: World, person: Person, place: int) -> bool:
    """Whether somebody is where a party stands, or is chanced on in the streets about it."""
    if person.place < 0 or person.place == place:
        return person.place == place
    if w.places[person.place].audience != w.places[place].audience or person.liberty == HIDDEN:
        return False
    u = luck.uniform(w.clock.luck, luck.PEOPLE, luck.join(person.key, MET_KEY), w.clock.number)
    return u < luck.chance(CHANCED_ON, w.clock.pulse)


@rule
def seize_seats(w: World) -> None:
    """Whoever enters the seat of a government, or its staff, holds the people of that side he finds there."""
    for person in w.people[: w.count.people]:
        if person.side == 0 or person.liberty != FREE or person.place < 0:
            continue
        if w.places[person.place].holder != -person.side:
            continue
        office = w.sides[1 if person.side > 0 else 0]
        at_home = (
            person.place == w.audiences[office.seat].place or person.place == w.audiences[office.staff].place
        )
        if at_home:
            travel.arrest(w, person, w.places[person.place].holder_cause, False)


@rule
def weigh(w: World, siege: Siege) -> None:
    """Once the guns speak or the doors are broken, a cabinet may give up; the more resolute, the later."""
    at = w.places[siege.place]
    quiet = siege.shells <= 0 and siege.intruders <= 0
    if quiet or at.holder == 0 or not isfinite(siege.ring_at) or w.end.yielded:
        return
    side = 1 if at.holder > 0 else 0
    seat = w.sides[side].seat
    if w.audiences[seat].place != siege.place:
        return
    resolve, present = 0.0, 0
    for person in w.people[: w.count.people]:
        there = person.place == siege.place and person.liberty == FREE
        if there and person.minister and person.side == at.holder:
            resolve += person.resolve
            present += 1
    if present == 0:
        return
    odds = siege.ring_strength / max(siege.inner_strength, 1000.0)
    hopeless = log(max(odds, 1.0)) / 3 + siege.hits / 10 - w.audiences[seat].relief[side]
    rate = GIVE_UP_RATE * exp(hopeless - 4 * w.p.resolve_weight * (resolve / present))
    if luck.uniform(w.clock.luck, luck.PEOPLE, at.key, w.clock.number) < luck.chance(rate, w.clock.pulse):
        w.end.yielded = True
        note(w, CABINET_YIELDS, siege.place, at.holder, siege.cause)


@rule
def strikes(w: World, tag: int, rate: float) -> bool:
    """Whether a hazard of the session strikes in this pulse."""
    key = luck.join(w.places[w.congress.hall].key, tag)
    return luck.uniform(w.clock.luck, luck.PEOPLE, key, w.clock.number) < luck.chance(rate, w.clock.pulse)


@rule
def sit(w: World) -> None:
    """The congress opens, puts a motion, may break over the shells, and proclaims when the seat has
    fallen.
    """
    it, now = w.congress, w.clock.now
    if it.planned_at > now:
        return
    seat = w.audiences[w.sides[government(w)].seat].place
    fallen = w.news[w.places[it.hall].audience, seat].holder == w.clock.sense
    if not isfinite(it.opened_at) and (it.opens_at <= now or fallen):
        convene(w)
    if not isfinite(it.opened_at):
        return
    if not isfinite(it.motion_at) and not isfinite(it.walkout_at) and strikes(w, MOTION_KEY, MOTION_RATE):
        it.motion_at = now
        note(w, MOTION, it.hall, 0, -1)
    rate = w.p.walkout_rate if it.heard or guns_speak(w) else QUIET
    if not isfinite(it.walkout_at) and not isfinite(it.proclaimed_at) and strikes(w, WALKOUT_KEY, rate):
        it.walkout_at = now
        cause = -1
        for siege in w.sieges[: w.count.sieges]:
            cause = max(cause, siege.cause)
        note(w, WALKOUT, it.hall, 0, cause)
    it.heard = it.heard or fallen
    talked = isfinite(it.motion_at) or isfinite(it.walkout_at)  # first the parties, then the power
    if fallen and talked and not isfinite(it.proclaimed_at) and strikes(w, PROCLAIM_KEY, PROCLAIM_RATE):
        proclaim(w, seat)


@rule
def guns_speak(w: World) -> bool:
    """Whether a gun has been fired: who sits there cannot tell a blank from a shell."""
    for siege in w.sieges[: w.count.sieges]:
        if siege.shells > 0 or isfinite(siege.first_blank):
            return True
    return False


@rule
def convene(w: World) -> None:
    """The congress opens."""
    it = w.congress
    it.opened_at = w.clock.now
    decided = w.decisions[it.opening_decision].event if it.opening_decision >= 0 else -1
    number = note(w, CONGRESS_OPENS, it.hall, 0, decided)
    happened(w, it.open_fact, it.hall, number)


@rule
def proclaim(w: World, seat: int) -> None:
    """A vote on the transfer of power: each faction divides about its share; who walked out is not there."""
    it = w.congress
    it.proclaimed_at, it.votes_for, it.present = w.clock.now, 0, 0
    for faction in w.factions[: w.count.factions]:
        if faction.delegates > 0 and not (isfinite(it.walkout_at) and faction.walks_out):
            spread = VOTE_SPREAD * luck.normal(luck.uniform(w.clock.luck, luck.PEOPLE, faction.key, 0))
            share = min(max(faction.for_transfer + spread, 0.0), 1.0)
            it.present += faction.delegates
            it.votes_for += int(np.rint(share * faction.delegates))
    number = note(w, PROCLAMATION, it.hall, w.clock.sense, w.places[seat].holder_cause)
    w.events[number].detail, w.events[number].more = it.votes_for, it.present
