"""The siege: a great building falls by departures - desertion, votes, parley - then by the back stairs (ODD
7.8).
"""

from __future__ import annotations

from math import exp, floor, isfinite

from sim import luck
from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import (
    ASSAULT,
    BLANK_SHOT,
    DISARMING,
    ENTERED,
    GIVEN_UP,
    INFILTRATION,
    RING_CLOSED,
    RING_GONE,
    SHELLS,
    note,
)
from sim.rules.firefight import bury, cover_of, log_odds, logistic, losses, many_hands, shoot, shots_rate
from sim.rules.holding import rewire, take
from sim.rules.leaving import disarm, go_home
from sim.rules.messages import resounds
from sim.rules.units import holds_inside, is_dark, loyalty, pick, side_of, sign_of, strength
from sim.state import BESIEGED, NEVER, ON_POST, Siege, Unit, World

ENTRANCES = 40.0  # doors of a great building; judgement from the palace
USUAL_GUARD = 4.0  # men to a door, that `guards_per_entrance` is counted in; also the doors a party tries
PARTY = 12  # men in a party that gets in
PRESSED = 4.0  # times as many parties try a door once the assault is ordered; and then every door is tried
STILL_DISARMED = 1.0  # intruders per defender below which they are disarmed
BY_DAY = 0.35  # of the parties that get in by night
CAUGHT = 2.0  # per hour, an intruder among defenders
SHELL_SHOCK = 0.03  # cohesion lost to a shell that strikes
BLANK_SHOCK = 0.06  # cohesion lost to a great gun fired near by
HUNGRY = 720.0  # minutes without food after which it counts for isolation
# Luck keys.
FIRED, STRUCK, PARTIES, CAUGHT_ONES, DISARMED, FIRST_SHOT = 21, 22, 31, 32, 33, 41
ATTACKERS, DEFENDERS, ROOM_BY_ROOM = 51, 52, 53


@rule
def siege(w: World, ways: Ways) -> None:
    """One pulse at every place that can be besieged."""
    who_stand(w)
    for it in w.sieges[: w.count.sieges]:
        close_ring(w, it)
        if w.places[it.place].holder == 0:
            continue
        if not isfinite(it.ring_at):
            drift_away(w, it)
            continue
        blank_shot(w, it)
        shell(w, it)
        keep_spirits(w, it)
        depart(w, it)
        exchange_fire(w, it)
        infiltrate(w, it)
        storm(w, it)
    for it in w.sieges[: w.count.sieges]:
        if it.shut and not isfinite(it.ring_at):
            it.shut = False
            for unit in w.units[: w.count.units]:
                if unit.duty == BESIEGED and unit.place == it.place:
                    unit.duty = ON_POST


@rule
def who_stand(w: World) -> None:
    """List those who stand for a side, or in a building that can be besieged, on post or besieged: nobody
    else has a part in a siege.
    """
    w.count.listed = 0
    for unit in w.units[: w.count.units]:
        stands = unit.duty == ON_POST or unit.duty == BESIEGED
        if stands and (unit.stance != 0 or w.places[unit.place].siege >= 0):
            pick(w, unit)


@rule
def besieger(w: World, it: Siege) -> int:
    """The side outside."""
    return 1 if w.places[it.place].holder < 0 else 0


@rule
def men_inside(w: World, it: Siege) -> int:
    """Men who hold a place from inside."""
    men, holder = 0, w.places[it.place].holder
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if holds_inside(unit, it.place, holder):
            men += unit.men
    return men


@rule
def close_ring(w: World, it: Siege) -> None:
    """A place is besieged once the other side is stronger round it than those who hold it, inside and before
    its doors.
    """
    holder, ring, within, near = w.places[it.place].holder, 0, 0, False
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if holds_inside(unit, it.place, holder):
            within += strength(w, unit)
        if unit.duty == ON_POST and w.ring[it.row, unit.place]:
            if unit.stance == -holder:
                ring += strength(w, unit)
                near = True
            elif unit.stance == holder:
                within += strength(w, unit)
    it.ring_strength = ring
    if not near and not isfinite(it.ring_at):
        return
    it.inner_strength = within
    if ring > within and ring > 0 and not isfinite(it.ring_at) and holder != 0:
        it.ring_at = w.clock.now
        it.cause = note(w, RING_CLOSED, it.place, -holder, it.cause)
    if isfinite(it.ring_at) and ring == 0:
        it.ring_at, w.places[it.place].firing = NEVER, False
        note(w, RING_GONE, it.place, holder, -1)
    if isfinite(it.ring_at):
        it.shut = True
        for row in w.listed[: w.count.listed]:
            unit = w.units[row]
            if holds_inside(unit, it.place, holder):
                unit.duty = BESIEGED


