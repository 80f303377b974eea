"""Orders: two headquarters, each with a desk that gets out only so many in an hour (ODD 7.5)."""

from __future__ import annotations

from math import ceil, inf, isfinite, log

from sim import luck
from sim.city.streets import LAND_SPEED
from sim.city.ways import Ways
from sim.city.ways import row as row_of
from sim.compiled import rule
from sim.rules.leaving import detach
from sim.rules.musters import come_in
from sim.rules.units import is_dark, led, pick, side_of, sign_of
from sim.state import (
    BESIEGED,
    DESKS,
    FRONT,
    GIVEN_OUT,
    GROUPS,
    IN_QUARTERS,
    ON_POST,
    OVER,
    RAISE,
    RING,
    WAITING,
    Task,
    Unit,
    World,
)

MOST_TRIES = 3
RETRY = 30.0  # minutes before a desk comes back to a task that found nobody
RING_AGAIN = 45.0  # minutes before it calls more men to a ring
DOUBTFUL = 0.3  # share of the men a headquarters expects from a unit that has not declared for it
LEAST_PARTY = 20  # men, a platoon: fewer are not sent alone
UNKNOWN_GUARD = 40  # men a headquarters expects on a hostile post it knows nothing of
AT_DESK = 9  # luck key of the time a task takes at the desk
ARMED = 0.9  # share of the men who have rifles once an arsenal is open
NOT_DECLARED, NOT_NAMED = 5e5, 1e6  # they come after all others, in the order of those who can be sent
TELEGRAM_SPREAD = 0.5


@rule
def orders(w: World, ways: Ways) -> None:
    """Close and reopen tasks, give out what is most wanted, arm those who were called out."""
    take_stock(w)
    follow_up(w)
    first = 0 if w.clock.sense > 0 else 1  # the same headquarters first, whichever way the city is turned
    for side in (first, 1 - first):
        for table in range(DESKS):
            if w.sides[side].on_desk[table] > 0:
                desk(w, ways, side, table)
    for side in (first, 1 - first):
        if w.sides[side].on_spot > 0:
            on_the_spot(w, ways, side)
    come_out(w)


@rule
def take_stock(w: World) -> None:
    """Drop the orders from which nothing has come, and count the men who go, or have gone, to each task."""
    led_0, led_1 = led(w, 0), led(w, 1)
    for task in w.tasks[: w.count.tasks]:
        task.committed = 0
    for unit in w.units[: w.count.units]:
        if unit.task >= 0 or unit.bid[0] > 0 or unit.bid[1] > 0:
            expire(w, unit, led_0, led_1)
        if unit.task >= 0 or unit.told >= 0:
            commit(w, unit)


@rule
def expire(w: World, unit: Unit, led_0: bool, led_1: bool) -> None:
    """An order from which nothing comes dies; so does the pull of a call, and of all orders of a side with
    nobody to give them.
    """
    now, life = w.clock.now, 60.0 * w.p.order_life
    idle = unit.duty == IN_QUARTERS  # the others serve, or stand on a post
    if not led_0 or (idle and now - unit.bid_at[0] > life):
        unit.bid[0] = 0.0
    if not led_1 or (idle and now - unit.bid_at[1] > life):
        unit.bid[1] = 0.0
    if idle and unit.task >= 0 and not isfinite(unit.sets_out_at) and now - unit.order_at > life:
        unit.task = -1


@rule
def commit(w: World, unit: Unit) -> None:
    """Count the men of a unit for the task it has, unless it has refused it."""
    errand = unit.told if unit.told >= 0 else unit.task
    if errand < 0 or unit.spent:
        return
    task = w.tasks[errand]
    if not isfinite(unit.refused_at[task.side]) or isfinite(unit.sets_out_at):
        task.committed += min(unit.party, unit.men) if unit.duty == IN_QUARTERS else unit.men


