"""Stand-offs: one side gives way, the other draws off, men change sides, or somebody shoots (ODD 7.7).

Competing hazards in the log-odds r of the two sides' strength; the first event wins. Hirshleifer 1989;
Collins 2008.
"""

from __future__ import annotations

from math import exp, inf, isfinite, log, log1p

import numpy as np

from sim import luck
from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import (
    CAME_OVER,
    FOUGHT_FOR,
    GAVE_WAY,
    HANDED_OVER,
    NO_RESISTANCE,
    OCCUPIED,
    PRISONERS,
    REPULSE,
    also_because,
    enrol,
    note,
)
from sim.rules.firefight import (
    FRONTAGE,
    bury,
    cover_of,
    devotion,
    log_odds,
    logistic,
    losses,
    many_hands,
    mind_of,
    shell_it,
    shoot,
    shots_rate,
)
from sim.rules.holding import rewire, set_bridge, take
from sim.rules.leaving import disarm, drop_orders, go_home
from sim.rules.units import loyalty, pick, side_of, sign_of, strength
from sim.state import (
    GARRISON,
    GIVEN_OUT,
    GONE,
    GUARD,
    NEVER,
    ON_POST,
    RAISE,
    REGIMENTS,
    UNDER_WAY,
    Place,
    Unit,
    World,
)

BREAK_WIDTH = 0.02  # how sharply a side breaks about the losses it bears
RAISING_SPREAD = 0.4
BEARS_A, BEARS_B = 2.0, 18.0  # of the Beta of the losses that a side bears
CASUALTY_KEYS, BEARS_KEY = 11, 3  # luck keys of the losses: of the defender, of the attacker
ACCEPTS, KILLED_AFTER = 61, 62  # luck keys
SHELTER = 2.0  # position factor from which men shut themselves in where they live
REVENGE = 20.0  # the share of the captors killed, times this, is their thirst for revenge, at most all
YIELDS, DRAWS_OFF, FIRES, SWITCHES, DEFENDER_BREAKS, ATTACKER_BREAKS = range(6)
HAZARDS = 6


@rule
def standoffs(w: World, ways: Ways) -> None:
    """Resolve who holds what, wherever one side stands on the other's ground, or on nobody's."""
    if find_claims(w):
        count_men(w)
    w.count.contested = 0
    for at in w.places[: w.count.places]:
        find_contest(w, at)
        if at.attacker >= 0:
            w.contested[w.count.contested] = at.row
            w.count.contested += 1
        elif at.siege < 0:
            calm_down(at)
    if w.count.contested > 0:
        hand_over(w)
        occupy(w)
        face(w)
    move_bridges(w)


@rule
def find_claims(w: World) -> bool:
    """Mark the places that somebody may claim who does not hold them, or where a party looks about; whether
    there are any.
    """
    some, now = False, w.clock.now
    cool = 0.5 ** (w.clock.pulse / 60.0 / w.p.hostility_half_life)
    for at in w.places[: w.count.places]:
        at.hostility *= cool
        for_government = at.envoy_at[0] <= now and at.holder != -1
        at.claimed = for_government or (at.envoy_at[1] <= now and at.holder != 1)
        some = some or at.claimed
    w.count.listed = 0  # those on post: whom all that follows asks
    for unit in w.units[: w.count.units]:
        unit.post, unit.stood_for = unit.place if unit.duty == ON_POST else -1, unit.stance
        unit.holds = False
        if unit.post < 0:
            continue
        pick(w, unit)
        if unit.stance != w.places[unit.post].holder and acts(w, unit):
            w.places[unit.post].claimed = True
            some = True
    for row in w.arrests[: w.count.arrests]:
        if w.tasks[row].state == GIVEN_OUT:
            w.places[w.tasks[row].place].claimed = True
            some = True
    return some


@rule
def acts(w: World, unit: Unit) -> bool:
    """Whether a unit on post acts on the spot: a guard that has come to lean to the other side waits for
    somebody to hand its post to.
    """
    if unit.stance == 0 or unit.men == 0:
        return False
    if unit.task < 0:
        return unit.civilian or unit.stance == w.places[unit.post].holder
    return w.tasks[unit.task].act_at <= w.clock.now


