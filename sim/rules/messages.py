"""Messages: who hears of what, when, and by which way (ODD 7.2).

Knowledge is held by audiences: quarters, towns, headquarters, the seat of government. Nobody reads the true
state.
"""

from __future__ import annotations

from sim import luck
from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import TELEPHONES, note
from sim.luck import Key
from sim.rules.units import is_active, side_of
from sim.state import GROUPS, NEVER, REGIMENTS, Place, World

SIGHT = 5.0  # minutes until a quarter knows what happens in it
COURIER_PACE = 6.0  # minutes a kilometre on horseback or by car
RUMOUR_START = 15.0
ROUNDABOUT = 2.0  # times as long over wires that the other side may hold
SPREAD = 0.5  # sigma of the logarithm of every delay
LOST = 3.0  # times as long until a lost message has come by the next way
EARSHOT = 8.0  # kilometres over which a great gun is heard in a city
TO_STAFF, TO_QUARTER = 20.0, 60.0  # minutes between one report of strength and the next


@rule
def messages(w: World, ways: Ways) -> None:
    """Deliver what is due: cut lines, news of places, reports of strength, appeals and shocks, orders."""
    cut_lines(w)
    deliver_news(w)
    deliver_reports(w)
    feel(w)
    hope(w)
    deliver_orders(w)


@rule
def count_active_men(w: World) -> None:
    """Active men by audience of the place they are in, group and side; and men of the city's regiments who
    have declared.
    """
    for audience in w.audiences[: w.count.audiences]:
        audience.declared[0], audience.declared[1] = 0, 0
        for group in range(GROUPS):
            audience.active[group, 0], audience.active[group, 1] = 0, 0
    for unit in w.units[: w.count.units]:
        if unit.stance == 0:
            continue
        here, side = w.audiences[w.places[unit.place].audience], side_of(unit.stance)
        if unit.band_of == REGIMENTS and unit.in_city:
            here.declared[side] += unit.men + unit.rest
        if is_active(unit):
            here.active[unit.group, side] += unit.men


@rule
def minutes_to_hear(w: World, listener: int, source: int, cause: Key, turn: int) -> float:
    """Minutes until an audience hears, the `turn`-th time: median by the best way, lognormal; a lost message
    comes by the next way.
    """
    key = luck.join(cause, w.audiences[listener].key)
    factor = luck.lognormal(luck.uniform(w.clock.luck, luck.MESSAGE, key, turn), SPREAD)
    lost = luck.uniform(w.clock.luck, luck.MESSAGE, luck.join(key, 1), turn) < w.p.message_loss
    return w.reports[listener, source].delay * factor * (LOST if lost else 1.0)


@rule
def tell(w: World, at: Place) -> None:
    """Send word of a place's holder and bridge to every audience."""
    holder, raised = at.holder * w.clock.sense + 1, int(at.raised)
    word = luck.join(at.key, 2 * holder + raised)
    for a in range(w.count.audiences):
        news, audience = w.news[a, at.row], w.audiences[a]
        news.at = w.clock.now + minutes_to_hear(w, a, at.audience, word, at.told_of[holder, raised])
        news.coming_holder, news.coming_raised = at.holder, at.raised
        audience.next_news = min(audience.next_news, news.at)
    at.told_of[holder, raised] += 1


@rule
def happened(w: World, fact: int, place: int, cause: int) -> None:
    """Let a fact be known where it happened and go out from there; nothing if nobody waits for it, or told
    before.
    """
    w.clock.stroke += 1
    happened_in_stroke(w, fact, place, cause)


@rule
def happened_in_stroke(w: World, fact: int, place: int, cause: int) -> None:
    """The same, for one that may come from several places at one stroke: each hears of the nearest."""
    if fact < 0 or (w.facts[fact].done and w.facts[fact].stroke != w.clock.stroke):
        return
    it = w.facts[fact]
    for a in range(w.count.audiences):
        at = w.clock.now + minutes_to_hear(w, a, w.places[place].audience, it.key, 0)
        w.hearing[a, fact].at = min(w.hearing[a, fact].at, at)
        w.audiences[a].feel_at = min(w.audiences[a].feel_at, at)
    it.done, it.since, it.stroke = True, w.clock.now, w.clock.stroke
    it.cause = max(it.cause, cause)


@rule
def resounds(w: World, fact: int, place: int, cause: int) -> None:
    """A great gun is heard at once by all within earshot; others hear of it as of anything."""
    if fact < 0 or w.facts[fact].done:
        return
    happened(w, fact, place, cause)
    for a in range(w.count.audiences):
        if w.reports[a, w.places[place].audience].km <= EARSHOT:
            w.hearing[a, fact].at = min(w.hearing[a, fact].at, w.clock.now + SIGHT)
            w.audiences[a].feel_at = min(w.audiences[a].feel_at, w.clock.now + SIGHT)


@rule
def has_wire(w: World, sign: int) -> bool:
    """Whether there is a telegraph or wire anywhere that the other side does not hold."""
    for at in w.places[: w.count.places]:
        if at.wire and at.holder != -sign:
            return True
    return False


