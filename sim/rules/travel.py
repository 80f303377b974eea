"""Journeys of people: ministers to the cabinet, commissars to their posts, a man in a wig through the
patrols.
"""

from __future__ import annotations

from sim import luck
from sim.city.streets import LAND_SPEED
from sim.city.ways import Ways, row
from sim.compiled import rule
from sim.journal import REACHES, SEIZED, SETS_OUT, TURNED_AWAY, note
from sim.rules.messages import happened
from sim.rules.orders import raised_mask
from sim.rules.units import sign_of
from sim.state import ARRESTED, FLED, FREE, HIDDEN, NEVER, ON_POST, RAIL, TRAVELLING, Person, World

CARRIAGE = 9.0  # km/h by cab, tram or car through the streets
CAR = 0.3  # what a fast car leaves of the chance to be stopped
DISGUISE = 0.3  # what a disguise leaves of it
STOPPED_WITHIN = 30.0  # minutes in which a patrol of the city stops whom it stops
PART_OF_WAY = 0.6  # before he is stopped
STOPPED_ON_WAY = -2
PATROL_KEY = 1


@rule
def minutes_of_journey(w: World, ways: Ways, start: int, goal: int) -> float:
    """Minutes of a person's journey: by cab in town, at the pace of trains out of it; infinite if no way is
    open.
    """
    minutes = float(ways.minutes[row(ways, RAIL, raised_mask(w)), start, goal])
    return minutes * (LAND_SPEED / CARRIAGE if w.places[start].in_city and w.places[goal].in_city else 1.0)


@rule
def set_out(
    w: World, ways: Ways, person: Person, goal: int, disguised: bool, wait: float, by_car: bool, because: int
) -> None:
    """Let a free person set out after a wait; a post of the other side on the way may stop him."""
    start = person.place
    if not (person.liberty == FREE or person.liberty == HIDDEN) or start < 0 or start == goal:
        return
    takes = minutes_of_journey(w, ways, start, goal)
    posts = hostile_posts(w, ways, person.side, start, goal)
    stop = w.p.patrol_stop * (DISGUISE if disguised else CAR if by_car else 1.0)
    caught = luck.uniform(w.clock.luck, luck.PEOPLE, person.key, PATROL_KEY) > (1 - stop) ** posts
    number = note(w, SETS_OUT, goal, person.side, because)
    w.events[number].person, w.events[number].detail = person.row, int(disguised or by_car)
    person.liberty, person.cause, person.disguised = TRAVELLING, number, disguised
    person.bound_for = STOPPED_ON_WAY if caught else goal
    person.arrives_at = w.clock.now + wait + (min(takes * PART_OF_WAY, STOPPED_WITHIN) if caught else takes)


@rule
def hostile_posts(w: World, ways: Ways, side: int, start: int, goal: int) -> int:
    """How many places on the way have armed men of the other side on post; those of no side have no other
    side.
    """
    if side == 0:
        return 0
    for at in w.places[: w.count.places]:
        at.manned = False
    for unit in w.units[: w.count.units]:
        if unit.duty == ON_POST and unit.stance == -side and unit.men > 0:
            w.places[unit.place].manned = True
    posts, on = 0, row(ways, RAIL, raised_mask(w))
    place = ways.hop[on, start, goal]
    while place >= 0 and place != goal:
        posts += int(w.places[place].manned)
        place = ways.hop[on, place, goal]
    return posts if place >= 0 else 0


@rule
def arrivals(w: World) -> None:
    """People reach where they were going, or are stopped on the way."""
    for person in w.people[: w.count.people]:
        if person.arrives_at > w.clock.now:
            continue
        if person.bound_for == STOPPED_ON_WAY:
            arrest(w, person, person.cause, True)
            continue
        person.place, person.arrives_at, person.bound_for = person.bound_for, NEVER, -1
        in_city = w.places[person.place].in_city
        person.liberty = FREE if in_city else FLED
        number = note(w, REACHES, person.place, person.side, person.cause)
        w.events[number].person, w.events[number].detail = person.row, int(person.disguised or not in_city)
        if person.disguised:
            happened(w, person.pass_fact, person.place, number)


@rule
def arrest(w: World, person: Person, because: int, by_patrol: bool) -> None:
    """Arrest a person, if he can be."""
    if person.liberty >= ARRESTED:
        return
    person.liberty, person.arrives_at, person.bound_for = ARRESTED, NEVER, -1
    number = note(w, SEIZED, person.place, -person.side, because)
    w.events[number].person, w.events[number].detail = person.row, int(by_patrol)


@rule
def call_cabinet(w: World, ways: Ways, side: int) -> None:
    """Ministers who are free and elsewhere in the city set out for the seat of their government, unless they
    have chosen to go elsewhere.
    """
    seat = w.audiences[w.sides[side].seat].place
    for person in w.people[: w.count.people]:
        if person.minister and person.side == sign_of(side) and not person.own_way:
            set_out(w, ways, person, seat, False, 0.0, False, -1)


@rule
def mediate(w: World, person: Person, goal: int, fact: int, decision: int, because: int) -> None:
    """Go between the sides: a ring or an armed post of either side lets nobody through."""
    if person.liberty != FREE and person.liberty != TRAVELLING:
        return
    siege, guarded = w.places[goal].siege, False
    for unit in w.units[: w.count.units]:
        if unit.duty == ON_POST and unit.stance != 0 and unit.men > 0:
            guarded = guarded or unit.place == goal or (siege >= 0 and w.ring[siege, unit.place] > 0)
    if guarded:
        number = note(w, TURNED_AWAY, goal, 1, because)
        w.events[number].person, w.events[number].decision = person.row, decision
        happened(w, fact, w.audiences[w.places[person.place].audience].place, number)
