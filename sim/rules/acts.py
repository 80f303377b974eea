"""Acts: what a decision does by itself; where units must go, it gives them tasks (plan.py reads both from the
table of verbs).
"""

from __future__ import annotations

from math import inf, isfinite

import numpy as np

from sim import luck
from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import POWER, TELEPHONES, WILL_NOT_SAIL, note
from sim.rules import travel
from sim.rules.holding import cut_line
from sim.rules.leaving import go_home
from sim.rules.messages import happened, minutes_to_hear, work_out_delays
from sim.rules.units import loyalty, pick, sign_of
from sim.state import (
    ABSENT,
    ATTACK,
    BAR,
    BESIEGE,
    BLANK,
    BOUND,
    CABINET,
    CALL,
    CALL_OFF,
    CONFINE,
    CONFUSE,
    CONVENE,
    DARKEN,
    DEFEND,
    DEPART,
    DESKS,
    DISMISS,
    FIRE,
    GARRISON,
    GIVE_UP,
    GONE,
    HIDDEN,
    IN_QUARTERS,
    MEDIATE,
    NEVER,
    ON_POST,
    OPEN_WAY,
    OVER,
    PAUSE,
    PLUG,
    READY,
    RESUME,
    RETIRE,
    SAIL,
    SEND_COMMISSAR,
    SETTLE,
    SHUT_WAY,
    STORM,
    SUMMON,
    TIGHTEN,
    TROIKA,
    UNDER_WAY,
    UNPLUG,
    UNPLUGGED,
    WAITING,
    Act,
    Decision,
    Task,
    Unit,
    World,
)

READINESS = 0.25  # the pull of a call to all, against an order that names the unit
THINKS_WITHIN = 30.0  # minutes, of a call to stand ready
READY_SPREAD = 0.3
PATIENCE_SPREAD = 0.15
FULL_RELIEF = 2000.0  # men on the way that count as full relief
LANDED = 60.0  # minutes a headquarters loses in a change of commander
READY_KEY, PATIENCE_KEY, CAR_KEY = 1, 2, 3  # turns of a decision's luck


@rule
def carry_out(w: World, ways: Ways, decision: Decision, act: Act) -> None:
    """Do one thing that a decision does by itself; those of no side count as the government's."""
    sign = decision.side if decision.side != 0 else -w.clock.sense
    side, does = 1 if sign > 0 else 0, act.does
    if does <= ATTACK:
        to_the_side(w, side, act)
    elif does <= DARKEN:
        at_the_exchange(w, decision, act, side, sign)
    elif does <= CALL_OFF:
        towards_the_other(w, ways, decision, act, side)
    elif does <= PAUSE:
        before_a_siege(w, decision, act, sign)
    else:
        of_people(w, ways, decision, act, side)


@rule
def to_the_side(w: World, side: int, act: Act) -> None:
    """Calls that go to all of a side, or to the garrison."""
    if act.does == READY:
        stand_ready(w, side)
    elif act.does == CONFINE:
        keep_in(w, side)
    elif act.does == BAR:
        w.sieges[act.where].barred = True
    elif act.does == DEFEND:
        w.sides[side].posture = 0
    elif act.does == ATTACK:
        turn(w, side)


@rule
def within_call(w: World, unit: Unit, side: int) -> bool:
    """Whether a unit in the city hears a call of a side: its own kinds, and who has accepted its
    commissar.
    """
    return unit.in_city and (unit.commissar_at[side] <= w.clock.now or unit.trusted == sign_of(side))


@rule
def call(w: World, unit: Unit, side: int) -> None:
    """A unit hears a call of a side; a stronger one stands."""
    if not unit.spent:
        unit.bid[side] = max(unit.bid[side], READINESS)
        unit.bid_at[side] = w.clock.now