@rule
def blank_shot(w: World, it: Siege) -> None:
    """A great gun is fired, blank, when it is ready."""
    if it.blank_at > w.clock.now:
        return
    it.blank_at, it.first_blank = NEVER, min(it.first_blank, w.clock.now)
    shake(w, it, BLANK_SHOCK)
    number = note(w, BLANK_SHOT, it.place, -w.places[it.place].holder, it.cause)
    resounds(w, w.blank_fact, it.place, number)


@rule
def shell(w: World, it: Siege) -> None:
    """Live fire, when ordered and ready; hits are rare, and count on nerves."""
    if it.fire_at > w.clock.now or it.shells_left <= 0 or it.paused_until > w.clock.now:
        return
    at, outside = w.places[it.place], besieger(w, it)
    u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(at.key, FIRED), w.clock.number)
    fired = min(luck.poisson(w.p.shell_pace * w.clock.pulse / 60, u), it.shells_left)
    u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(at.key, STRUCK), w.clock.number)
    struck = min(luck.poisson(fired * w.p.shell_hits, u), fired)
    if it.shells == 0 and fired > 0:
        number = note(w, SHELLS, it.place, sign_of(outside), it.cause)
        resounds(w, w.sides[outside].shells_fact, it.place, number)
    at.shelled = at.shelled or fired > 0
    it.shells += fired
    it.shells_left -= fired
    it.hits += struck
    shake(w, it, SHELL_SHOCK * struck)


@rule
def shake(w: World, it: Siege, shock: float) -> None:
    """Those inside lose cohesion."""
    holder = w.places[it.place].holder
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if holds_inside(unit, it.place, holder):
            unit.cohesion = max(unit.cohesion - shock, 0.0)


@rule
def keep_spirits(w: World, it: Siege) -> None:
    """Cohesion follows circumstances: food, light, a telephone, and the hope of relief where the kind asks
    for it.
    """
    at = w.places[it.place]
    hall = w.audiences[at.audience]
    hope = hall.relief[side_of(at.holder)]
    dark = 0.1 * (not at.power) + 0.1 * (not hall.line)
    rate = luck.chance(w.p.cohesion_drift, w.clock.pulse)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if holds_inside(unit, it.place, at.holder):
            rest = 0.75 - dark - 0.01 * min((w.clock.now - unit.fed_at) / 60, 30.0)
            target = min(max(rest + unit.assurance * (hope - 0.5), 0.0), 1.0)
            unit.cohesion = unit.cohesion + (target - unit.cohesion) * rate


@rule
def steadfast(w: World, unit: Unit, holder: int) -> float:
    """Steadfastness 0 .. 1 under siege, from loyalty towards the side that holds the place."""
    return min(max(0.5 + 0.3 * (loyalty(w, unit) * holder), 0.0), 1.0)


@rule
def desertion_rate(w: World, it: Siege, unit: Unit, holder: int, losing: float) -> float:
    """lambda0 exp(-a1 (steadfast - .5) - a2 (cohesion - .5) + a3 unfed + a4 (losing - .5) + a5 shells/10 + a6
    agitators), per man and hour.
    """
    p = w.p
    agitators = unit.commissar_at[1 if holder < 0 else 0] <= w.clock.now or it.intruders > 0
    return p.desertion_rate * exp(
        -p.desertion_steadfast * (steadfast(w, unit, holder) - 0.5)
        - p.desertion_cohesion * (unit.cohesion - 0.5)
        + p.desertion_hunger * ((w.clock.now - unit.fed_at) / 60)
        + p.desertion_belief * (losing - 0.5)
        + p.desertion_shells * it.shells / 10
        + p.desertion_agitators * (1.0 if agitators else 0.0)
    )


@rule
def depart(w: World, it: Siege) -> None:
    """Men slip away singly; detachments vote to go, the sooner the more have gone, the way is open and nobody
    answers.
    """
    at, still = w.places[it.place], 0
    losing = logistic(w.audiences[at.audience].belief * -at.holder)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        unit.due = holds_inside(unit, it.place, at.holder)
        if unit.due:
            rate = desertion_rate(w, it, unit, at.holder, losing)
            u = luck.uniform(w.clock.luck, luck.DESERTION, unit.key, w.clock.number)
            unit.rank = min(floor(unit.men * luck.chance(rate, w.clock.pulse) + u), float(unit.men))
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.due:
            unit.men -= int(unit.rank)
            it.left_inside += int(unit.rank)
            still += unit.men
    seen = min(it.left_inside / max(it.left_inside + still, 1), 1.0)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.due:
            draw = luck.uniform(w.clock.luck, luck.LEAVE, unit.key, w.clock.number)
            unit.due = draw < luck.chance(vote_rate(w, it, unit, losing, seen), w.clock.pulse)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.due:
            it.left_inside += unit.men
            go_home(w, unit, True, it.cause)


