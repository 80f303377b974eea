"""Stance: act for one side, stay in barracks, act for the other (ODD 7.4)."""

from __future__ import annotations

from math import isfinite, log

from sim import luck
from sim.city.streets import SHIP
from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import REFUSES, note
from sim.rules.beliefs import confidence
from sim.rules.leaving import go_home
from sim.rules.messages import happened
from sim.rules.musters import gather
from sim.rules.units import government, holds_inside, led, loyalty, pick, side_of, sign_of
from sim.state import (
    BESIEGED,
    CALL,
    FRONT,
    GROUPS,
    IN_QUARTERS,
    MUSTER,
    NEVER,
    ON_POST,
    REGIMENTS,
    RING,
    UNDER_WAY,
    Task,
    Unit,
    World,
)

HEADS_DELAY = 0.25  # of the time in which a ring is closed, for every further head of the siege's command
RING_SPREAD = 0.3
MOOD_HOURS = 6.0  # a mood holds so long: how often a unit decides must not change what it decides
FEW_STEPS = 0.2  # of the time to assemble, for whoever stands in the street already
RING_KEY = 41


@rule
def stances(w: World, ways: Ways) -> None:
    """Units decide on an order, on relevant news, and at their own rate; what they decide they begin to
    do.
    """
    new_moods(w)
    agitate(w)
    stirred, refused, w.count.listed = False, False, 0
    for audience in w.audiences[: w.count.audiences]:
        stirred = stirred or audience.stirred
    for unit in w.units[: w.count.units]:
        struck = beat(w, unit)
        if unit.men == 0 or unit.spent or unit.duty >= BESIEGED:
            continue
        if struck or is_told(w, unit) or (stirred and w.audiences[w.places[unit.place].audience].stirred):
            was, unit.stance, unit.thinks_at = unit.stance, decide(w, unit), NEVER
            if was != 0 and unit.stance != was:
                pick(w, unit)
            refused = answer_order(w, unit) or refused
    if refused:
        say_no(w)
    for row in w.listed[: w.count.listed]:
        quit_what_it_did(w, w.units[row])


@rule
def is_told(w: World, unit: Unit) -> bool:
    """Whether a unit has been told to think, or ordered to do something."""
    return unit.ordered or unit.thinks_at <= w.clock.now


@rule
def beat(w: World, unit: Unit) -> bool:
    """Move on the clock of a unit, which strikes at a rate, and say whether it has struck.

    Nothing else moves it: whatever differs between two scenarios, their clocks strike together.
    """
    struck = False
    while unit.clock_at <= w.clock.now:
        wait = -log(luck.uniform(w.clock.luck, luck.DECISION, unit.key, unit.clock_beats)) / w.p.decision_rate
        unit.clock_beats += 1
        unit.clock_at += 60 * wait
        struck = True
    return struck