@rule
def count_men(w: World) -> None:
    """Count who acts at the places that may be claimed: strength, men, armed men and minds of each side."""
    for at in w.places[: w.count.places]:
        if at.claimed:
            for side in range(2):
                at.strength[side], at.men_there[side], at.armed[side] = 0, 0, 0
                at.minds[side], at.residents[side], at.guns[side] = 0, 0, 0
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if w.places[unit.post].claimed and acts(w, unit):
            at, side = w.places[unit.post], side_of(unit.stance)
            count_in(w, at, unit, side)
            if not unit.civilian:
                at.armed[side] += unit.men
            at.residents[side] += unit.men if shut_in(w, at, unit) else 0
            if unit.guns and unit.arms > 0:
                at.guns[side] = 1


@rule
def count_in(w: World, at: Place, unit: Unit, side: int) -> None:
    """A unit stands for a side at a place, with its strength, its men and their minds."""
    at.strength[side] += strength(w, unit)
    at.men_there[side] += unit.men
    at.minds[side] += mind_of(w, unit, sign_of(side))


@rule
def shut_in(w: World, at: Place, unit: Unit) -> bool:
    """Whether a unit lives where it stands, behind walls, and has a live order to hold it: never a posted
    guard.
    """
    if unit.posted or unit.home != at.row or at.position < SHELTER or unit.task < 0:
        return False
    order = w.tasks[unit.task]
    return order.purpose == GUARD and order.place == at.row and sign_of(order.side) == unit.stance


@rule
def claims(w: World, at: Place, side: int) -> bool:
    """Whether a side claims a place: by men there, or by its commissar."""
    return at.strength[side] > 0 or at.envoy_at[side] <= w.clock.now


@rule
def find_contest(w: World, at: Place) -> None:
    """Who attacks a place, with what strength, and against how much."""
    at.attacker = -1
    if not at.claimed or at.siege >= 0 or at.kept or at.water:
        return
    cover, sweeper = covering_fire(w, at.under_fire_of)
    held_by = holder_in_contest(w, at, cover, sweeper)
    attacker = 1 - held_by if held_by >= 0 else 1 if claims(w, at, 1) else 0
    if not claims(w, at, attacker) or at.holder == sign_of(attacker):
        return
    at.attacker = attacker
    ask_guards(w, at)
    at.sealed = w.p.sealed_refusal > 0 and at.residents[1 - attacker] * 2 > at.men_there[1 - attacker]
    attack = at.strength[attacker] + (cover if sweeper == attacker and at.strength[attacker] > 0 else 0)
    against = at.strength[1 - attacker] + (cover if sweeper == 1 - attacker else 0)
    at.attack, at.defend = attack / 1e3, against / 1e3 if held_by >= 0 else 0.0


@rule
def holder_in_contest(w: World, at: Place, cover: int, sweeper: int) -> int:
    """The side that is there already: the holder; who came first; the stronger; or the stronghold whose fire
    meets whoever comes.
    """
    if at.holder != 0:
        return side_of(at.holder)
    if claims(w, at, 0) and claims(w, at, 1):
        return at.occupier if at.occupier >= 0 else 1 if at.strength[1] > at.strength[0] else 0
    if cover > 0 and claims(w, at, 1 - sweeper) and not claims(w, at, sweeper):
        return sweeper
    return -1


@rule
def covering_fire(w: World, stronghold: int) -> tuple[int, int]:
    """Strength, in thousandths of a man, that reaches a place from the stronghold whose fire sweeps it, and
    whose.

    A party reckons with a share of all who are inside and not of its own mind: it cannot know who would
    shoot.
    """
    if stronghold < 0 or w.places[stronghold].holder == 0:
        return 0, -1
    fort, inside, men = w.places[stronghold], 0, 0
    for unit in w.units[: w.count.units]:
        there = unit.place == stronghold and unit.duty != UNDER_WAY and unit.duty != GONE
        if there and unit.stance * fort.holder >= 0 and unit.arms > 0:
            inside += strength(w, unit)
            men += unit.men
    bearing = w.p.cover_share * min(1.0, FRONTAGE / max(men, 1.0))
    return int(bearing * inside * fort.position), side_of(fort.holder)  # they shoot from behind its walls