@rule
def stand_ready(w: World, side: int) -> None:
    """Whoever hears a side's call stands ready, and thinks of it within half an hour."""
    for unit in w.units[: w.count.units]:
        if within_call(w, unit, side):
            call(w, unit, side)
            unit.ready[side] = True
            unit.thinks_at = min(unit.thinks_at, w.clock.now + THINKS_WITHIN)
    w.sides[side].mobilised = True


@rule
def keep_in(w: World, side: int) -> None:
    """A side tells the garrison to stay in its barracks."""
    for unit in w.units[: w.count.units]:
        if unit.in_city and unit.group == GARRISON:
            unit.confined[side] = True


@rule
def turn(w: World, side: int) -> None:
    """Go over to the offensive, and say so to all who listen."""
    w.sides[side].posture = 1
    for unit in w.units[: w.count.units]:
        if within_call(w, unit, side):
            call(w, unit, side)


@rule
def holds_all(w: World, sign: int, exchange: bool) -> bool:
    """Whether the exchange, or the power station, is a side's."""
    for at in w.places[: w.count.places]:
        if (at.exchange if exchange else at.station) and at.holder != sign:
            return False
    return True


@rule
def at_the_exchange(w: World, decision: Decision, act: Act, side: int, sign: int) -> None:
    """Lines and current, by whoever holds the exchange and the power station."""
    if not holds_all(w, sign, act.does != DARKEN):
        return
    if act.does == UNPLUG:
        cut_line(w, act.where, act.number, False, decision.event)
    elif act.does == UNPLUGGED:
        happened(w, w.sides[side].phones_fact, act.where, decision.event)
    elif act.does == PLUG:
        audience = w.audiences[act.where]
        number = note(w, TELEPHONES, act.who, sign, decision.event)
        w.events[number].detail, w.events[number].more = 1, int(not audience.line)
        audience.line, audience.line_cut_at = True, NEVER
        work_out_delays(w)
    else:
        w.places[act.where].power = False
        note(w, POWER, act.where, sign, decision.event)


@rule
def towards_the_other(w: World, ways: Ways, decision: Decision, act: Act, side: int) -> None:
    """Commissars, settlements, and what is refused."""
    if act.does == SEND_COMMISSAR:
        send_commissar(w, ways, act.where, side, act.number, decision.event)
    elif act.does == SETTLE:
        if not isfinite(w.decisions[act.who].fired_at) and not w.decisions[act.who].lapsed:
            w.decisions[act.who].lapsed, w.decisions[act.who].why = True, BOUND
        w.end.settled = True
        happened(w, w.settled_fact, decision.spoken_at, decision.event)
    elif act.does == GIVE_UP:
        w.end.yielded = True
    elif act.does == DISMISS:
        for unit in w.units[: w.count.units]:
            unit.commissar_at[side] = NEVER
    elif act.does == OPEN_WAY:
        for k in range(w.count.sieges):
            if act.where < 0 or act.where == k:
                w.sieges[k].way_out = int(act.number)
    elif act.does == SHUT_WAY:
        for siege in w.sieges[: w.count.sieges]:
            siege.way_out = min(siege.way_out, 1)
    elif act.does == CALL_OFF:
        call_off(w, w.tasks[act.who])


@rule
def send_commissar(w: World, ways: Ways, place: int, side: int, earliest: float, cause: int) -> None:
    """A commissar sets out from his headquarters for a place; guards there may accept him."""
    at = w.places[place]
    takes = travel.minutes_of_journey(w, ways, w.audiences[w.sides[side].staff].place, place)
    at.envoy_at[side] = min(at.envoy_at[side], max(w.clock.now, earliest) + takes)
    at.envoy_cause[side] = cause


@rule
def call_off(w: World, task: Task) -> None:
    """A task is off, for those who have not arrived."""
    task.state = OVER
    for unit in w.units[: w.count.units]:
        if (unit.task == task.row or unit.told == task.row) and unit.duty != ON_POST:
            if unit.duty == UNDER_WAY:
                go_home(w, unit, False, -1)
                unit.left = w.clock.pulse
            unit.task, unit.told, unit.told_at, unit.sets_out_at = -1, -1, NEVER, NEVER
            unit.bid[task.side] = 0.0