@rule
def drift_away(w: World, it: Siege) -> None:
    """Before a ring is closed only those who are of neither mind vote to go: they had held the place as they
    were told.
    """
    at = w.places[it.place]
    losing = logistic(w.audiences[at.audience].belief * -at.holder)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.stance == 0 and holds_inside(unit, it.place, at.holder):
            draw = luck.uniform(w.clock.luck, luck.LEAVE, unit.key, w.clock.number)
            if draw < luck.chance(vote_rate(w, it, unit, losing, 0.0), w.clock.pulse):
                go_home(w, unit, False, -1)


@rule
def vote_rate(w: World, it: Siege, unit: Unit, losing: float, seen: float) -> float:
    """Rate per hour at which a detachment votes to go: alone, and faster once a way out is offered and a
    parley is had.

    (lambda_vote (1 + 3 seen_leaving) + parley offer) (.5 + isolation) 2 losing exp(-2 (steadfast - .5) - 2
    (cohesion - .5)).
    """
    at, p = w.places[it.place], w.p
    hall = w.audiences[at.audience]
    hungry, alone = w.clock.now - unit.fed_at > HUNGRY, hall.relief[side_of(at.holder)] < 0.1
    isolation = 0.25 * (not hall.line) + 0.25 * (not at.power) + 0.25 * hungry + 0.25 * alone
    offer = float(it.way_out) if it.ring_strength > it.inner_strength else 0.0
    pull = p.vote_rate * (1 + 3 * seen) + p.parley_rate * offer
    spirit = exp(-2 * (steadfast(w, unit, at.holder) - 0.5) - 2 * (unit.cohesion - 0.5))
    rate = pull * (0.5 + isolation) * 2 * losing * spirit
    if it.barred:
        return 0.25 * rate
    return 0.5 * rate if it.tight and it.way_out == 0 else rate


@rule
def exchange_fire(w: World, it: Siege) -> None:
    """Once the term is out or a gun has spoken, ring and defenders may come to shoot at each other, as in a
    stand-off, and go on until a pause.
    """
    p, now = w.p, w.clock.now
    at, men = w.places[it.place], men_inside(w, it)
    begun = it.term_at <= now or isfinite(it.first_blank) or it.shells > 0 or it.assault_at <= now
    if not begun or it.paused_until > now or men == 0 or it.ring_strength <= 0:
        at.firing = False
        return
    r = log_odds(it.ring_strength / 1e3, it.inner_strength / 1e3 * at.position, p.odds_floor)
    ring = men_in_ring(w, it, besieger(w, it))[0]
    hostility = (p.hostility_calm + (1 - p.hostility_calm) * at.hostility) * many_hands(men, ring)
    u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(at.key, FIRST_SHOT), w.clock.number)
    if not at.firing and u < luck.chance(shots_rate(r, hostility, p.shot_rate, p.shot_spread), w.clock.pulse):
        w.clock.stroke += 1
        shoot(w, at, besieger(w, it), it.cause, -1)
    if at.firing:
        fall_in_fire(w, it, men)


@rule
def fall_in_fire(w: World, it: Siege, men: int) -> None:
    """The killed of both sides while they shoot, by the law of stand-offs; guns in the ring break walls."""
    at, outside = w.places[it.place], besieger(w, it)
    ring, guns = men_in_ring(w, it, outside)
    killed = losses(w, at, ATTACKERS, men, 1.0)
    killed_inside = losses(w, at, DEFENDERS, ring, cover_of(at.position, w.p.gun_power if guns else 1.0))
    largest, size = -1, -1.0
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if holds_inside(unit, it.place, at.holder) and unit.men + unit.order > size:
            largest, size = unit.row, unit.men + unit.order
    if killed > 0:
        bury(w, largest_in_ring(w, it, outside), at, outside, killed)
    if killed_inside > 0:
        bury(w, largest, at, 1 - outside, killed_inside)


@rule
def in_ring(w: World, it: Siege, unit: Unit, side: int) -> bool:
    """Whether a unit stands in the ring for a side."""
    return unit.duty == ON_POST and unit.stance == sign_of(side) and w.ring[it.row, unit.place] > 0


@rule
def men_in_ring(w: World, it: Siege, side: int) -> tuple[int, bool]:
    """Men of a side in the ring, and whether they have a gun."""
    men, guns = 0, False
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if in_ring(w, it, unit, side):
            men += unit.men
            guns = guns or (unit.guns and unit.men > 0 and unit.arms > 0)
    return men, guns


