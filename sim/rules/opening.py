"""The opening: the state of a city at the start, drawn once for every world."""

from __future__ import annotations

from math import exp, isnan

import numpy as np

from sim import luck
from sim.city.ways import Ways
from sim.compiled import rule
from sim.rules.beliefs import beliefs
from sim.rules.firefight import mean_devotion
from sim.rules.messages import TO_QUARTER, TO_STAFF, count_active_men, work_out_delays
from sim.rules.musters import draw_turnout
from sim.rules.stances import beat, decide, new_moods
from sim.rules.units import sign_of
from sim.state import FREE, GROUPS, HELPS, HIDDEN, HURTS, NEVER, ON_POST, REGIMENTS, SHOCK, Unit, World

COHESION_SPREAD = 0.1
CONDITION_WEIGHT = 6.0  # how closely the conditions of detachments lie about their mean (a + b of the Beta)
# The shifts of mind, by an aggression and by an appeal, that the number of a decision is counted in.
USUAL_HURT, USUAL_HELP = 0.1, 0.05
COHESION_KEY, CONDITION_KEY = 1, 2


@rule
def open_city(w: World, ways: Ways) -> None:
    """Draw men, minds and conditions; let everybody know how things stand; let posts take their stance."""
    w.clock.opening = w.clock.luck
    take_parameters(w)
    new_moods(w)
    for unit in w.units[: w.count.units]:
        if unit.home >= 0:
            draw_men(w, unit)
            draw_mind(w, unit)
    for person in w.people[: w.count.people]:
        if person.hides and person.liberty == FREE:
            person.liberty = HIDDEN
    know(w)
    work_out_delays(w)
    beliefs(w, ways)
    for unit in w.units[: w.count.units]:
        if unit.duty == ON_POST and unit.men > 0:
            take_post(w, unit)
    hear_declared(w)
    for unit in w.units[: w.count.units]:
        if unit.men > 0 and (unit.duty == ON_POST or (unit.band_of == REGIMENTS and unit.in_city)):
            unit.stance = decide(w, unit)
    w.devotion = mean_devotion(w)
    first_reports(w)
    beliefs(w, ways)


@rule
def take_parameters(w: World) -> None:
    """Put the parameters where they are used: bands, great buildings, headquarters, the weight of words."""
    p = w.p
    draw_turnout(w)
    for unit in w.units[: w.count.units]:
        unit.band = (p.band_regiments, p.band_volunteers, p.band_specialists, p.band_militia)[unit.band_of]
        unit.worth = unit.quality * (p.levy_worth if unit.levy else 1.0)
    for at in w.places[: w.count.places]:
        if at.seat:
            at.position = p.palace_factor
    for office in w.sides:
        office.caution = p.caution_attack if isnan(office.own_caution) else office.own_caution
        office.caution_palace = (
            p.caution_palace if isnan(office.own_caution_palace) else office.own_caution_palace
        )
        office.orders_an_hour = p.hq_orders if isnan(office.own_orders) else office.own_orders
    for fact in w.facts[: w.count.facts]:
        if fact.scale == SHOCK:
            fact.words = p.aggression
        elif fact.scale == HURTS:
            fact.words = p.aggression / USUAL_HURT
        elif fact.scale == HELPS:
            fact.words = p.appeal / USUAL_HELP


@rule
def change_parameters(w: World) -> None:
    """Put parameters that have changed in the midst of a history to use."""
    take_parameters(w)
    work_out_delays(w)


@rule
def draw_men(w: World, unit: Unit) -> None:
    """Strength of its force within its documented bounds, but for those posted, and its spirit."""
    force = w.forces[unit.force]
    if not unit.posted:
        u = luck.uniform(w.clock.luck, luck.OPENING, force.key, 0)
        factor = min(max(exp(force.spread * luck.normal(u)), force.low), force.high)
        unit.men = int(np.rint(unit.men * factor))
    u = luck.uniform(w.clock.luck, luck.OPENING, luck.join(unit.key, COHESION_KEY), 0)
    unit.cohesion = min(max(w.p.opening_cohesion + COHESION_SPREAD * luck.normal(u), 0.05), 1.0)