@rule
def before_a_siege(w: World, decision: Decision, act: Act, sign: int) -> None:
    """Terms, guns, the assault and the pause before a besieged place."""
    siege, now = w.sieges[act.where], w.clock.now
    if act.does == SUMMON:
        siege.term_at, siege.cause = now + act.number, decision.event
    elif act.does == BLANK:
        if is_served(w, decision, sign):
            siege.blank_at = ready_at(w, decision, act.number)
    elif act.does == FIRE:
        if is_served(w, decision, sign):
            siege.fire_at, siege.shells_left = ready_at(w, decision, act.number), int(act.more)
    elif act.does == RESUME:
        siege.paused_until, siege.cause = min(siege.paused_until, now), decision.event
    elif act.does == STORM:
        siege.assault_at = min(siege.assault_at, now)
    elif act.does == BESIEGE:
        siege.cause = decision.event
    elif act.does == TIGHTEN:
        siege.tight = True
    elif act.does == PAUSE:
        siege.paused_until = now + act.number


@rule
def is_served(w: World, decision: Decision, sign: int) -> bool:
    """Whether somebody of those who are to fire is there, and not under the hand of the other side."""
    for unit in w.units[: w.count.units]:
        for force in decision.crews:
            fit = unit.force == force and unit.men > 0 and not unit.spent
            if fit and w.places[unit.place].holder != -sign:
                return True
    return False


@rule
def ready_at(w: World, decision: Decision, minutes: float) -> float:
    """When guns or a signal are ready: their delay, lognormal."""
    fixed = minutes if minutes > 0 else w.p.gun_readiness * 60
    u = luck.uniform(w.clock.luck, luck.PEOPLE, decision.key, READY_KEY)
    return w.clock.now + fixed * luck.lognormal(u, READY_SPREAD)


@rule
def of_people(w: World, ways: Ways, decision: Decision, act: Act, side: int) -> None:
    """Commanders, departures, the congress, go-betweens."""
    if act.does == TROIKA:
        for siege in w.sieges[: w.count.sieges]:
            siege.heads = int(act.number)
    elif act.does == CONFUSE:
        for table in range(DESKS):
            free_at = w.sides[side].desk_free_at[table]
            w.sides[side].desk_free_at[table] = max(free_at, w.clock.now) + LANDED
    elif act.does == CABINET:
        travel.call_cabinet(w, ways, side)
    elif act.does == DEPART:
        depart(w, ways, decision, act)
    elif act.does == SAIL:
        sail(w, decision, act.who, side)
    elif act.does == CONVENE:
        u = luck.uniform(w.clock.luck, luck.PEOPLE, decision.key, PATIENCE_KEY)
        mood = luck.lognormal(u, PATIENCE_SPREAD)
        w.congress.planned_at = act.number
        w.congress.opens_at = act.number + act.more * w.p.congress_patience * mood
    elif act.does == RETIRE:
        if w.people[act.who].liberty <= HIDDEN:
            w.people[act.who].place, w.people[act.who].liberty = -1, ABSENT
    elif act.does == MEDIATE:
        travel.mediate(w, w.people[act.who], act.where, int(act.number), act.decision, decision.event)


@rule
def depart(w: World, ways: Ways, decision: Decision, act: Act) -> None:
    """Somebody sets out, by car once one that runs is found."""
    seat_0, seat_1 = w.audiences[w.sides[0].seat].place, w.audiences[w.sides[1].seat].place
    w.people[act.who].own_way = act.where != seat_0 and act.where != seat_1
    wait, by_car = 0.0, act.more > 0
    if by_car:
        u = luck.uniform(w.clock.luck, luck.PEOPLE, decision.own_key, CAR_KEY)
        wait = w.p.car_search * luck.lognormal(u, READY_SPREAD)
    travel.set_out(w, ways, w.people[act.who], act.where, act.number > 0, wait, by_car, decision.event)