@rule
def follow_up(w: World) -> None:
    """Close and reopen tasks, and count what each headquarters' desks, and its men on the spot, can take up
    now.
    """
    for office in w.sides:
        office.on_spot = 0
        for table in range(DESKS):
            office.on_desk[table] = 0
    for task in w.tasks[: w.count.tasks]:
        if task.state == GIVEN_OUT:
            close_or_reopen(w, task)
        if waits(w, task):
            w.sides[task.side].on_desk[task.on_table] += int(task.desk)
            w.sides[task.side].on_spot += int(not task.desk)


@rule
def close_or_reopen(w: World, task: Task) -> None:
    """A task is over when its place is heard to be won, and waits again when nobody is left on it."""
    now, heard = w.clock.now, w.news[w.sides[task.side].staff, task.place].holder
    if task.aims and heard == sign_of(task.side) and (task.purpose != RAISE or w.places[task.place].raised):
        task.state = OVER
        return
    if gives_up(w, task):
        task.state = OVER
        return
    if task.aims and not task.whole and task.committed == 0 and now - task.since > RETRY:
        task.tries += 1
        task.state, task.since = (OVER, task.since) if task.tries > MOST_TRIES else (WAITING, now)
    if task.purpose == RING and task.open and now - task.since > RING_AGAIN:
        task.state, task.since = WAITING, now


@rule
def gives_up(w: World, task: Task) -> bool:
    """Whether a side that is not on the offensive has been beaten off at the place of a task: it does not try
    again.
    """
    beaten = isfinite(w.places[task.place].beaten_off[task.side]) and w.p.no_second_try > 0
    return beaten and task.aims and task.purpose != RING and w.sides[task.side].posture == 0


@rule
def waits(w: World, task: Task) -> bool:
    """Whether a task can be given out now; what waits for the term of a siege, once it is out."""
    if task.state != WAITING or task.since > w.clock.now or gives_up(w, task):
        return False
    return task.staged < 0 or w.sieges[task.staged].term_at <= w.clock.now


@rule
def desk(w: World, ways: Ways, side: int, table: int) -> None:
    """One desk of a headquarters - who calls men, who conducts a siege, who works in the field - gives out
    the task it wants most, if it is free; it is busy with it for an exponential time.
    """
    office, first, rank = w.sides[side], -1, inf
    if office.desk_free_at[table] > w.clock.now or not led(w, side):
        return
    for task in w.tasks[: w.count.tasks]:
        task.same = task.side == side and task.desk and task.on_table == table and waits(w, task)
        if task.same and task.rank[side] < rank:
            first, rank = task.row, task.rank[side]
    if first < 0:
        return
    task = w.tasks[first]
    u = luck.uniform(w.clock.luck, luck.DECISION, luck.join(task.key, AT_DESK), task.handled)
    task.handled += 1
    telegram(w, ways, task)
    if task.state == GIVEN_OUT:  # a task for which nobody is found leaves the desk to the next
        office.desk_free_at[table] = w.clock.now - log(u) / office.orders_an_hour * 60


@rule
def telegram(w: World, ways: Ways, best: Task) -> None:
    """Give out a task; what a decision wants of the same forces goes with one telegram, and a call, a muster
    or a ring to all it names.
    """
    by_name = False
    for task in w.tasks[: w.count.tasks]:
        with_it = task.same and w.together[best.row, task.row] and task.decision == best.decision
        task.same = task.row == best.row or bool(with_it)
        by_name = by_name or (task.same and task.whole and not task.open)
    if by_name:
        to_all_named(w, ways)
    give_out_all(w, ways)


@rule
def to_all_named(w: World, ways: Ways) -> None:
    """Nobody is chosen where all who are named go: at one stroke, and whoever is named twice hears the later
    order.
    """
    for unit in w.units[: w.count.units]:
        unit.due = False
    for task in w.tasks[: w.count.tasks]:
        if task.same and task.whole and not task.open:
            rank_candidates(w, ways, task)
            for row in w.listed[: w.count.listed]:
                w.units[row].due, w.units[row].goal_task = True, task.row
            given_out(w, task, w.count.listed > 0)
            task.same = False
    for unit in w.units[: w.count.units]:
        if unit.due:
            send(w, unit, w.tasks[unit.goal_task], unit.men)