@rule
def draw_mind(w: World, unit: Unit) -> None:
    """d = scale * leaning + sigma_d * normal; the condition of those who want infantry beside them; when they
    next think.
    """
    p = w.p
    mind = w.clock.sense * luck.normal(luck.uniform(w.clock.luck, luck.LOYALTY, unit.key, 0))
    unit.loyalty = p.loyalty_scale * unit.leaning + p.loyalty_spread * mind
    if unit.infantry_for != 0:
        u = luck.uniform(w.clock.luck, luck.OPENING, luck.join(unit.key, CONDITION_KEY), 0)
        share = p.infantry_condition
        unit.infantry_share = luck.beta_quantile(CONDITION_WEIGHT * share, CONDITION_WEIGHT * (1 - share), u)
    beat(w, unit)
    asked = luck.uniform(w.clock.luck, luck.OPENING, w.forces[unit.force].asked_key, 0)
    for side in range(2):
        unit.commissar_at[side] = 0.0 if asked < unit.commissar[side] else NEVER


@rule
def know(w: World) -> None:
    """Everybody knows the holders of the start, and which regiments have taken a commissar."""
    for a in range(w.count.audiences):
        audience = w.audiences[a]
        for at in w.places[: w.count.places]:
            news = w.news[a, at.row]
            news.holder, news.at = at.holder, NEVER
            audience.weighed[int(news.near), int(at.public)] += at.weight * at.holder
            audience.weights[int(news.near), int(at.public)] += at.weight
    for unit in w.units[: w.count.units]:
        if unit.band_of == REGIMENTS and unit.in_city:
            for side in range(2):
                if unit.commissar_at[side] <= 0.0:
                    w.audiences[w.places[unit.place].audience].declared[side] += unit.men


@rule
def take_post(w: World, unit: Unit) -> None:
    """Those posted have their orders from the holder; who stands there by roster may not mean to act."""
    for side in range(2):
        sign = sign_of(side)
        if w.places[unit.place].holder == sign and unit.trusted != -sign and not unit.civilian:
            unit.bid[side] = 1.0
            if not unit.roster:
                unit.stance = sign


@rule
def hear_declared(w: World) -> None:
    """Everybody knows which men of the regiments have declared, quarter by quarter."""
    for audience in w.audiences[: w.count.audiences]:
        audience.heard_declared[0], audience.heard_declared[1] = 0, 0
    for a in range(w.count.audiences):
        for q in range(w.count.audiences):
            for side in range(2):
                declared = w.audiences[q].declared[side]
                w.reports[a, q].declared[side] = w.reports[a, q].declared_coming[side] = declared
                w.audiences[a].heard_declared[side] += declared


@rule
def first_reports(w: World) -> None:
    """Everybody knows how many stand on post for whom, and the reports begin; distant towns send none to one
    another.
    """
    count_active_men(w)
    hear_declared(w)
    for audience in w.audiences[: w.count.audiences]:
        for q in range(w.count.audiences):
            for group in range(GROUPS):
                for side in range(2):
                    audience.known[group, side] += w.audiences[q].active[group, side]
    for a in range(w.count.audiences):
        for q in range(w.count.audiences):
            report, listener, source = w.reports[a, q], w.audiences[a], w.audiences[q]
            for group in range(GROUPS):
                for side in range(2):
                    report.men[group, side] = source.active[group, side]
                    report.coming[group, side] = source.active[group, side]
            report.between = TO_STAFF if a == q or listener.hall else TO_QUARTER
            report.key = luck.join(source.key, listener.key)
            u = luck.uniform(w.clock.luck, luck.MESSAGE, luck.join(listener.key, source.key), luck.BEFORE)
            far = (not listener.in_city and not source.in_city and a != q) or not source.manned
            w.report_at[a, q] = NEVER if far else u * (report.between + report.delay)
