"""Leaving: a unit goes home, is disarmed, or breaks up; used wherever a rule takes one out."""

from __future__ import annotations

from sim.compiled import rule
from sim.journal import LEAVES, also_because, note, once
from sim.rules.units import sign_of
from sim.state import GIVEN_OUT, GONE, IN_QUARTERS, LEFT, NEVER, ON_POST, UNDER_WAY, Unit, World

EVERYBODY = 1 << 30  # more men than there are


@rule
def drop_orders(unit: Unit) -> None:
    """Forget every order in hand and on the way."""
    unit.task, unit.told = -1, -1
    unit.told_at, unit.sets_out_at = NEVER, NEVER
    unit.bid[0], unit.bid[1] = 0.0, 0.0


@rule
def rejoin(unit: Unit) -> None:
    """A party that is home again is one with those who had stayed."""
    unit.men += unit.rest
    unit.rest = 0


@rule
def go_home(w: World, unit: Unit, spent: bool, because: int) -> None:
    """Give up and march home, or back to where it was sent out from; a unit whose home was the post itself
    is gone.
    """
    if unit.duty != UNDER_WAY and once(w, unit.force, unit.place, LEFT):
        event = w.events[note(w, LEAVES, unit.place, unit.stance, because)]
        event.unit, event.force = unit.row, unit.force
        also_because(event, unit.cause)
    back = -1 if spent else goes_back_under(w, unit)
    drop_orders(unit)
    unit.under = -1
    if back >= 0:
        unit.task, unit.bid[w.tasks[back].side], unit.bid_at[w.tasks[back].side] = back, 1.0, w.clock.now
        unit.duty, unit.goal = UNDER_WAY, w.tasks[back].place
    elif unit.home == unit.place and not unit.is_party:
        unit.duty = GONE if unit.posted else IN_QUARTERS
        unit.goal = -1
        rejoin(unit)
    else:
        unit.duty = UNDER_WAY
        unit.goal = unit.home
    unit.to, unit.left, unit.pace = -1, 0.0, 1.0
    if spent:
        unit.spent = True


@rule
def goes_back_under(w: World, unit: Unit) -> int:
    """The call that a unit goes back to if it was sent out from where that had brought it: while it stands,
    for the side the unit still acts for, and at a place heard to be that side's; -1 if none.
    """
    if unit.under < 0:
        return -1
    call, here = w.tasks[unit.under], w.places[unit.place].audience
    holds = w.news[here, call.place].holder == unit.stance
    stands = call.state == GIVEN_OUT and sign_of(call.side) == unit.stance and call.place != unit.place
    return call.row if holds and stands else -1


@rule
def detach(w: World, unit: Unit, men: int) -> int:
    """Men of a detachment on post are sent elsewhere, and the others go on standing there: the row of the
    party, of their mind and spirit; the row of the detachment itself if the force has a party out already.
    """
    for it in w.units[: w.count.units]:
        if it.is_party and it.men == 0 and it.force == unit.force:
            make_alike(it, unit)
            it.men, it.party, unit.men = men, men, unit.men - men
            hand_over(unit, it, men)
            return it.row
    return unit.row


@rule
def hand_over(unit: Unit, it: Unit, men: int) -> None:
    """What some men of a unit have done is counted with another row from now on, so that each counts once."""
    for side in range(2):
        acted, asked = min(unit.engaged[side], men), min(unit.asked[side], men)
        came = min(unit.came[side], men)
        it.engaged[side] += acted
        it.asked[side] += asked
        it.came[side] += came
        unit.engaged[side] -= acted
        unit.asked[side] -= asked
        unit.came[side] -= came


@rule
def make_alike(it: Unit, unit: Unit) -> None:
    """A party is what its detachment is, and knows what it knows."""
    it.home, it.place, it.in_city, it.duty, it.stance = (
        unit.home,
        unit.place,
        unit.in_city,
        ON_POST,
        unit.stance,
    )
    it.task, it.under, it.cause, it.order_at = unit.task, unit.under, unit.cause, unit.order_at
    it.loyalty, it.moved, it.swayed = unit.loyalty, unit.moved, unit.swayed
    it.mood, it.cohesion = unit.mood, unit.cohesion
    it.arms, it.fed_at, it.spent, it.rest = unit.arms, unit.fed_at, False, 0
    it.infantry_share, it.thinks_at, it.sets_out_at = unit.infantry_share, NEVER, NEVER
    it.told, it.told_at, it.to, it.goal, it.left, it.pace = -1, NEVER, -1, -1, 0.0, 1.0
    for side in range(2):
        it.bid[side], it.bid_at[side] = unit.bid[side], unit.bid_at[side]
        it.commissar_at[side], it.refused_at[side] = unit.commissar_at[side], unit.refused_at[side]
        it.confined[side], it.ready[side] = unit.confined[side], unit.ready[side]


@rule
def fall_in(w: World, unit: Unit) -> bool:
    """A party joins a detachment of its force that stands or is quartered where it has come to, or whose
    others are; whether there is one.
    """
    host, best = -1, -1.0
    for it in w.units[: w.count.units]:
        if it.force != unit.force or it.is_party or it.duty == GONE or it.spent or it.men == 0:
            continue
        one = it.stance == unit.stance or it.duty == IN_QUARTERS
        here = one and it.place == unit.place and it.duty != UNDER_WAY
        fits = 2.0 if here else 1.0 if it.home == unit.place and unit.task < 0 else 0.0
        if fits > 0 and fits + it.order > best:
            host, best = it.row, fits + it.order
    if host < 0:
        return False
    it = w.units[host]
    if best < 2.0:
        it.rest += unit.men
    else:
        it.arms = (it.arms * it.men + unit.arms * unit.men) / (it.men + unit.men)
        it.men += unit.men
    hand_over(unit, it, EVERYBODY)
    unit.men, unit.stance, unit.duty, unit.under = 0, 0, GONE, -1
    drop_orders(unit)
    return True


@rule
def disarm(unit: Unit) -> None:
    """Take their arms: they are out of it."""
    drop_orders(unit)
    unit.under = -1
    unit.arms, unit.stance, unit.duty, unit.spent = 0.0, 0, GONE, True
    unit.goal, unit.to = -1, -1
