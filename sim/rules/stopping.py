"""A lost cause: who hears that his side has lost its seat and its staff, or has settled, stops (ODD 7.15)."""

from __future__ import annotations

from sim import luck
from sim.compiled import rule
from sim.journal import GIVES_UP, note, once
from sim.rules.leaving import drop_orders, go_home
from sim.rules.units import is_bound, side_of, sign_of
from sim.state import BESIEGED, GAVE_UP, GIVEN_OUT, IN_QUARTERS, MARCH, ON_POST, UNDER_WAY, Unit, World

STOP_KEY = 91


@rule
def stopping(w: World) -> None:
    """Men stop at a rate: orders are dropped, columns turn round, guards go home or hand over."""
    lost_0, lost_1 = is_lost(w, 0), is_lost(w, 1)
    if not (lost_0 or lost_1 or anybody_walks(w)):
        return
    chance = luck.chance(w.p.stop_rate, w.clock.pulse)
    for unit in w.units[: w.count.units]:
        if unit.men == 0 or unit.spent or unit.stance == 0 or unit.duty >= BESIEGED:
            continue
        if unit.duty == IN_QUARTERS and unit.task < 0 and unit.told < 0:
            continue
        if unit.duty == UNDER_WAY and unit.goal == unit.home:
            continue
        lost = lost_1 if unit.stance > 0 else lost_0
        if not ((lost and has_heard(w, unit)) or comes_too_late(w, unit)):
            continue
        key = luck.join(unit.key, STOP_KEY)
        if luck.uniform(w.clock.luck, luck.DECISION, key, w.clock.number) < chance:
            stop(w, unit)


@rule
def anybody_walks(w: World) -> bool:
    """Whether a march of townsmen has been given out."""
    for row in w.walks[: w.count.walks]:
        if w.tasks[row].state == GIVEN_OUT:
            return True
    return False


@rule
def is_lost(w: World, side: int) -> bool:
    """Whether anybody can have heard that a side's cause is lost: its seat and staff are the other side's, or
    a settlement holds.
    """
    sign, office = sign_of(side), w.sides[side]
    seat, staff = w.audiences[office.seat].place, w.audiences[office.staff].place
    gone = w.places[seat].holder == -sign and w.places[staff].holder == -sign
    return gone or is_bound(w, 0) or is_bound(w, 1)


@rule
def has_heard(w: World, unit: Unit) -> bool:
    """Whether it has been heard where a unit is: that both halls are lost, or of the settlement."""
    here, sign = w.places[unit.place].audience, unit.stance
    office = w.sides[side_of(sign)]
    seat, staff = w.audiences[office.seat].place, w.audiences[office.staff].place
    if w.news[here, seat].holder == -sign and w.news[here, staff].holder == -sign:
        return True
    return w.end.settled and w.hearing[here, w.settled_fact].at <= w.clock.now


@rule
def comes_too_late(w: World, unit: Unit) -> bool:
    """Whether a march has heard that the place it goes to has changed hands."""
    if unit.task < 0 or w.tasks[unit.task].purpose != MARCH:
        return False
    goal = w.places[w.tasks[unit.task].place]
    return w.news[w.places[unit.place].audience, goal.row].holder != goal.opening_holder


@rule
def stop(w: World, unit: Unit) -> None:
    """Leave what one was about; a guard by roster stays, and resists no more."""
    if once(w, unit.force, unit.place, GAVE_UP):
        event = w.events[note(w, GIVES_UP, unit.place, unit.stance, -1)]
        event.unit, event.force = unit.row, unit.force
    if unit.duty == IN_QUARTERS:
        drop_orders(unit)
    elif unit.roster and unit.task < 0 and unit.duty == ON_POST:
        unit.stance = 0
        drop_orders(unit)
    else:
        go_home(w, unit, False, -1)
