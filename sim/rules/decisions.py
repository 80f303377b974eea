"""Decisions: what leaders resolve, when its hour or its occasion has come (ODD 7.1).

An initiative comes at its documented hour; a reaction comes when its occasion has become known to one who
decides, after its documented lag, and never if the occasion never comes.
"""

from __future__ import annotations

from math import inf, isfinite

from sim import luck
from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import ALARM, DECIDED, LAPSED, also_because, note
from sim.rules.acts import answer, carry_out, give_tasks
from sim.rules.messages import happened
from sim.rules.units import is_bound, leader, sign_of
from sim.state import (
    BOUND,
    FOLLOWED_LAPSED,
    HAS_ITS_OBJECT,
    HIDDEN,
    NOBODY_FREE,
    OBJECT_FALLEN,
    SEAT_LOST,
    SIEGE_OVER,
    WAITED_IN_VAIN,
    WHEN_FALLEN,
    WHEN_HELD,
    Decision,
    Person,
    World,
)

LAG_SPREAD = 0.3


@rule
def decisions(w: World, ways: Ways) -> None:
    """Find the decisions whose time has come, drop those overtaken by events, and carry out the rest."""
    if w.clock.number == 0:
        for decision in w.decisions[: w.count.decisions]:
            decision.due = decision.at
    for force in range(w.count.forces):
        if w.forces[force].answers_at <= w.clock.now:
            answer(w, force)
    for side in range(2):
        take_alarm(w, side)
    for decision in w.decisions[: w.count.decisions]:
        if decision.taken and not decision.lapsed and not isfinite(decision.due):
            await_occasion(w, decision)
    for decision in w.decisions[: w.count.decisions]:
        due = decision.due <= w.clock.now and not isfinite(decision.fired_at)
        decision.called = due and not decision.lapsed and decision.taken
    for decision in w.decisions[: w.count.decisions]:
        if decision.called:
            resolve(w, ways, decision)


@rule
def take_alarm(w: World, side: int) -> None:
    """A headquarters takes alarm, once: when it hears that a place its side held at the opening is lost, when
    its own line is cut, or when it hears of a raised bridge while the other side holds a movable one.
    """
    office, sign = w.sides[side], sign_of(side)
    hall = w.audiences[office.staff]
    if office.alarmed:
        return
    lost, raised, foreign = not hall.line, False, False
    cause, bridge_cause = -1 if hall.line else hall.cut_cause, -1
    for at in w.places[: w.count.places]:
        heard = w.news[office.staff, at.row]
        if at.opening_holder == sign and heard.holder == -sign:
            lost, cause = True, max(cause, at.holder_cause)
        if heard.raised:
            raised, bridge_cause = True, max(bridge_cause, at.holder_cause)
        foreign = foreign or (at.span and at.holder == -sign)
    if lost or (raised and foreign):
        office.alarmed = True
        number = note(w, ALARM, hall.place, sign, cause if lost else bridge_cause)
        happened(w, office.alarm_fact, hall.place, number)


@rule
def await_occasion(w: World, decision: Decision) -> None:
    """Set the hour of a reaction whose requirements are all met now; let it lapse if what it follows has, if
    what it was about has changed hands, or if they are unmet so many hours after its documented minute.

    The documented lag runs from the occasion itself, and has the time in it that the news took then; nobody
    decides before he has heard.
    """
    occasion = occasion_of(w, decision)
    if not isfinite(occasion):
        late = w.clock.now > decision.documented + 60.0 * w.p.patience
        if follows_lapsed(w, decision):
            lapse(w, decision, FOLLOWED_LAPSED)
        elif decision.overtaken == WHEN_FALLEN and objects_are(w, decision, False):
            lapse(w, decision, OBJECT_FALLEN)
        elif late and not follows_pending(w, decision):
            lapse(w, decision, WAITED_IN_VAIN)
        return
    factor = luck.lognormal(luck.uniform(w.clock.luck, luck.PEOPLE, decision.key, 0), LAG_SPREAD)
    decision.due = max(w.clock.now, occasion + decision.lag * factor)


@rule
def occasion_of(w: World, decision: Decision) -> float:
    """The minute of the last of what a reaction waits for, once somebody who decides knows of it; else
    infinity.
    """
    occasion = 0.0
    for earlier in decision.after:
        if earlier >= 0:
            occasion = max(occasion, w.decisions[earlier].fired_at)
    for fact in decision.hears:
        if fact >= 0:
            if not w.facts[fact].done:  # nobody hears of what has not happened
                return inf
            occasion = max(occasion, w.facts[fact].since)
    for fact in decision.hears:
        if fact >= 0 and not somebody_heard(w, decision, fact):
            return inf
    return occasion


@rule
def follows_lapsed(w: World, decision: Decision) -> bool:
    """Whether a decision that it follows has lapsed."""
    for earlier in decision.after:
        if earlier >= 0 and w.decisions[earlier].lapsed:
            return True
    return False


