"""Policies: what the two headquarters do of themselves, beside the decisions given to them (ODD 7.15).

Each judges by what its own audience has heard, and wants tasks put on its own desks; nothing here reads the
true state of the city beyond what it has itself done. What a decision covers it leaves alone; what a decision
that has lapsed was for it takes up. The committee comes to power against a government; the staff defends one:
that is all the two differ in.
"""

from __future__ import annotations

from math import exp, isfinite

from sim import luck
from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import MOBILISED, OFFENSIVE, RESOLVED, SUMMONED, TO_BE_STORMED, note
from sim.rules.acts import READY_SPREAD, give_task, keep_in, send_commissar, stand_ready, turn
from sim.rules.beliefs import believed_men
from sim.rules.holding import cut_line
from sim.rules.messages import happened
from sim.rules.units import government, led, loyalty, sign_of
from sim.state import (
    ALWAYS,
    ATTACK,
    BLANK,
    CALL,
    CALLS_IN,
    CONFINE,
    FIRE,
    GIVEN_OUT,
    GROUPS,
    GUARD,
    GUARDS,
    MUSTER,
    NOT_WANTED,
    OPEN_WAY,
    OVER,
    RAISE,
    RAISES,
    READY,
    RING,
    SEIZE,
    SEND_COMMISSAR,
    SHIELDS,
    STORM,
    SUMMON,
    UNLESS_LAPSED,
    UNPLUG,
    UNTIL,
    WAITING,
    WHILE_PENDING,
    Cover,
    Place,
    Siege,
    Task,
    World,
)

AGAIN = 180.0  # minutes before a task that is over may be wanted again
WIRES = 6  # weight from which a point counts as a nerve of the city: telegraph, exchange, staff
TERM = 40.0  # minutes that an ultimatum leaves
SALVO = 30  # shells meant when fire is opened
A_POINT = 300  # most men who are reckoned with at one point of a quarter
MOBILISE_KEY, TURN_KEY, SUMMON_KEY, FIRE_KEY, WAY_KEY = range(71, 76)


@rule
def policies(w: World, ways: Ways) -> None:
    """Let the headquarters review their position."""
    if w.clock.number % w.clock.review:
        return
    take_covers(w)
    first = 0 if w.clock.sense > 0 else 1
    for side in (first, 1 - first):
        if led(w, side) and not w.sides[side].rigid:
            # what it wants now follows from what it has resolved before
            mobilised = w.sides[side].mobilised
            mobilise(w, side)
            if side == government(w):
                defend(w, side, mobilised)
            else:
                come_to_power(w, ways, side, mobilised)
    for it in w.sieges[: w.count.sieges]:
        besiege(w, it)


@rule
def take_covers(w: World) -> None:
    """See what the decisions of either side settle now: standing tasks, and steps."""
    for office in w.sides:
        office.given = 0
    for task in w.tasks[: w.count.tasks]:
        task.covered = False
    for cover in w.covers[: w.count.covers]:
        if not settles(w, cover):
            continue
        if cover.task >= 0:
            w.tasks[cover.task].covered = True
        else:
            w.sides[cover.side].given |= 1 << int(cover.does)  # numpy would keep it in eight bits


@rule
def settles(w: World, cover: Cover) -> bool:
    """Whether a decision settles something still: as long as it may come as the record has it, or its men are
    about it; or for good, unless it lapses; what was chosen otherwise, always.
    """
    decision = w.decisions[cover.decision]
    if w.clock.now >= cover.until:
        return False
    if cover.how in (ALWAYS, UNTIL):
        return True
    if decision.lapsed:
        return False
    if not isfinite(decision.fired_at):
        return bool(cover.early)
    if cover.how == UNLESS_LAPSED:
        return True
    if cover.how == WHILE_PENDING or cover.by < 0:
        return False
    state = w.tasks[cover.by].state
    return state in (WAITING, GIVEN_OUT)


@rule
def is_given(w: World, side: int, step: int) -> bool:
    """Whether decisions settle a step of a headquarters."""
    return (w.sides[side].given >> step) & 1 == 1