@rule
def largest_in_ring(w: World, it: Siege, side: int) -> int:
    """The largest unit of a side in the ring, -1 if there is none."""
    largest, size = -1, -1.0
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if in_ring(w, it, unit, side) and unit.men + unit.order > size:
            largest, size = unit.row, unit.men + unit.order
    return largest


@rule
def infiltrate(w: World, it: Siege) -> None:
    """Parties enter where doors are thinly held; they are disarmed while few, and disarm when many."""
    at, p, now = w.places[it.place], w.p, w.clock.now
    men, outside = men_inside(w, it), besieger(w, it)
    rate = 0.0
    if it.paused_until <= now and it.ring_strength > 0 and w.sides[outside].posture > 0:
        held = men / ENTRANCES / (p.guards_per_entrance / USUAL_GUARD)
        pressed = PRESSED if it.assault_at <= now else 1.0
        rate = p.infiltration_rate * (1.0 if is_dark(w) else BY_DAY) * exp(-held) * pressed
    u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(at.key, PARTIES), w.clock.number)
    parties = luck.poisson(rate * ENTRANCES / USUAL_GUARD * w.clock.pulse / 60, u)
    room = max(max(it.ring_strength // 1000, 0) - it.intruders, 0)
    entered = min(parties * PARTY, room)
    if it.intruders == 0 and entered > 0 and not it.entered_said:
        it.entered_said = True
        note(w, INFILTRATION, it.place, 1, it.cause)
    it.intruders += entered
    if it.intruders < STILL_DISARMED * max(men, 1):
        u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(at.key, CAUGHT_ONES), w.clock.number)
        caught = int(floor(it.intruders * luck.chance(CAUGHT, w.clock.pulse) + u))
        it.intruders -= min(caught, it.intruders)
    elif men > 0:
        if not it.turned_said:
            it.turned_said = True
            note(w, DISARMING, it.place, 1, it.cause)
        disarm_inside(w, it)


@rule
def disarm_inside(w: World, it: Siege) -> None:
    """Intruders who are the many disarm one detachment after another, the least steady first."""
    holder = w.places[it.place].holder
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if holds_inside(unit, it.place, holder):
            rate = w.p.disarming_rate * (1.5 - unit.cohesion)
            u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(unit.key, DISARMED), w.clock.number)
            if u < luck.chance(rate, w.clock.pulse):
                disarm(unit)


@rule
def storm(w: World, it: Siege) -> None:
    """The assault, once ordered and ready; and the end: nobody left, the many inside, or the place given
    up.
    """
    now = w.clock.now
    at, men, outside = w.places[it.place], men_inside(w, it), besieger(w, it)
    told = it.assault_at <= now and it.paused_until <= now
    if told and men > 0 and it.ring_strength / max(it.inner_strength, 1) >= w.sides[outside].caution_palace:
        fight_inside(w, it)
    empty = men == 0 and it.ring_strength > 0 and ((told and it.intruders > 0) or it.paused_until <= now)
    overrun = it.intruders > 2 * men and it.intruders > 0 and (told or men * 4 < it.intruders)
    if (empty or overrun or (w.end.yielded and at.seat)) and not at.kept:
        fall(w, it)


@rule
def fight_inside(w: World, it: Siege) -> None:
    """Inside, room by room, as one contest: losses on both sides, and parties pour in."""
    at = w.places[it.place]
    if not it.stormed_said:
        it.stormed_said = True
        note(w, ASSAULT, it.place, 1, it.cause)
    if not at.firing:
        w.clock.stroke += 1
        shoot(w, at, besieger(w, it), it.cause, -1)
    u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(at.key, ROOM_BY_ROOM), w.clock.number)
    parties = luck.poisson(PRESSED * w.p.infiltration_rate * ENTRANCES * w.clock.pulse / 60, u)
    it.intruders = min(it.intruders + PARTY * parties, it.ring_strength // 1000)


@rule
def fall(w: World, it: Siege) -> None:
    """The place is entered: those left inside are disarmed, and it changes hands.

    The largest unit of the ring moves in, so that it is not empty to whoever comes next.
    """
    at, outside, holder = w.places[it.place], besieger(w, it), w.places[it.place].holder
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        unit.due = holds_inside(unit, it.place, holder)
    w.clock.stroke += 1
    take(w, at, outside, GIVEN_UP if w.end.yielded else ENTERED, it.cause)
    rewire(w, at)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.due:
            disarm(unit)
    largest = largest_in_ring(w, it, outside)
    if largest >= 0:
        w.units[largest].place = it.place
    it.ring_at, it.fire_at, it.blank_at, it.assault_at = NEVER, NEVER, NEVER, NEVER
    at.firing = False
