"""Marches: from place to place along open edges, in exact minutes (ODD 7.6)."""

from __future__ import annotations

from math import inf

from sim import luck
from sim.city.streets import RAIL_SPEED
from sim.city.ways import Ways
from sim.city.ways import row as row_of
from sim.compiled import rule
from sim.journal import ARRIVES, BLOCKED, TRAIN_BACK, TRAIN_HELD, note, once
from sim.rules.leaving import fall_in, go_home, rejoin
from sim.rules.messages import happened
from sim.rules.orders import raised_mask
from sim.rules.units import pick, side_of, strength
from sim.state import ARRIVED, BESIEGED, IN_QUARTERS, NEVER, ON_POST, RING, STOPPED, UNDER_WAY, Unit, World

PACE_SPREAD = 0.2
HELD_SPREAD = 0.5
WAIT_AT_WATER = 10.0  # minutes before a unit that finds no way looks again
LEAST_LEG = 0.05  # minutes
MOST_LEGS = 400  # in one pulse
LOOKS_AGAIN = -2  # the next place of a unit that sees that its way is shut
BY_RAIL, BY_WATER = 1, 2


@rule
def marches(w: World, ways: Ways) -> None:
    """Set out, walk the minutes of this pulse, and arrive."""
    arrived, w.count.listed = False, 0
    for unit in w.units[: w.count.units]:
        if unit.sets_out_at <= w.clock.now and unit.task >= 0 and unit.duty < BESIEGED:
            set_out(w, ways, unit)
        if unit.duty == UNDER_WAY:
            pick(w, unit)
            unit.left -= w.clock.pulse
            arrived = arrived or unit.left <= 0
    if arrived:
        count_bars(w)
    legs = 0
    while arrived and legs < MOST_LEGS:
        arrived = next_legs(w, ways)
        legs += 1


@rule
def set_out(w: World, ways: Ways, unit: Unit) -> None:
    """Leave; from quarters no more men set out than are wanted, and the rest stay in."""
    task = w.tasks[unit.task]
    if unit.duty == IN_QUARTERS:
        out = min(unit.party, unit.men)
        unit.rest += unit.men - out
        unit.men = out
    unit.left = w.clock.pulse - min(w.clock.now - unit.sets_out_at, w.clock.pulse)
    unit.goal = ring_post(w, ways, unit, task.place) if task.purpose == RING else task.place
    unit.duty, unit.to, unit.sets_out_at = UNDER_WAY, -1, NEVER
    u = luck.uniform(w.clock.luck, luck.TRAVEL, luck.join(unit.key, task.key), 0)
    unit.pace = luck.lognormal(u, PACE_SPREAD)


@rule
def ring_post(w: World, ways: Ways, unit: Unit, place: int) -> int:
    """The post of the ring round a place that a unit reaches first."""
    best, nearest, on_foot = place, inf, row_of(ways, 0, 0)
    siege = w.places[place].siege
    for at in w.places[: w.count.places]:
        if w.ring[siege, at.row] and ways.minutes[on_foot, unit.place, at.row] < nearest:
            best, nearest = at.row, ways.minutes[on_foot, unit.place, at.row]
    return best


@rule
def count_bars(w: World) -> None:
    """Count the guards that let nobody of the other side past, before anybody comes to them."""
    for at in w.places[: w.count.places]:
        for side in range(2):
            at.bars[side, 0], at.bars[side, 1] = 0, 0
    for unit in w.units[: w.count.units]:
        if unit.duty == ON_POST and unit.stance != 0 and unit.task >= 0:
            bar(w, unit)


@rule
def bar(w: World, unit: Unit) -> None:
    """Count a guard that lets nobody of the other side past: a cordon, or a post on a movable bridge."""
    at, task = w.places[unit.place], w.tasks[unit.task]
    if at.span or task.bars:
        side = side_of(unit.stance)
        at.bars[side, 0] += strength(w, unit)
        if not task.armed_only:
            at.bars[side, 1] += strength(w, unit)


@rule
def next_legs(w: World, ways: Ways) -> bool:
    """All who have reached the end of an edge go on or stop there; whether there was anybody."""
    some = False
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        unit.due = unit.duty == UNDER_WAY and unit.left <= 0
        if unit.due:
            some = True
            reach(w, ways, unit)
    if not some:
        return False
    mask = raised_mask(w)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.due and unit.to == LOOKS_AGAIN:
            look_again(w, ways, unit, mask)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.due and unit.to < 0:
            unit.left = WAIT_AT_WATER
        elif unit.due:
            begin_leg(w, ways, unit)
    return True


@rule
def reach(w: World, ways: Ways, unit: Unit) -> None:
    """Reach the next place: stop there, be turned back, or look for the next edge."""
    if unit.to >= 0:
        unit.place, unit.to = unit.to, -1
        if not unit.in_city and w.places[unit.place].in_city:
            force = w.forces[unit.force]
            force.first_arrival = min(force.first_arrival, w.clock.now)
        if is_barred(w, unit):
            unit.due = False
            turn_back(w, unit)
            return
    if unit.place == unit.goal:
        unit.due = False
        arrive(w, unit)
        return
    here = w.places[unit.place]
    following = ways.hop[row_of(ways, unit.graph, heard_mask(w, here.audience)), unit.place, unit.goal]
    unit.to = following
    if following < 0 or here.raised or (following != unit.goal and is_shut(w, ways, unit, following)):
        unit.to = LOOKS_AGAIN


@rule
def heard_mask(w: World, audience: int) -> int:
    """The raised bridges an audience has heard of, as bits."""
    mask = 0
    for span in w.spans[: w.count.spans]:
        if w.news[audience, span].raised:
            mask |= w.places[span].bit
    return mask