@rule
def strikes(w: World, side: int, tag: int, rate: float) -> bool:
    """Whether something that comes to a headquarters at a rate an hour comes in this review."""
    key = luck.join(w.audiences[w.sides[side].staff].key, tag)
    return luck.uniform(w.clock.luck, luck.PEOPLE, key, w.clock.number) < comes(w, rate)


@rule
def comes(w: World, rate: float) -> float:
    """The chance that something that comes at a rate an hour comes from one review to the next."""
    return luck.chance(rate, w.clock.review * w.clock.pulse)


@rule
def say(w: World, side: int, what: int) -> None:
    """Write down what a headquarters resolves."""
    number = note(w, RESOLVED, w.audiences[w.sides[side].staff].place, sign_of(side), -1)
    w.events[number].detail = what


@rule
def mobilise(w: World, side: int) -> None:
    """Some time after the first alarm all who are its own are called to arms."""
    office = w.sides[side]
    if office.alarmed and not office.mobilised and not is_given(w, side, READY):
        if not strikes(w, side, MOBILISE_KEY, 1 / w.p.alarm_lag):
            return
        say(w, side, MOBILISED)
        stand_ready(w, side)


@rule
def is_heard(w: World, side: int, place: int, holder: int) -> bool:
    """Whether a headquarters has heard that a place is held so."""
    return w.news[w.sides[side].staff, place].holder == holder


@rule
def want(w: World, task: Task, wanted: bool, again: bool) -> None:
    """Put a standing task on the desk if it is wanted, or take it off; one that is over only if it may come
    again. What a decision covers it leaves alone.
    """
    if task.covered or not wanted:
        if task.state == WAITING:
            task.state = NOT_WANTED
        return
    late = task.state == OVER and again and w.clock.now - task.since > AGAIN
    if task.state == NOT_WANTED or late:
        task.tries = 0
        give_task(w, task, -1)


@rule
def come_to_power(w: World, ways: Ways, side: int, mobilised: bool) -> None:
    """Against a government: muster, hold the spans, send commissars; on the offensive take what is not its
    own, and ring the seat.
    """
    office, sign = w.sides[side], sign_of(side)
    belief = sign * w.audiences[office.staff].belief  # log-odds that its own side prevails
    if mobilised and office.posture == 0 and not is_given(w, side, ATTACK):
        if strikes(w, side, TURN_KEY, offensive_rate(w, belief)):
            turn(w, side)
            say(w, side, OFFENSIVE)
    offensive, threatened, ahead = office.posture > 0, False, 0
    for at in w.places[: w.count.places]:
        foes = is_heard(w, side, at.row, -sign)
        threatened = threatened or (foes and at.span) or w.news[office.staff, at.row].raised
        if at.in_city:
            ahead += at.weight * (int(is_heard(w, side, at.row, sign)) - int(foes))
    wanted_by_committee(w, side, mobilised, offensive, mobilised and threatened, offensive and ahead > 0)
    for at in w.places[: w.count.places]:
        if (
            at.weight >= WIRES
            and at.in_city
            and (mobilised or offensive)
            and not is_heard(w, side, at.row, sign)
            and not is_given(w, side, SEND_COMMISSAR)
            and w.audiences[at.audience].side * sign >= 0  # nobody is sent into a hall of the other side
        ):
            if not isfinite(at.envoy_at[side]):
                send_commissar(w, ways, at.row, side, w.clock.now, -1)


@rule
def offensive_rate(w: World, belief: float) -> float:
    """Rate an hour at which a committee goes over to the offensive: the higher the better it thinks of its
    chances.
    """
    return w.p.offensive_rate * exp(min(max(belief, -2.0), 2.0))


@rule
def wanted_by_committee(
    w: World, side: int, mobilised: bool, offensive: bool, threatened: bool, rings: bool
) -> None:
    """What the committee wants of its standing tasks: on the offensive all that is not its own; before that,
    back what it hears it has lost, and once it is threatened what troops and orders come by.
    """
    sign, enemy = sign_of(side), w.audiences[w.sides[1 - side].seat].place
    for task in w.tasks[: w.count.tasks]:
        if not task.standing or task.side != side or task.garrison_call:
            continue
        if task.purpose == MUSTER or task.purpose == CALL:
            want(w, task, mobilised and not is_given(w, side, CALLS_IN), False)
            continue
        at = w.places[task.place]
        foes, own = is_heard(w, side, task.place, -sign), is_heard(w, side, task.place, sign)
        if task.purpose == GUARD:
            guards = threatened and at.span and at.in_city and not foes and not is_given(w, side, GUARDS)
            want(w, task, guards, True)
        elif task.purpose == SEIZE:
            nerve = bool(at.weight >= WIRES or at.gate or at.span)  # what troops and orders come by
            shields = nerve and threatened and not is_given(w, side, SHIELDS)
            back = mobilised and foes and (at.had[side] > 0 or shields) and odds_are_good(w, at, side)
            want(w, task, (offensive or back) and not own, True)
        elif task.purpose == RING:
            want(w, task, rings and foes and task.place == enemy, True)