@rule
def ask_guards(w: World, at: Place) -> None:
    """Whether a guard stands at a place that will not act, and whether one hands over to the attacker at
    once.

    A guard may accept the commissar who has come, the sooner the more of its regiment has declared for his
    side: it is the regiment that lets him in. A sympathetic one that has one gives up the place; one of a
    regiment that has declared for nobody holds it as it was told.
    """
    sign = sign_of(at.attacker)
    at.passive, at.willing = False, False
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.post != at.row or not unit.roster or unit.task >= 0 or unit.men == 0 or unit.arms == 0:
            continue
        if unit.stance != 0 and unit.stance == at.holder:
            continue
        mind = loyalty(w, unit) * sign
        if at.envoy_at[at.attacker] <= w.clock.now and unit.commissar_at[at.attacker] > w.clock.now:
            u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(unit.key, ACCEPTS), w.clock.number)
            if u < luck.chance(acceptance(w, mind) * declared_of(w, unit, sign), w.clock.pulse):
                unit.commissar_at[at.attacker] = w.clock.now
        if holds_as_told(w, at, unit):
            unit.holds = True
            count_in(w, at, unit, 1 - at.attacker)
            continue
        at.passive = True
        of_one_mind = unit.stance == sign or mind > w.p.sympathy
        if of_one_mind and unit.commissar_at[at.attacker] <= w.clock.now:
            at.willing = True


@rule
def acceptance(w: World, mind: float) -> float:
    """kappa_a L((d - a_0) / s_a): the rate per hour at which a guard accepts the commissar who has come, by
    its mind towards his side, where all its regiment has declared for that.
    """
    return w.p.acceptance_rate * logistic((mind - w.p.acceptance_mind) / w.p.acceptance_spread)


@rule
def holds_as_told(w: World, at: Place, unit: Unit) -> bool:
    """Whether a neutral guard of a regiment resists whoever comes: it has accepted no commissar of his, and
    no more than half of its regiment has declared for him.
    """
    if w.p.guards_hold <= 0 or unit.stance != 0 or at.holder != -sign_of(at.attacker):
        return False
    if unit.group != GARRISON or unit.band_of != REGIMENTS or unit.commissar_at[at.attacker] <= w.clock.now:
        return False
    return declared_of(w, unit, -at.holder) <= 0.5


@rule
def declared_of(w: World, unit: Unit, sign: int) -> float:
    """The share of the men of a unit's own force, itself among them, that have declared for a side."""
    men, declared = 0, 0
    for other in w.units[: w.count.units]:
        if other.force == unit.force:
            men += other.men + other.rest
            declared += other.men + other.rest if other.stance == sign else 0
    return declared / max(men, 1)


@rule
def calm_down(at: Place) -> None:
    """Where nobody contests a place any more, nobody is about to occupy it, and nobody shoots; a siege has
    its own fire.
    """
    at.occupier, at.occupied_at, at.firing = -1, NEVER, False


@rule
def hand_over(w: World) -> None:
    """A sympathetic guard with a commissar yields at once."""
    w.clock.stroke += 1
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        if at.attacker >= 0 and at.willing and at.defend == 0:
            won(w, at, HANDED_OVER)
    rewire_won(w)


@rule
def won(w: World, at: Place, how: int) -> None:
    """The attacker takes a place; those who were there are written down."""
    attacker = at.attacker
    number = take(w, at, attacker, how, order_behind(w, at))
    enrol_attackers(w, number, at, attacker)
    at.attacker, at.event = -1, -2


@rule
def rewire_won(w: World) -> None:
    """Work out the ways of messages again, once all places that fall at one stroke have fallen."""
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        if at.event == -2:
            at.event = -1
            rewire(w, at)


@rule
def still_stands(unit: Unit, at: Place, side: int) -> bool:
    """Whether a unit stands on post at a place now, for a side."""
    return unit.place == at.row and unit.duty == ON_POST and unit.stance == sign_of(side)


@rule
def enrol_attackers(w: World, number: int, at: Place, attacker: int) -> None:
    """Put down who stood there for the attacking side when the rule began."""
    sign = sign_of(attacker)
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.post == at.row and unit.stood_for == sign and still_stands(unit, at, attacker):
            enrol(w, w.events[number], unit)