@rule
def given_out(w: World, task: Task, found: bool) -> None:
    """A task is given out, or waits a while if nobody was found for it."""
    task.state = GIVEN_OUT if found else WAITING
    task.since = w.clock.now if found else w.clock.now + RETRY


@rule
def give_out_all(w: World, ways: Ways) -> None:
    """Give out what is marked, in its order."""
    while True:
        first, order = -1, inf
        for task in w.tasks[: w.count.tasks]:
            if task.same and task.order < order:
                first, order = task.row, task.order
        if first < 0:
            return
        w.tasks[first].same = False
        give_out(w, ways, w.tasks[first])


@rule
def on_the_spot(w: World, ways: Ways, side: int) -> None:
    """Orders of people who are with their men need no headquarters."""
    for task in w.tasks[: w.count.tasks]:
        task.same = task.side == side and not task.desk and waits(w, task)
    give_out_all(w, ways)


@rule
def give_out(w: World, ways: Ways, task: Task) -> None:
    """Send orders to the nearest of those named, then to others believed willing, until the men suffice."""
    rank_candidates(w, ways, task)
    wanted, reckoned_on, found = inf if task.whole else men_wanted(w, task), 0.0, False
    while True:
        nearest, rank = -1, inf
        for row in w.listed[: w.count.listed]:
            if w.units[row].rank < rank:
                nearest, rank = row, w.units[row].rank
        if nearest < 0:
            break
        unit = w.units[nearest]
        # rifles count, not heads
        each = (1.0 if believed_willing(unit, task.side) else DOUBTFUL) * max(unit.arms, w.p.unarmed)
        reckoned_on += each * unit.men
        lacking = wanted - (reckoned_on - each * unit.men)
        if lacking <= 0:
            break
        unit.rank, found = inf, True
        party = max(lacking / each, float(LEAST_PARTY))
        send(w, unit, task, unit.men if party >= unit.men else int(ceil(party)))
    given_out(w, task, found)


@rule
def rank_candidates(w: World, ways: Ways, task: Task) -> None:
    """List the units that can be sent on a task, with their ranks: those named and willing first, the nearest
    before others.
    """
    mask, w.count.listed = raised_mask(w), 0
    first, end = (0 if task.open else task.named_from), (w.count.units if task.open else task.named_to)
    for unit in w.units[first:end]:
        named = w.named[task.row, unit.row] > 0
        if not named and not (task.open and unit.in_city and not unit.civilian):
            continue
        if not able(w, unit, task) or (unit.duty == ON_POST and stays_at_post(w, unit, task, named)):
            continue
        willing = believed_willing(unit, task.side)
        if not (named or willing):
            continue
        minutes = ways.minutes[row_of(ways, unit.graph, mask), unit.place, task.place]
        minutes = minutes / (unit.speed / LAND_SPEED)
        if isfinite(minutes):
            unit.rank = (
                (0.0 if named and willing else NOT_DECLARED if named else NOT_NAMED)
                + minutes
                + unit.order * 1e-6
            )
            pick(w, unit)


@rule
def raised_mask(w: World) -> int:
    """The bridges that are raised, as bits."""
    mask = 0
    for span in w.spans[: w.count.spans]:
        if w.places[span].raised:
            mask |= w.places[span].bit
    return mask


@rule
def able(w: World, unit: Unit, task: Task) -> bool:
    """Whether a unit can be sent on a task: armed men there, at its side's disposal, who have not just
    refused.

    What waits for the term of a siege may be done by men of its ring.
    """
    if unit.men == 0 or unit.spent or unit.duty >= BESIEGED or (unit.arms == 0 and not unit.civilian):
        return False
    answered = unit.refused_at[task.side]
    if isfinite(answered) and w.clock.now - answered < 60.0 * w.p.order_life:
        return False
    if not busy(w, unit):
        return True
    if task.staged < 0 or unit.task < 0 or unit.told >= 0 or unit.duty != ON_POST:
        return False
    return w.tasks[unit.task].purpose == RING and w.tasks[unit.task].side == task.side