@rule
def follows_pending(w: World, decision: Decision) -> bool:
    """Whether a decision that it follows is about to be taken: its hour is set."""
    for earlier in decision.after:
        if earlier >= 0:
            before = w.decisions[earlier]
            if before.taken and isfinite(before.due) and not before.lapsed and not isfinite(before.fired_at):
                return True
    return False


@rule
def lapse(w: World, decision: Decision, why: int) -> None:
    """Let a decision lapse, and write down why: what it was for is open to its headquarters from now on."""
    decision.lapsed, decision.why = True, why
    number = note(w, LAPSED, decision.place, decision.side, -1)
    w.events[number].decision, w.events[number].detail = decision.row, why


@rule
def somebody_heard(w: World, decision: Decision, fact: int) -> bool:
    """Whether some decider, or who stands in for them, has heard of a fact."""
    for n in decision.people:
        if n >= 0 and can_decide(w.people[n]):
            if w.hearing[w.places[w.people[n].place].audience, fact].at <= w.clock.now:
                return True
    for place in decision.staffs:
        if place >= 0 and w.hearing[w.places[place].audience, fact].at <= w.clock.now:
            return True
    stand_in = deputy(w, decision)
    return stand_in >= 0 and w.hearing[w.places[w.people[stand_in].place].audience, fact].at <= w.clock.now


@rule
def can_decide(person: Person) -> bool:
    """Whether somebody is at large, and within reach."""
    return person.place >= 0 and person.liberty <= HIDDEN


@rule
def deputy(w: World, decision: Decision) -> int:
    """Who stands in where none of those named can decide: the first of those who lead their headquarters who
    is free and there; -1 nobody. For what somebody does himself there is nobody else.
    """
    if decision.personal or decision.side == 0:
        return -1
    named = False
    for n in decision.people:
        if n >= 0:
            named = True
            if can_decide(w.people[n]):
                return -1
    return leader(w, 1 if decision.side > 0 else 0) if named else -1


@rule
def who_decides(w: World, decision: Decision) -> int:
    """The first of those named who can, or who stands in for them; -1 an unnamed staff, -2 nobody."""
    some = False
    for n in decision.people:
        if n >= 0:
            some = True
            if can_decide(w.people[n]):
                return n
    for place in decision.staffs:
        if place >= 0:
            return -1
    stand_in = deputy(w, decision)
    return stand_in if stand_in >= 0 else -2 if some else -1


@rule
def overtaken_by(w: World, decision: Decision) -> int:
    """What has overtaken a decision, -1 nothing: a settlement, nobody left to take it, its object fallen to
    its own side or to anybody, its side's seat lost, or its siege over.
    """
    if decision.of_force and decision.side != 0 and is_bound(w, 1 if decision.side > 0 else 0):
        return BOUND
    if who_decides(w, decision) == -2:
        return NOBODY_FREE
    if decision.overtaken == WHEN_HELD and decision.side != 0 and objects_are(w, decision, True):
        return HAS_ITS_OBJECT
    if decision.overtaken == WHEN_FALLEN and objects_are(w, decision, False):
        return OBJECT_FALLEN
    if decision.side != 0:
        seat = w.audiences[w.sides[1 if decision.side > 0 else 0].seat].place
        if w.places[seat].holder == -decision.side:
            return SEAT_LOST
    for earlier in decision.after:
        if earlier >= 0 and siege_is_over(w, w.decisions[earlier]):
            return SIEGE_OVER
    return -1


@rule
def objects_are(w: World, decision: Decision, own: bool) -> bool:
    """Whether all places it speaks of are held by its own side, or have changed hands since the opening."""
    some = False
    for place in decision.objects:
        if place >= 0:
            some = True
            at = w.places[place]
            if (own and at.holder != decision.side) or (not own and at.holder == at.opening_holder):
                return False
    return some


@rule
def siege_is_over(w: World, earlier: Decision) -> bool:
    """Whether all besieged places that an earlier decision speaks of have changed hands."""
    some = False
    for place in earlier.objects:
        if place >= 0 and w.places[place].siege >= 0:
            some = True
            if w.places[place].holder == w.places[place].opening_holder:
                return False
    return some


@rule
def resolve(w: World, ways: Ways, decision: Decision) -> None:
    """Take a decision: write it down, carry it out, give its tasks."""
    if decision.lapsed:  # by one taken in this pulse
        return
    overtaken = overtaken_by(w, decision)
    if overtaken >= 0:
        lapse(w, decision, overtaken)
        return
    decision.fired_at = w.clock.now
    number = note(w, DECIDED, decision.place, decision.side, -1)
    decision.event = number
    w.events[number].decision = decision.row
    w.events[number].person = max(who_decides(w, decision), -1)
    for earlier in decision.after:
        if earlier >= 0:
            also_because(w.events[number], w.decisions[earlier].event)
    for fact in decision.hears:
        if fact >= 0:
            also_because(w.events[number], w.facts[fact].cause)
    happened(w, decision.word_fact, decision.spoken_at, number)
    if not decision.echo:
        for act in w.acts[: w.count.acts]:
            if act.decision == decision.row:
                carry_out(w, ways, decision, act)
    give_tasks(w, decision)