@rule
def order_behind(w: World, at: Place) -> int:
    """The event behind the order of the attackers on the spot, or of their envoy."""
    cause = -1
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.post == at.row and still_stands(unit, at, at.attacker):
            cause = max(cause, unit.cause)
    return cause if cause >= 0 else at.envoy_cause[at.attacker]


@rule
def occupy(w: World) -> None:
    """A place without a guard passes to whoever stands on it armed and unopposed for some minutes."""
    w.clock.stroke += 1
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        if at.attacker < 0 or at.attack == 0 or at.defend > 0 or at.passive:
            continue
        if at.occupier != at.attacker:
            at.occupier, at.occupied_at = at.attacker, w.clock.now
        elif w.clock.now - at.occupied_at >= w.p.occupation and at.armed[at.attacker] > 0:
            won(w, at, OCCUPIED)
    rewire_won(w)


@rule
def face(w: World) -> None:
    """Two sides face each other, or one faces a guard that does not resist: whatever strikes first."""
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        at.event = -1
        if at.attacker >= 0 and at.attack > 0 and (at.defend > 0 or at.passive):
            first_event(w, at)
    give_way(w)
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        if at.event == DRAWS_OFF or at.event == ATTACKER_BREAKS:
            draw_off(w, at)
    w.clock.stroke += 1
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        if at.firing and at.attacker >= 0 and at.guns[at.attacker]:
            shell_it(w, at, at.attacker)
    w.clock.stroke += 1
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        if at.event == FIRES:
            open_fire(w, at)


@rule
def first_event(w: World, at: Place) -> None:
    """Which of the competing hazards strikes first within the pulse, if one does.

    The defender yields at h0 L((r - rho_D v_D)/s), the attacker draws off at h0 L((-r - rho_A v_A)/s), v
    being how devoted each is; shots fall at phi_f n/50 hostility exp(-|r|/s_F), n being the men who have
    somebody before them; the guard changes sides at f0 similarity. An attacker who knows that as many again
    are coming waits for them and does not draw off. Where men are shut in they yield exp(-nu) times as fast,
    so does the attacker draw off while he is the stronger, and shots fall at phi_f n/50 c hostility. Each has
    its own uniform number u and strikes after -ln(1 - u) / rate hours, so that to raise one rate can only
    bring that event forward.
    """
    p = w.p
    r = log_odds(at.attack, at.defend * at.position, p.odds_floor)
    at.odds = r
    similar = similarity(w, at)
    if at.firing:
        lose(w, at)
    rho_d = p.defender_margin * devotion(w, at, 1 - at.attacker)
    rho_a = p.attacker_margin * devotion(w, at, at.attacker)
    alone = 0.0 if others_come(w, at) else 1.0
    grit = exp(-p.sealed_refusal) if at.sealed else 1.0
    rates = (
        grit * p.yield_rate * logistic((r - rho_d) / p.yield_spread),
        alone * (grit if r > 0 else 1.0) * p.yield_rate * logistic((-r - rho_a) / p.yield_spread),
        coming_to_shots(w, at, r),
        p.switch_rate * similar,
        break_rate(w, at, 1 - at.attacker, 0),
        break_rate(w, at, at.attacker, 1),
    )
    soonest = inf
    for k in range(HAZARDS):
        u = luck.uniform(w.clock.luck, luck.STANDOFF, luck.join(at.key, k), w.clock.number)
        hours = -log1p(-u) / rates[k]
        if hours < soonest:
            at.event, soonest = k, hours
    if not soonest * 60 <= w.clock.pulse:
        at.event = -1


@rule
def coming_to_shots(w: World, at: Place, r: float) -> float:
    """The rate per hour at which shots fall: the more readily the more men have somebody before them; never
    at a guard that does not resist.
    """
    if at.defend <= 0:
        return 0.0
    p, hands = w.p, many_hands(at.men_there[0], at.men_there[1])
    hostility = p.hostility_calm + (1 - p.hostility_calm) * at.hostility
    if at.sealed:
        return hands * p.shot_rate * p.sealed_fire * hostility
    return hands * shots_rate(r, hostility, p.shot_rate, p.shot_spread)