@rule
def new_moods(w: World) -> None:
    """Draw eps for every unit when a block of hours begins; turned round in a mirrored city."""
    block = int(w.clock.now // (MOOD_HOURS * 60))
    if w.clock.block == block:
        return
    w.clock.block = block
    for unit in w.units[: w.count.units]:
        noise = w.clock.sense * luck.normal(luck.uniform(w.clock.luck, luck.NOISE, unit.key, block))
        unit.mood = w.p.block_noise * noise


@rule
def agitate(w: World) -> None:
    """m' = a (B (q_S - q_G) - m) an hour where a commissar is accepted: agitation works through what the men
    of one's quarter have declared. Reckoned every quarter of an hour.
    """
    if w.clock.number % w.clock.review:
        return
    p, now = w.p, w.clock.now
    step = luck.chance(p.agitation, w.clock.review * w.clock.pulse)
    for audience in w.audiences[: w.count.audiences]:
        men = max(audience.regiment_men, 1)
        audience.ahead = (min(audience.declared[1], men) - min(audience.declared[0], men)) / men
    for unit in w.units[: w.count.units]:
        if unit.commissar_at[0] <= now or unit.commissar_at[1] <= now:
            quarter = w.audiences[w.places[unit.place].audience].quarter
            unit.swayed += step * (p.agitation_bound * w.audiences[quarter].ahead - unit.swayed)


@rule
def decide(w: World, unit: Unit) -> int:
    """+1 if z > theta + stay, -1 if z < -(theta + stay), else 0; a stance is left only rho further in.

    z = D + omega (q_S - q_G) of who is believed to act, for kinds of one conviction; the regiments choose
    between three (`choose`). D = d + m + A + beta tanh(b/2) + gamma (O_S' - O_G') + eps, with d + m + A the
    mind (`units.loyalty`) and O' the orders less what a commissar of the other side takes from them
    (Granovetter 1978; Kuran 1991; Singh 2014).
    """
    p, a = w.p, w.places[unit.place].audience
    of_government, of_soviet = heeded(w, unit, 0), heeded(w, unit, 1)
    orders = unit.bid[1] * of_soviet - unit.bid[0] * of_government
    belief = p.belief_weight * unit.belief_pull * confidence(w.audiences[a])
    inclined = loyalty(w, unit) + belief + p.order_weight * orders + unit.mood
    stay = p.order_weight * max(unit.confined[0] * of_government, unit.confined[1] * of_soviet)
    if unit.band_of == REGIMENTS:
        return choose(w, unit, a, inclined, unit.band + stay)
    z = inclined + p.peer_weight * (peers(w, unit, a, 1) - peers(w, unit, a, 0))
    band = unit.band + stay
    if z > band - (p.hysteresis if unit.stance > 0 else 0.0):
        return ready_to_act(w, unit, a, 1)
    if z < -(band - (p.hysteresis if unit.stance < 0 else 0.0)):
        return ready_to_act(w, unit, a, -1)
    return 0


@rule
def choose(w: World, unit: Unit, a: int, inclined: float, neutral: float) -> int:
    """The largest of u_S = D + omega q_S, u_G = -D + omega q_G and u_0 = theta + stay + omega q_0, rho added
    to the present answer.

    q are the shares of one's like that have declared for each side, and for neither: to stay in is a choice
    that others make too (Granovetter 1978; Albrecht and Ohl 2016).
    """
    omega, rho = w.p.peer_weight, w.p.hysteresis
    q_g, q_s = declared_share(w, unit, a, 0), declared_share(w, unit, a, 1)
    soviet = inclined + omega * q_s + (rho if unit.stance > 0 else 0.0)
    government = -inclined + omega * q_g + (rho if unit.stance < 0 else 0.0)
    neither = neutral + omega * (1.0 - q_s - q_g) + (rho if unit.stance == 0 else 0.0)
    if soviet > neither and soviet > government:
        return 1
    return -1 if government > neither and government > soviet else 0


@rule
def declared_share(w: World, unit: Unit, a: int, side: int) -> float:
    """q: the share of the other regiments' men heard to have declared for a side, half of those in the city,
    half of those of one's own quarter; where nobody else is quartered, of the city alone.
    """
    quarter, own = w.audiences[a].quarter, unit.men + unit.rest
    mine = own if unit.stance == (1 if side == 1 else -1) else 0
    others = max(w.regiment_men - own, 1)
    city = min(max(w.audiences[a].heard_declared[side] - mine, 0) / others, 1.0)
    neighbours = w.audiences[quarter].regiment_men - own
    if neighbours <= 0:
        return city
    near = min(max(w.reports[a, quarter].declared[side] - mine, 0) / neighbours, 1.0)
    return 0.5 * city + 0.5 * near


@rule
def heeded(w: World, unit: Unit, side: int) -> float:
    """What is left of a side's orders: less by chi where a commissar of the other side is accepted; and so
    are, to a regiment, those of a committee that has no commissar with it.
    """
    left, now = 1.0, w.clock.now
    if unit.commissar_at[1 - side] <= now:
        left -= w.p.commissar_discount
    if side != government(w) and unit.band_of == REGIMENTS and unit.commissar_at[side] > now:
        left *= 1.0 - w.p.commissar_discount
    return left


@rule
def peers(w: World, unit: Unit, a: int, side: int) -> float:
    """q: the share believed active on a side, half of one's own group in the city, half of one's own
    quarter.
    """
    quarter = w.audiences[a].quarter
    men = 0
    for group in range(GROUPS):
        men += w.reports[a, quarter].men[group, side]
    own = w.audiences[a].known[unit.group, side] / w.group_men[unit.group]
    near = men / w.audiences[quarter].quarter_men
    return min(0.5 * own + 0.5 * near, 1.0)


@rule
def ready_to_act(w: World, unit: Unit, a: int, stance: int) -> int:
    """The stance, if its kind is ready to act so: never against the side it is sworn to; some only beside
    infantry, and for their own side.
    """
    if stance * w.clock.sense == -unit.sworn:
        return 0
    if unit.infantry_for != 0:
        if stance * w.clock.sense != unit.infantry_for:
            return 0
        if infantry_beside(w, unit, a, side_of(stance)) < unit.infantry_share * asked_with(w, unit):
            return 0
    return stance


@rule
def infantry_beside(w: World, unit: Unit, a: int, side: int) -> int:
    """Men on foot that a rider hears he would have beside him: regiments in the city that have declared, and
    who acts for the side where he is called to.
    """
    men = int(w.audiences[a].heard_declared[side])
    if unit.task < 0:
        return men
    there = w.places[w.tasks[unit.task].place].audience
    for group in range(GROUPS):
        if group != FRONT:
            men += w.reports[a, there].men[group, side]
    return men


@rule
def asked_with(w: World, unit: Unit) -> int:
    """How many riders would be in the street: those who are called with a unit, or its own regiment."""
    if unit.task < 0:
        return unit.regiment
    task, men = w.tasks[unit.task], 0
    for other in w.units[task.named_from : task.named_to]:
        if w.named[task.row, other.row] and other.infantry_for != 0:
            men += other.men + other.rest
    return men if task.whole else min(men, task.men)


@rule
def answer_order(w: World, unit: Unit) -> bool:
    """Obey the order in hand, or refuse one that has just come; whether it refuses."""
    if unit.task < 0:
        return False
    task = w.tasks[unit.task]
    if unit.stance != sign_of(task.side):
        if unit.ordered:
            unit.refused_at[task.side] = w.clock.now
            w.forces[unit.force].refused[task.side] = True
        return unit.ordered
    if not isfinite(unit.sets_out_at) and (unit.duty == IN_QUARTERS or unit.ordered):
        obey(w, unit, task)
    return False


@rule
def obey(w: World, unit: Unit, task: Task) -> None:
    """Assemble, if in quarters, and set out; who is called in by ship goes on board while steam is got up."""
    p, now = w.p, w.clock.now
    errand = luck.join(unit.key, task.key)
    u = luck.uniform(w.clock.luck, luck.ASSEMBLY, errand, task.tries)
    factor = luck.lognormal(u, 1.0) ** p.assembly_spread
    saved = p.readiness_gain if unit.ready[task.side] else 0.0
    takes = 60 * p.embarking if task.purpose == CALL and unit.graph == SHIP else p.assembly
    wait = (FEW_STEPS if unit.duty != IN_QUARTERS else 1.0 - saved) * takes * factor
    if unit.levy and unit.duty == IN_QUARTERS:
        wait += gather(w, unit, task.purpose == MUSTER)
    if task.purpose == RING:
        wait += ring_wait(w, task)
    # whoever is called from far does not stand ready in the night for a train or ship of the morning
    if task.purpose == CALL:
        unit.sets_out_at = max(now, task.leave_at) + wait
    else:
        unit.sets_out_at = max(now + wait, task.leave_at)
    unit.refused_at[task.side] = NEVER


@rule
def ring_wait(w: World, task: Task) -> float:
    """Minutes left until the ring of a siege is agreed on: it stands ready so long after it was ordered,
    later under many heads.
    """
    most = 1
    for siege in w.sieges[: w.count.sieges]:
        most = max(most, siege.heads)
    slowed = 1 + HEADS_DELAY * (most - 1.0)
    u = luck.uniform(w.clock.luck, luck.ASSEMBLY, luck.join(w.places[task.place].key, RING_KEY), 0)
    ready = 60 * w.p.ring_readiness * slowed * luck.lognormal(u, RING_SPREAD)
    return max(task.first + ready - w.clock.now, 0.0)


@rule
def say_no(w: World) -> None:
    """A force is known to refuse when at least half of the men it was asked for have said no."""
    for f in range(w.count.forces):
        for side in range(2):
            if w.forces[f].refused[side]:
                w.forces[f].refused[side] = False
                count_refusals(w, f, side)


@rule
def count_refusals(w: World, f: int, side: int) -> None:
    """Let a force be known to refuse a side, if it does and was not known to; whoever hoped for it hopes no
    more.
    """
    force, asked, said_no, cause = w.forces[f], 0, 0, -1
    for unit in w.units[: w.count.units]:
        if unit.force == f and unit.bid[side] >= 1.0:
            asked += unit.men
            if isfinite(unit.refused_at[side]):
                said_no += unit.men
                cause = max(cause, unit.cause)
    if said_no * 2 < max(asked, 1) or force.known_to_refuse[side] or not led(w, side):
        return  # there may be nobody left to be refused
    force.known_to_refuse[side] = True
    number = note(w, REFUSES, force.home, -sign_of(side), cause)
    w.events[number].force = f
    happened(w, force.refuse_fact, force.home, number)
    if not w.places[force.home].in_city:
        w.audiences[w.sides[side].staff].relief[side] = 0.0
        w.audiences[w.sides[side].seat].relief[side] = 0.0


@rule
def quit_what_it_did(w: World, unit: Unit) -> None:
    """Leave what one was doing for a side one no longer acts for; a guard by roster stays where it stands,
    and so do the neutral in a building that can be besieged, until they vote to go.
    """
    active = unit.duty == UNDER_WAY or unit.duty == ON_POST
    stays = (unit.roster and unit.task < 0) or holds_on(w, unit)
    if active and not stays and unit.goal != unit.home:
        go_home(w, unit, False, -1)
        unit.left = w.clock.pulse  # they set out at the end of this pulse's deciding, not at its start
    if unit.duty == IN_QUARTERS:
        unit.sets_out_at = NEVER


@rule
def holds_on(w: World, unit: Unit) -> bool:
    """Whether a unit of neither mind goes on holding, as it was told, a building that can be besieged."""
    at = w.places[unit.place]
    return unit.stance == 0 and at.siege >= 0 and holds_inside(unit, at.row, at.holder)