@rule
def defend(w: World, side: int, mobilised: bool) -> None:
    """For a government: keep the garrison in, cut the other side's lines, call in, guard, strike back."""
    if mobilised:
        if not is_given(w, side, CONFINE) and not anybody_confined(w, side):
            keep_in(w, side)
        if not is_given(w, side, UNPLUG):
            unplug_the_other(w, side)
    short = mobilised and reserve_of(w, side) < w.p.reserve_men
    office, staff = w.sides[side], w.audiences[w.sides[side].staff]
    own, foes = believed_men(staff, side), believed_men(staff, 1 - side)
    spare, strong = own > w.p.reserve_men, mobilised and own > office.caution * max(foes, 1)
    for task in w.tasks[: w.count.tasks]:
        if task.standing and task.side == side:
            if task.purpose == CALL:
                call_in(w, task, side, mobilised, short)
            else:
                hold_out(w, task, side, mobilised, spare, strong)


@rule
def call_in(w: World, task: Task, side: int, mobilised: bool, short: bool) -> None:
    """Call in who can be trusted while the reserve is short, and those outside when things look bad.

    Of the garrison, whoever has no commissar of the other side may still be its own. Nobody is called twice.
    """
    if task.state == GIVEN_OUT or task.state == OVER:
        return
    if task.garrison_call:
        want(w, task, short and not task.covered and not is_won_over(w, task, 1 - side), False)
        return
    if task.kin:
        want(w, task, short and not is_given(w, side, CALLS_IN), False)
    if task.hands:
        belief = sign_of(side) * w.audiences[w.sides[side].staff].belief
        want(w, task, mobilised and belief < w.p.relief_bound and not is_given(w, side, CALLS_IN), False)


@rule
def hold_out(w: World, task: Task, side: int, mobilised: bool, spare: bool, strong: bool) -> None:
    """Muster, guard, raise the spans, and strike back with what can be spared above a reserve; at the other
    side's seat, if it is strong enough.
    """
    at, foe = w.places[task.place], is_heard(w, side, task.place, -sign_of(side))
    if task.purpose == MUSTER:
        want(w, task, mobilised and not is_given(w, side, CALLS_IN), False)
    elif task.purpose == GUARD:
        guards = mobilised and spare and not foe and at.weight > 0
        want(w, task, guards and not is_given(w, side, GUARDS), True)
    elif task.purpose == RAISE:
        want(w, task, mobilised and spare and not foe and not is_given(w, side, RAISES), True)
    elif task.purpose == SEIZE:
        enemy = task.place == w.audiences[w.sides[1 - side].seat].place
        back = spare and foe and strikes_back(w, at, side) and odds_are_good(w, at, side)
        want(w, task, back or (strong and enemy), True)


@rule
def strikes_back(w: World, at: Place, side: int) -> bool:
    """Whether a lost point is worth a party: a wire or a span that one has held."""
    return at.had[side] > 0 and (at.weight >= WIRES or at.span)


@rule
def odds_are_good(w: World, at: Place, side: int) -> bool:
    """Whether a headquarters believes that it has the men to win a point back: those who are left after its
    reserve, against the usual guard or those it hears are about the place.
    """
    office, foes = w.sides[side], 0
    for group in range(GROUPS):
        foes += w.reports[office.staff, at.audience].men[group, 1 - side]
    guard = max(at.guard_known, min(foes, A_POINT))
    spare = believed_men(w.audiences[office.staff], side) - w.p.reserve_men
    return spare > office.caution * guard