@rule
def others_come(w: World, at: Place) -> bool:
    """Whether at least as many as stand there for the attacker are on the way to join them."""
    sign, coming = sign_of(at.attacker), 0
    for unit in w.units[: w.count.units]:
        if unit.duty == UNDER_WAY and unit.goal == at.row and unit.stance == sign and unit.home != at.row:
            coming += unit.men
    return coming > 0 and coming >= at.men_there[at.attacker]


@rule
def similarity(w: World, at: Place) -> float:
    """max(0, 1 - |d_A - d_D| / 2) where the guard's own mind leans to the attacker, else 0; mean minds by
    men.
    """
    sign = sign_of(at.attacker)
    minds_a, men_a, minds_d, men_d = 0.0, 0, 0.0, 0
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.post != at.row or unit.men == 0:
            continue
        mind = np.rint(1e6 * loyalty(w, unit)) * unit.men
        if unit.stance == sign:
            minds_a += mind
            men_a += unit.men
        else:
            minds_d += mind
            men_d += unit.men
    attack, guard = minds_a / max(men_a, 1) / 1e6, minds_d / max(men_d, 1) / 1e6
    return max(0.0, 1 - abs(attack - guard) / 2) if guard * sign > 0 else 0.0


@rule
def lose(w: World, at: Place) -> None:
    """The killed of both sides where there is shooting; guns of the attacker's break the walls."""
    attacker, defender = at.attacker, 1 - at.attacker
    cover = cover_of(at.position, w.p.gun_power if at.guns[attacker] else 1.0)
    fallen = losses(w, at, CASUALTY_KEYS, at.men_there[attacker], cover)
    fallen_before = losses(w, at, CASUALTY_KEYS + 1, at.men_there[defender], 1.0)
    if fallen > 0:
        bury(w, largest_on_post(w, at, defender), at, defender, fallen)
    if fallen_before > 0:
        bury(w, largest_on_post(w, at, attacker), at, attacker, fallen_before)


@rule
def break_rate(w: World, at: Place, side: int, column: int) -> float:
    """The rate at which a side breaks under its losses where there is shooting: it rises as the share lost
    passes a draw of Beta(2, 18).
    """
    share = at.lost_there[side] / max(at.strength_then[side], 1)
    if not at.firing or share <= 0:
        return 0.0
    return w.p.break_rate * logistic((share - bears(w, at, column)) / BREAK_WIDTH)


@rule
def bears(w: World, at: Place, column: int) -> float:
    """The share of losses at which defender or attacker breaks: of the opening, drawn when asked for."""
    if at.bears[column] == 0.0:
        key = luck.join(luck.join(at.key, CASUALTY_KEYS + column), BEARS_KEY)
        u = luck.uniform(w.clock.opening, luck.CASUALTY, key, 0)
        at.bears[column] = luck.beta_quantile(BEARS_A, BEARS_B, u)
    return at.bears[column]


@rule
def largest_on_post(w: World, at: Place, side: int) -> int:
    """The largest unit that stands on post at a place for a side, -1 if none does."""
    largest, size = -1, -1.0
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        guards = unit.holds and unit.post == at.row and unit.duty == ON_POST and side != at.attacker
        if (guards or still_stands(unit, at, side)) and unit.men + unit.order > size:
            largest, size = unit.row, unit.men + unit.order
    return largest


@rule
def give_way(w: World) -> None:
    """The defender gives way: disarmed if badly outnumbered, or shut in where he lives, else he goes home; a
    guard that did not resist stays.
    """
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        at = w.places[unit.post]
        unit.due = False
        if at.attacker < 0 or (unit.stance != -sign_of(at.attacker) and not unit.holds):
            continue
        if at.event == SWITCHES:
            unit.stance = sign_of(at.attacker)
            drop_orders(unit)
        elif at.event == YIELDS or at.event == DEFENDER_BREAKS:
            if at.odds > log(w.p.disarm_odds) or (at.sealed and unit.home == at.row):
                unit.due = True
                disarm(unit)
            else:
                go_home(w, unit, False, -1)
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        if at.sealed and at.firing and (at.event == YIELDS or at.event == DEFENDER_BREAKS):
            kill_prisoners(w, at)
    w.clock.stroke += 1
    for place in w.contested[: w.count.contested]:
        at = w.places[place]
        if at.event == YIELDS or at.event == SWITCHES or at.event == DEFENDER_BREAKS:
            won(w, at, way_it_was_won(at))
    rewire_won(w)