@rule
def is_shut(w: World, ways: Ways, unit: Unit, following: int) -> bool:
    """Whether the edge before a unit cannot be used as the bridges really are."""
    shut = ways.shut_if[unit.graph, unit.place, following]
    opened = ways.open_if[unit.graph, unit.place, following]
    if shut == 0 and opened == 0:
        return False
    mask = raised_mask(w)
    return (shut & mask) > 0 or (opened > 0 and (opened & mask) == 0)


@rule
def look_again(w: World, ways: Ways, unit: Unit, mask: int) -> None:
    """The quarter learns at sight which bridges are up, and the unit goes as they really are.

    One comes off a raised bridge if one's own side holds it, or on the way home.
    """
    here = w.places[unit.place]
    for at in w.places[: w.count.places]:
        w.news[here.audience, at.row].raised = at.raised
    if here.raised and (here.holder == unit.stance or unit.task < 0):
        mask &= ~here.bit
    unit.to = ways.hop[row_of(ways, unit.graph, mask), unit.place, unit.goal]


@rule
def begin_leg(w: World, ways: Ways, unit: Unit) -> None:
    """Go along an edge, in exact minutes."""
    pace = ways.pace[unit.graph, unit.place, unit.to]
    speed = RAIL_SPEED if pace == BY_RAIL else unit.afloat if pace == BY_WATER else unit.speed
    unit.leg = max(ways.km[unit.graph, unit.place, unit.to] / speed * 60, LEAST_LEG) * unit.pace
    unit.left += unit.leg
    if pace == BY_RAIL:
        take_train(w, unit)


@rule
def is_barred(w: World, unit: Unit) -> bool:
    """Whether a cordon or a bridge guard of the other side, stronger than a unit, does not let it pass."""
    if unit.stance == 0 or unit.goal == unit.place or unit.goal == unit.home:
        return False
    guard = w.places[unit.place].bars[1 - side_of(unit.stance), int(unit.civilian)]
    return guard > 0 and guard > (0 if unit.civilian else strength(w, unit))


@rule
def turn_back(w: World, unit: Unit) -> None:
    """Go home from where one is stopped."""
    if once(w, unit.force, unit.place, STOPPED):
        event = w.events[note(w, BLOCKED, unit.place, w.places[unit.place].holder, unit.cause)]
        event.unit, event.force = unit.row, unit.force
    go_home(w, unit, False, -1)


@rule
def arrive(w: World, unit: Unit) -> None:
    """Come to the goal: stand there, or be home again."""
    number = -1
    unit.goal, unit.left = -1, 0.0
    if unit.task < 0:
        unit.duty, unit.fed_at = IN_QUARTERS, w.clock.now
        rejoin(unit)
        if unit.is_party and not unit.spent and not fall_in(w, unit):
            go_on_home(w, unit)
        return
    unit.duty = ON_POST
    if unit.is_party and w.tasks[unit.task].frees and fall_in(w, unit):
        return
    if once(w, unit.force, unit.place, ARRIVED):
        number = note(w, ARRIVES, unit.place, unit.stance, unit.cause)
        w.events[number].unit, w.events[number].force = unit.row, unit.force
    happened(w, w.arrival_fact[unit.force, unit.place], unit.place, number)


@rule
def go_on_home(w: World, unit: Unit) -> None:
    """A party that finds none of its own where it set out from goes on to where its force is at home."""
    home = w.forces[unit.force].home
    if unit.place != home:
        unit.home, unit.goal, unit.duty, unit.left = home, home, UNDER_WAY, 0.0


@rule
def take_train(w: World, unit: Unit) -> None:
    """On each leg a train may be stopped by railwaymen or committees, whichever side it serves; each
    detachment has its own.

    Railwaymen hold it for a while, and one that is held for longer than an order lives goes back; the
    committees of a town whose soldiers are of the other mind send it back.
    """
    force = w.forces[unit.force]
    cause = luck.join(unit.key, w.places[unit.to].key)
    stopped = luck.uniform(w.clock.luck, luck.ARRIVAL, cause, 0) < w.p.railway_stop
    wait = 0.0
    if stopped:
        late = luck.uniform(w.clock.luck, luck.ARRIVAL, luck.join(cause, 1), 0)
        wait = w.p.train_held * 60 * luck.lognormal(late, HELD_SPREAD)
        unit.left += wait
        if not force.held_said:
            force.held_said = True
            event = w.events[note(w, TRAIN_HELD, unit.place, unit.stance, unit.cause)]
            event.unit, event.force = unit.row, unit.force
    back = stopped and unit.task >= 0 and wait > 60 * w.p.order_life
    u = luck.uniform(w.clock.luck, luck.ARRIVAL, luck.join(cause, 2), 0)
    if back or u < w.p.committee_stop * share_against(w, unit):
        send_back(w, unit)


@rule
def share_against(w: World, unit: Unit) -> float:
    """The share of the soldiers quartered where a unit on an errand boards its train whose minds are with the
    other side.
    """
    if unit.task < 0 or unit.stance == 0 or w.places[unit.place].in_city:
        return 0.0
    men, foes = 0, 0
    for other in w.units[: w.count.units]:
        if other.home == unit.place and other.force != unit.force and other.duty == IN_QUARTERS:
            men += other.men
            if (other.loyalty + other.moved) * unit.stance < 0:
                foes += other.men
    return foes / max(men, 1)


@rule
def send_back(w: World, unit: Unit) -> None:
    """A unit that does not come through; it answers no more calls, and who hoped for it hears of it."""
    force = w.forces[unit.force]
    if not force.back_said:
        force.back_said = True
        event = w.events[note(w, TRAIN_BACK, unit.place, unit.stance, unit.cause)]
        event.unit, event.force = unit.row, unit.force
    go_home(w, unit, True, -1)
