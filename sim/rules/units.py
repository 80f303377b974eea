"""What every rule asks of a unit: its mind, its strength, whether it is active; and of the two sides."""

from __future__ import annotations

import numpy as np

from sim.compiled import entry, rule
from sim.state import BESIEGED, GONE, IN_QUARTERS, ON_POST, Unit, World


@rule
def sign_of(side: int) -> int:
    """-1 or +1, for a side of the tables."""
    return 1 if side == 1 else -1


@rule
def side_of(sign: int) -> int:
    """The side of the tables, for -1 or +1."""
    return 1 if sign > 0 else 0


@rule
def government(w: World) -> int:
    """The side that is the government (turned round in a mirrored city)."""
    return 0 if w.clock.sense > 0 else 1


@entry
def loyalty(w: World, unit: Unit) -> float:
    """d + m + A, the mind of a unit now: opening draw, words and shocks, agitation."""
    return unit.loyalty + unit.moved + unit.swayed


@rule
def strength(w: World, unit: Unit) -> int:
    """E = men * arms * quality * cohesion, in thousandths of a man so that sums are exact."""
    unarmed = w.p.unarmed
    armed = unarmed if unit.civilian else (unit.arms + (1 - unit.arms) * unarmed) * unit.worth * unit.cohesion
    return int(np.rint(1000 * unit.men * armed))


@rule
def is_active(unit: Unit) -> bool:
    """Willing, and not in quarters."""
    return unit.stance != 0 and unit.duty != IN_QUARTERS and unit.duty != GONE and unit.men > 0


@rule
def holds_inside(unit: Unit, place: int, holder: int) -> bool:
    """Whether a unit holds a place from inside: it acts for the holder, or it is of neither side's mind and
    holds it as it was told.
    """
    if unit.place != place or unit.men == 0 or holder == 0:
        return False
    if unit.duty != ON_POST and unit.duty != BESIEGED:
        return False
    return unit.stance == holder or (unit.stance == 0 and unit.bid[side_of(holder)] > 0)


@rule
def pick(w: World, unit: Unit) -> None:
    """Put a unit on the list of those to whom a rule comes back."""
    w.listed[w.count.listed] = unit.row
    w.count.listed += 1


@rule
def led(w: World, side: int) -> bool:
    """Whether a headquarters still has somebody free in its hall or at its seat to give orders, holds the
    seat, and is not bound by a settlement.
    """
    seat, staff = w.audiences[w.sides[side].seat].place, w.audiences[w.sides[side].staff].place
    sign = sign_of(side)
    if w.places[seat].holder != sign or is_bound(w, side):
        return False
    for person in w.people[: w.count.people]:
        if person.liberty == 0 and person.side == sign and (person.place == seat or person.place == staff):
            return True
    return False


@rule
def is_bound(w: World, side: int) -> bool:
    """Whether a settlement holds, and a side's headquarters has heard of it."""
    return w.end.settled and w.hearing[w.sides[side].staff, w.settled_fact].at <= w.clock.now


@rule
def leader(w: World, side: int) -> int:
    """The first of those who lead a side's headquarters who is free and there, -1 nobody."""
    seat, staff = w.audiences[w.sides[side].seat].place, w.audiences[w.sides[side].staff].place
    first, rank = -1, 100
    for person in w.people[: w.count.people]:
        there = person.place == seat or person.place == staff
        if there and person.liberty == 0 and person.side == sign_of(side) and 0 < person.leads < rank:
            first, rank = person.row, int(person.leads)
    return first


@rule
def is_dark(w: World) -> bool:
    """Whether it is night."""
    minute = (w.clock.midnight + w.clock.now) % 1440.0
    return minute < w.clock.dawn or minute > w.clock.dusk
