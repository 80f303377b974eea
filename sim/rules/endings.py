"""Endings: six ways in which the three days can come out, and when they did (ODD 7.10)."""

from __future__ import annotations

from math import inf

from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import ENDING, note
from sim.rules.units import government, is_active, side_of, sign_of, strength
from sim.state import (
    IN_QUARTERS,
    MUSTER,
    OPEN,
    RELIEVED,
    RESTORED,
    SETTLED,
    STORMED,
    UNDECIDED,
    UNDER_WAY,
    YIELDED,
    Unit,
    World,
)

# a side is beaten below a quarter of its peak, or outmatched by relief, for three hours
LOW, LONG = (0.25, 180.0)
BRIDGES = 3


@rule
def endings(w: World, ways: Ways) -> None:
    """See whether a history has come to one of its ends; the first counts."""
    count_strength(w)
    count_places(w)
    side = government(w)
    seat_lost = w.places[w.audiences[w.sides[side].seat].place].holder == -sign_of(side)
    if seat_lost:
        close(w, YIELDED if w.end.yielded else STORMED)
    if is_restored(w, side):
        close(w, RESTORED)
    w.end.relieved_since = min(w.end.relieved_since, w.clock.now) if is_relieved(w, side) else inf
    if w.clock.now - w.end.relieved_since >= LONG:
        close(w, RELIEVED)
    if w.clock.now + w.clock.pulse > w.clock.horizon:  # the last pulse
        close(w, SETTLED if w.end.settled and w.clock.now > 0 else UNDECIDED)


@rule
def close(w: World, ending: int) -> None:
    """End the history so, unless it has ended."""
    if w.end.ending == OPEN:
        w.end.ending, w.end.at = ending, w.clock.now
        w.events[note(w, ENDING, -1, 0, -1)].detail = ending


@rule
def count_strength(w: World) -> None:
    """How many are active on each side, the most so far, and since when there are few; who is joined by
    troops from outside.
    """
    active_0, active_1 = 0, 0
    w.sides[0].joined, w.sides[1].joined = False, False
    for unit in w.units[: w.count.units]:
        if unit.task >= 0:
            count_answer(w, unit)
        if is_active(unit):
            side = side_of(unit.stance)
            unit.engaged[side] = max(unit.engaged[side], unit.men)
            at = w.places[unit.place]
            if not unit.in_city and (at.gate or at.in_city):
                w.sides[side].joined = True
            if at.in_city:
                active_0 += unit.men if side == 0 else 0
                active_1 += unit.men if side == 1 else 0
    w.sides[0].active, w.sides[1].active = active_0, active_1
    for office in w.sides:
        office.peak = max(office.peak, office.active)
        office.low_at = min(office.low_at, w.clock.now) if office.active < LOW * office.peak else inf


@rule
def count_answer(w: World, unit: Unit) -> None:
    """How many men the order in hand asks of a unit (a muster, all who have come together), and how many of
    these stand where they are wanted, or before its doors.
    """
    task = w.tasks[unit.task]
    side, at = task.side, w.places[task.place]
    mustering = task.purpose == MUSTER and unit.duty != IN_QUARTERS
    unit.asked[side] = max(unit.asked[side], unit.men if mustering else min(unit.party, unit.men))
    if not is_active(unit) or unit.duty == UNDER_WAY or unit.stance != sign_of(side):
        return
    if unit.place == at.row or (at.siege >= 0 and w.ring[at.siege, unit.place] != 0):
        unit.came[side] = max(unit.came[side], min(unit.men, unit.asked[side]))


@rule
def count_places(w: World) -> None:
    """Most places at once that a side held and did not hold at the opening."""
    won_0, won_1 = 0, 0
    for at in w.places[: w.count.places]:
        if at.holder != at.opening_holder:
            won_0 += int(at.holder < 0)
            won_1 += int(at.holder > 0)
    w.sides[0].most_taken = max(w.sides[0].most_taken, won_0)
    w.sides[1].most_taken = max(w.sides[1].most_taken, won_1)


@rule
def is_restored(w: World, side: int) -> bool:
    """The government's forces hold the other side's seat; or exchange, telegraph and three bridges, and the
    other side is beaten.
    """
    sign = sign_of(side)
    if w.places[w.audiences[w.sides[1 - side].seat].place].holder == sign:
        return True
    if not w.clock.now - w.sides[1 - side].low_at >= LONG:
        return False
    bridges = 0
    for at in w.places[: w.count.places]:
        if (at.exchange or at.telegraph) and at.holder != sign:
            return False
        bridges += int(at.span and at.holder == sign)
    return bridges >= BRIDGES


@rule
def is_relieved(w: World, side: int) -> bool:
    """Once the other side is on the offensive: troops from outside, in the city or at its gates, outmatch all
    its men in action there.
    """
    if w.sides[1 - side].posture == 0 or not w.sides[side].joined:
        return False
    sign, relief, against = sign_of(side), 0, 0
    for unit in w.units[: w.count.units]:
        if not unit.in_city and unit.stance == sign and is_active(unit):
            if w.places[unit.place].gate or w.places[unit.place].in_city:
                relief += strength(w, unit)
    if relief == 0:
        return False
    for unit in w.units[: w.count.units]:
        if unit.stance == -sign and is_active(unit) and w.places[unit.place].in_city:
            against += strength(w, unit)
    return relief > against