@rule
def busy(w: World, unit: Unit) -> bool:
    """Whether a headquarters cannot take a unit for something else."""
    if unit.told >= 0:
        return True
    return unit.task >= 0 and not (w.tasks[unit.task].frees and unit.duty == ON_POST)


@rule
def stays_at_post(w: World, unit: Unit, task: Task, named: bool) -> bool:
    """Whether a unit on post is a guard that is not taken off it: one posted away from its force's quarters;
    one posted there, or called to its side's seat or staff, unless it is named.

    A headquarters left to itself keeps a reserve there instead.
    """
    if w.p.guards_stay <= 0:
        return False
    if unit.task < 0:
        return unit.home != w.forces[unit.force].home or not named
    seat, staff = w.audiences[w.sides[task.side].seat].place, w.audiences[w.sides[task.side].staff].place
    return not named and not task.standing and (unit.place == seat or unit.place == staff)


@rule
def believed_willing(unit: Unit, side: int) -> bool:
    """Whether a headquarters counts on a unit: its own kinds, and whoever has declared for it."""
    sign = sign_of(side)
    return (unit.trusted == sign and unit.group != FRONT) or unit.stance == sign


@rule
def send(w: World, unit: Unit, task: Task, party: int) -> None:
    """Send a unit its order, by the best way there is; on post, no more of its men than are wanted."""
    if unit.duty == ON_POST and w.p.parties > 0:
        if unit.task >= 0:
            unit.under = unit.task if w.tasks[unit.task].frees and not task.frees else -1
        if party < unit.men:
            stays = unit
            unit = w.units[detach(w, unit, party)]
            if unit.row != stays.row:
                stays.under = -1
    there = w.places[unit.place].audience
    u = luck.uniform(w.clock.luck, luck.MESSAGE, luck.join(task.key, unit.key), task.tries)
    late = luck.lognormal(u, TELEGRAM_SPREAD)
    unit.told, unit.party = task.row, party
    unit.told_at = w.clock.now + w.reports[there, task.origin].delay * late


@rule
def men_wanted(w: World, task: Task) -> float:
    """Men a task takes: as many as the decision says, and odds enough over the guard it knows of, or hears of
    in a hall of the other side.
    """
    office, at = w.sides[task.side], w.places[task.place]
    hostile = w.news[office.staff, task.place].holder == -sign_of(task.side)
    there = 0
    for group in range(GROUPS):
        there += w.reports[office.staff, at.audience].men[group, 1 - task.side]
    if task.purpose == RING:
        return max(office.caution_palace * there - ringed(w, task), 0.0)
    guard = max(at.guard_known, UNKNOWN_GUARD) if hostile else 0
    if hostile and w.audiences[at.audience].side != 0:
        guard = max(guard, there)
    needed = 0.0 if task.numbered and w.p.named_numbers > 0 else office.caution * guard
    return max(float(task.men), needed) * (1 + task.tries)


@rule
def ringed(w: World, ring: Task) -> int:
    """Men already given to the ring round a place."""
    men = 0
    for task in w.tasks[: w.count.tasks]:
        if task.purpose == RING and task.place == ring.place and task.side == ring.side:
            men += task.committed
    return men


@rule
def come_out(w: World) -> None:
    """Levies come together at their musters; men called out draw rifles while their side holds an arsenal."""
    share = luck.chance(w.p.arming_rate, w.clock.pulse)
    step, dark = luck.chance(1.0 / w.p.muster_time, w.clock.pulse), is_dark(w)
    held_0, held_1 = False, False
    for at in w.places[: w.count.places]:
        if at.arsenal:
            held_0, held_1 = held_0 or at.holder < 0, held_1 or at.holder > 0
    for unit in w.units[: w.count.units]:
        if unit.stance == 0 or not unit.in_city or unit.civilian:
            continue
        if unit.levy:
            come_in(w, unit, step, dark)
        held = held_1 if unit.stance > 0 else held_0
        if held and unit.bid[side_of(unit.stance)] > 0 and unit.arms < ARMED:
            unit.arms += (ARMED - unit.arms) * share