@rule
def work_out_delays(w: World) -> None:
    """The median delay between audiences, after a line or a wire has changed hands."""
    p, government_has, soviet_has = w.p, has_wire(w, -1), has_wire(w, 1)
    for i in range(w.count.audiences):
        a = w.audiences[i]
        for j in range(w.count.audiences):
            b, way = w.audiences[j], w.reports[i, j]
            in_city, with_hall = a.in_city and b.in_city, a.hall or b.hall
            of_soviet, of_government = a.side > 0 or b.side > 0, a.side < 0 or b.side < 0
            own_wire = (of_soviet and soviet_has) or (of_government and government_has)
            wire = p.wire_delay * (1.0 if own_wire else ROUNDABOUT)
            courier = COURIER_PACE * p.courier_factor * way.km + SIGHT
            rumour = p.rumour_pace * way.km + RUMOUR_START
            best = min(courier, rumour) if with_hall else rumour if in_city else min(courier, wire)
            if a.line and b.line and with_hall and in_city:
                best = min(best, p.telephone_delay)
            if with_hall and not in_city:
                best = min(best, wire)
            way.delay = SIGHT if i == j else best


@rule
def cut_lines(w: World) -> None:
    """Lines that are due to be cut go dead."""
    due = False
    for audience in w.audiences[: w.count.audiences]:
        if audience.line_cut_at <= w.clock.now:
            audience.line, audience.line_cut_at = False, NEVER
            due = True
            event = note(w, TELEPHONES, audience.place, 0, audience.cut_cause)
            happened(w, audience.cut_fact, audience.place, event)
    if due:
        work_out_delays(w)


@rule
def deliver_news(w: World) -> None:
    """News of places that is due is known from now on."""
    for a in range(w.count.audiences):
        audience = w.audiences[a]
        audience.stirred = False
        if audience.next_news > w.clock.now:
            continue
        soonest = NEVER
        for place in range(w.count.places):
            news, at = w.news[a, place], w.places[place]
            if news.at > w.clock.now:
                soonest = min(soonest, news.at)
                continue
            change = news.coming_holder - news.holder
            news.holder, news.raised, news.at = news.coming_holder, news.coming_raised, NEVER
            audience.weighed[int(news.near), int(at.public)] += change * at.weight
            if change != 0 and at.weight > 0:
                audience.stirred = True
        audience.next_news = soonest


@rule
def deliver_reports(w: World) -> None:
    """Hand over the reports of strength that are due, and send the next."""
    for a in range(w.count.audiences):
        audience, known = w.audiences[a], w.audiences[a].known
        if audience.next_report > w.clock.now:
            continue
        soonest = NEVER
        for q in range(w.count.audiences):
            if w.report_at[a, q] > w.clock.now:
                soonest = min(soonest, w.report_at[a, q])
                continue
            report, active = w.reports[a, q], w.audiences[q].active
            for group in range(GROUPS):
                for side in range(2):
                    known[group, side] += report.coming[group, side] - report.men[group, side]
                    report.men[group, side] = report.coming[group, side]
                    report.coming[group, side] = active[group, side]
            for side in range(2):
                audience.heard_declared[side] += report.declared_coming[side] - report.declared[side]
                report.declared[side] = report.declared_coming[side]
                report.declared_coming[side] = w.audiences[q].declared[side]
            factor = luck.lognormal(luck.uniform(w.clock.luck, luck.MESSAGE, report.key, report.sent), SPREAD)
            report.sent += 1
            w.report_at[a, q] = w.clock.now + report.between + report.delay * factor
            soonest = min(soonest, w.report_at[a, q])
        audience.next_report = soonest


@rule
def feel(w: World) -> None:
    """Appeals, measures and shocks move the loyalty of those who hear of them, once."""
    for a in range(w.count.audiences):
        audience = w.audiences[a]
        if audience.feel_at > w.clock.now:
            continue
        soonest = NEVER
        for fact in range(w.count.facts):
            hears = w.hearing[a, fact]
            if hears.felt:
                continue
            if hears.at > w.clock.now:
                soonest = min(soonest, hears.at)
                continue
            hears.felt = True
            if w.facts[fact].shift != 0.0:
                sway(w, a, fact)
        audience.feel_at = soonest


@rule
def sway(w: World, audience: int, fact: int) -> None:
    """Those in one audience whom a fact moves are of another mind from now on."""
    shift = w.facts[fact].shift * w.facts[fact].words
    for unit in w.units[: w.count.units]:
        if w.places[unit.place].audience == audience and w.moves[fact, unit.row]:
            unit.moved += shift


@rule
def hope(w: World) -> None:
    """Hope of relief fades with its half-life."""
    left = 0.5 ** (w.clock.pulse / 60.0 / w.p.relief_half_life)
    for audience in w.audiences[: w.count.audiences]:
        audience.relief[0] *= left
        audience.relief[1] *= left


@rule
def deliver_orders(w: World) -> None:
    """Orders reach their units; a unit that gets one makes up its mind in this pulse."""
    for unit in w.units[: w.count.units]:
        unit.ordered = unit.told_at <= w.clock.now
        if unit.ordered:
            task = w.tasks[unit.told]
            unit.task, unit.order_at, unit.cause = unit.told, w.clock.now, task.cause
            unit.bid[task.side], unit.bid_at[task.side] = 1.0, w.clock.now
            unit.told, unit.told_at = -1, NEVER