@rule
def kill_prisoners(w: World, at: Place) -> None:
    """After a refusal that has cost the captors blood some of the disarmed are killed: Binomial(men, lambda
    min(20 x captors' dead / captors, 1)).
    """
    lost, there, men, cause = at.lost_there[at.attacker], at.men_there[at.attacker], 0, -1
    for row in w.listed[: w.count.listed]:
        if w.units[row].due and w.units[row].post == at.row:
            men += w.units[row].men
            cause = max(cause, w.units[row].cause)
    p = w.p.revenge * min(REVENGE * lost / max(there + lost, 1), 1.0)
    killed = luck.binomial(
        men, p, luck.uniform(w.clock.luck, luck.CASUALTY, luck.join(at.key, KILLED_AFTER), w.clock.number)
    )
    if killed > 0:
        number = note(w, PRISONERS, at.row, sign_of(at.attacker), cause)
        w.events[number].detail = killed
    while killed > 0:
        largest, size = -1, -1.0
        for row in w.listed[: w.count.listed]:
            unit = w.units[row]
            if unit.due and unit.post == at.row and unit.men > 0 and unit.men + unit.order > size:
                largest, size = row, unit.men + unit.order
        killed -= bury(w, largest, at, 1 - at.attacker, killed)


@rule
def way_it_was_won(at: Place) -> int:
    """In what way, for the journal."""
    if at.defend == 0:
        return NO_RESISTANCE
    return CAME_OVER if at.event == SWITCHES else FOUGHT_FOR if at.event == DEFENDER_BREAKS else GAVE_WAY


@rule
def draw_off(w: World, at: Place) -> None:
    """The attacker goes away; that he was going to take something is noted."""
    sign = sign_of(at.attacker)
    number = note(w, REPULSE, at.row, at.holder, order_behind(w, at))
    w.events[number].detail = sign
    also_because(w.events[number], at.holder_cause)
    enrol_attackers(w, number, at, at.attacker)
    at.firing, at.beaten_off[at.attacker] = False, w.clock.now
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.post == at.row and unit.stance == sign and unit.duty == ON_POST:
            go_home(w, unit, False, number)
            unit.refused_at[at.attacker] = w.clock.now


@rule
def open_fire(w: World, at: Place) -> None:
    """Shooting begins, if it had not."""
    at.hostility = 1.0
    if not at.firing:
        for side in range(2):
            at.strength_then[side] = at.men_there[side]
        shoot(w, at, at.attacker, order_behind(w, at), at.holder_cause)


@rule
def move_bridges(w: World) -> None:
    """A party told to raise a bridge does it once its side holds the bridge, and nobody of the other side
    stands on it.
    """
    some = man_bridges(w)
    for span in w.spans[: w.count.spans]:
        some = some or isfinite(w.places[span].raise_at)
    if not some:
        return
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.stood_for != 0 and unit.stood_for == -w.places[unit.post].holder:
            w.places[unit.post].manned = False  # a span with people on it cannot go up
    for at in w.places[: w.count.places]:
        if isfinite(at.raise_at):
            if not at.manned:
                at.raise_at = NEVER
            elif at.raise_at <= w.clock.now and not at.raised:
                set_bridge(w, at, True)


@rule
def man_bridges(w: World) -> bool:
    """Parties that stand on a bridge of their own side to raise it begin to; whether there are any."""
    some = False
    for span in w.spans[: w.count.spans]:
        w.places[span].manned = False
    for row in w.listed[: w.count.listed]:
        unit = w.units[row]
        if unit.task < 0 or w.tasks[unit.task].purpose != RAISE or unit.duty != ON_POST:
            continue
        at = w.places[unit.post]
        if at.span and unit.stance != 0 and unit.stance == at.holder:
            at.manned = some = True
            if not at.raised and not isfinite(at.raise_at):
                factor = luck.lognormal(luck.uniform(w.clock.luck, luck.ASSEMBLY, at.key, 0), RAISING_SPREAD)
                at.raise_at = w.clock.now + w.p.raising_time * factor
    return some