@rule
def sail(w: World, decision: Decision, force: int, side: int) -> None:
    """An order to put to sea goes out to a crew, as any message does."""
    it = w.forces[force]
    listener, source = w.places[it.home].audience, w.places[decision.spoken_at].audience
    it.answers_at = w.clock.now + minutes_to_hear(w, listener, source, decision.key, 0)
    it.answers_to, it.answers_because = side, decision.event


@rule
def answer(w: World, force: int) -> None:
    """A crew answers an order to put to sea as it would any order of that side."""
    it = w.forces[force]
    side, mind = it.answers_to, 0
    it.answers_at = NEVER
    for unit in w.units[: w.count.units]:
        if unit.force == force:
            unit.bid[side], unit.bid_at[side] = 1.0, w.clock.now
            mind += int(np.rint(1e6 * loyalty(w, unit))) * unit.men
    if mind * sign_of(side) < 0:
        number = note(w, WILL_NOT_SAIL, it.home, -sign_of(side), it.answers_because)
        w.events[number].force = force
        happened(w, it.refuse_fact, it.home, number)
        return
    for unit in w.units[: w.count.units]:
        if unit.force == force:
            unit.spent, unit.duty = True, GONE


@rule
def give_tasks(w: World, decision: Decision) -> None:
    """Put the tasks of a decision on the desk, bring into being the forces it raises, and let those who
    called hope.
    """
    for task in w.tasks[: w.count.tasks]:
        if task.decision == decision.row and task.place >= 0:
            give_task(w, task, decision.event)
    appear(w, decision.row)


@rule
def give_task(w: World, task: Task, cause: int) -> None:
    """Put one task on the desk. Whom a side orders out by name it no longer keeps in barracks."""
    outside = 0
    task.state, task.since, task.cause = WAITING, w.clock.now, cause
    task.first = min(task.first, w.clock.now)
    for unit in w.units[: w.count.units]:
        if w.named[task.row, unit.row]:
            unit.confined[task.side] = False
            outside += 0 if unit.in_city else unit.men
    if task.purpose == CALL and task.hands and w.places[task.place].in_city:
        raise_hope(w, task.side, outside)


@rule
def raise_hope(w: World, side: int, men: int) -> None:
    """A headquarters and a seat hope for men on the way."""
    office = w.sides[side]
    staff, seat = w.audiences[office.staff], w.audiences[office.seat]
    staff.relief[side] = min(staff.relief[side] + men / FULL_RELIEF, 1.0)
    if office.seat != office.staff:
        seat.relief[side] = min(seat.relief[side] + men / FULL_RELIEF, 1.0)


@rule
def appear(w: World, d: int) -> None:
    """Forces that a decision brings into being take their men from their parents, the detachments at home in
    the order of their keys.
    """
    for unit in w.units[: w.count.units]:
        if unit.appears != d:
            continue
        parts = 0
        for other in w.units[: w.count.units]:
            parts += int(other.force == unit.force)
        share = w.forces[unit.force].men // parts
        lacking = share
        if unit.parent >= 0:
            lacking = take_from(w, unit.parent, share)
            unit.men = share - lacking
        else:
            unit.men = share
        unit.thinks_at = w.clock.now
        unit.duty = ON_POST if unit.civilian or unit.posted else IN_QUARTERS


@rule
def take_from(w: World, force: int, men: int) -> int:
    """Take men from the detachments of a force who are at home; how many are lacking."""
    last, w.count.listed = -1.0, 0
    for unit in w.units[: w.count.units]:
        if unit.force == force:
            pick(w, unit)
    while men > 0:
        source, order = -1, inf
        for row in w.listed[: w.count.listed]:
            if last < w.units[row].order < order:
                source, order = row, w.units[row].order
        if source < 0:
            break
        unit, last = w.units[source], order
        if unit.duty == IN_QUARTERS:
            taken = min(men, unit.men)
            unit.men -= taken
        else:
            taken = min(men, unit.rest)
            unit.rest -= taken
        men -= taken
    return men