@rule
def anybody_confined(w: World, side: int) -> bool:
    """Whether a side has told anybody to stay in."""
    for unit in w.units[: w.count.units]:
        if unit.confined[side]:
            return True
    return False


@rule
def unplug_the_other(w: World, side: int) -> None:
    """Cut off the other side's staff and seat, if a line of theirs is alive and the exchange is one's own."""
    other, sign = w.sides[1 - side], sign_of(side)
    if not (w.audiences[other.staff].line or w.audiences[other.seat].line):
        return
    exchange = -1
    for place in range(w.count.places):
        if w.places[place].exchange:
            exchange = place if exchange < 0 else exchange
            if w.places[place].holder != sign:
                return
    cut_line(w, other.staff, -1.0, False, -1)
    if other.seat != other.staff:
        cut_line(w, other.seat, -1.0, False, -1)
    happened(w, w.sides[side].phones_fact, exchange, -1)


@rule
def reserve_of(w: World, side: int) -> int:
    """Men a headquarters reckons with at its seat: those it hears are there, or those it has called."""
    office = w.sides[side]
    home, there, coming = w.places[w.audiences[office.seat].place].audience, 0, 0
    for group in range(GROUPS):
        there += w.reports[office.staff, home].men[group, side]
    for task in w.tasks[: w.count.tasks]:
        if task.standing and task.side == side and task.purpose == CALL:
            coming += task.committed
    return max(there, coming)


@rule
def is_won_over(w: World, task: Task, other: int) -> bool:
    """Whether a force has accepted a commissar of the other side."""
    for unit in w.units[task.named_from : task.named_to]:
        if w.named[task.row, unit.row] and isfinite(unit.commissar_at[other]):
            return True
    return False


@rule
def draw(w: World, place: int, tag: int, turn_: int) -> float:
    """A uniform number for a besieged place."""
    return luck.uniform(w.clock.luck, luck.PEOPLE, luck.join(w.places[place].key, tag), turn_)


@rule
def besiege(w: World, it: Siege) -> None:
    """Before a besieged place: a summons once the ring is closed, then a blank, then fire and assault, each
    when it is ready.
    """
    p, now = w.p, w.clock.now
    holder = w.places[it.place].holder
    side = 1 if holder < 0 else 0  # who besieges it
    if not isfinite(it.ring_at) or holder == 0 or not led(w, side) or w.sides[side].rigid:
        return
    soon = comes(w, 1 / p.gun_readiness)
    summons = not isfinite(it.term_at) and not is_given(w, side, SUMMON)
    if summons and draw(w, it.place, SUMMON_KEY, w.clock.number) < soon:
        it.term_at = now + TERM
        it.cause = note(w, RESOLVED, it.place, -holder, -1)
        w.events[it.cause].detail = SUMMONED
    if it.term_at > now:
        return
    offers = it.way_out == 0 and not is_given(w, side, OPEN_WAY)
    if offers and draw(w, it.place, WAY_KEY, w.clock.number) < comes(w, p.parley_rate):
        it.way_out = 1
    guns = has_guns(w, holder)
    signals = guns and not is_given(w, side, BLANK)
    if signals and not isfinite(it.first_blank) and not isfinite(it.blank_at) and not isfinite(it.assault_at):
        late = luck.lognormal(draw(w, it.place, FIRE_KEY, 0), READY_SPREAD)
        it.blank_at = now + 60 * p.gun_readiness * late
    storms = not is_given(w, side, FIRE) and not is_given(w, side, STORM) and not isfinite(it.assault_at)
    if storms and (not guns or isfinite(it.first_blank)):
        if draw(w, it.place, FIRE_KEY, w.clock.number) < soon:
            if guns:
                it.fire_at, it.shells_left = now, SALVO
            it.assault_at = now
            number = note(w, RESOLVED, it.place, -holder, -1)
            w.events[number].detail = TO_BE_STORMED


@rule
def has_guns(w: World, holder: int) -> bool:
    """Whether gunners or a ship's company of the besieger's mind are in the city to serve guns."""
    for unit in w.units[: w.count.units]:
        if unit.guns and unit.men > 0 and not unit.spent and w.places[unit.place].in_city:
            if loyalty(w, unit) * -holder > 0:
                return True
    return False
